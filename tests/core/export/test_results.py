"""What is handed on: limits beside those by trials, and tables of likelihoods."""

import math

import pytest

from core.export.results import Results, counts_source
from core.pdfs.likelihood_cells import STACKED
from tests.core.export.made_results import SIGMAS, Z, results


@pytest.fixture(scope="module")
def made() -> Results:
    return results()


def test_limits_stand_beside_those_by_trials(made: Results) -> None:
    rows = made.limit_rows()
    assert len(rows) == 2 * len(SIGMAS)
    for row in rows[: len(SIGMAS)]:
        sigma = SIGMAS[row["channel"], row["mass"]]
        assert row["likelihood"] == "right ascension, expected"
        assert row["sigma_v_profile_likelihood_limit"] == pytest.approx(Z * sigma, rel=1e-3)
        assert row["sigma_v_trials_limit"] == 1.3 * sigma
        assert row["trials_over_profile_likelihood"] == pytest.approx(1.3 / Z, rel=1e-3)


def test_counts_say_how_far_the_best_fit_of_any_sign_lies_below(made: Results) -> None:
    """Best at -0.5 sigma: 0.25 at zero strength; the limit is where (x + 0.5)² - 0.25 = z²."""
    for row in made.limit_rows()[len(SIGMAS) :]:
        sigma = SIGMAS[row["channel"], row["mass"]]
        assert row["likelihood"] == "counts, measured"
        assert row["fall_below_zero"] == pytest.approx(0.25)
        expected = (math.sqrt(Z**2 + 0.25) - 0.5) * sigma
        assert row["sigma_v_profile_likelihood_limit"] == pytest.approx(expected, rel=2e-3)
        assert row["sigma_v_trials_limit_unfloored"] == sigma


def test_each_galaxy_has_its_own_limit(made: Results) -> None:
    rows = made.source_limit_rows()
    assert len(rows) == 2 * len(SIGMAS)
    alone = {(row["channel"], row["mass"], row["source"]): row["sigma_v_profile_likelihood_limit"] for row in rows}
    assert alone["bb", 50.0, "Willman 1"] == pytest.approx(1.5 * Z * 5e-20, rel=1e-3)


def test_the_stacked_table_has_the_sum_of_all_factors(made: Results) -> None:
    first = made.likelihood_tables[0]
    assert first.source == STACKED
    assert first.log10_factor == pytest.approx(math.log10(10**19.5 + 10**19.3))
    assert made.likelihood_tables[-1].log10_factor in (19.5, 19.3)
    assert [table.channel for table in made.count_tables] == ["tautau", "bb"]
    assert made.channels == ["tautau", "bb"]


def test_counts_are_named_by_what_shines() -> None:
    assert counts_source("none") == "dwarfs"
    assert counts_source("nfw") == "dwarfs and nfw halo"
