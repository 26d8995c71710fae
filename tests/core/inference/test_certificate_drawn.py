"""Skies whose J factors and detectors are drawn: what is true of each, and what limits make of it."""

import numpy as np
import pytest

from core.inference.certificate_drawn import (
    N_TRIALS,
    DrawnTruths,
    detector_rows,
    drawn_fits,
    j_drawn_rows,
    nominal_roots,
    share_above,
)
from core.inference.certified_pair import CertifiedPair
from core.likelihood.j_profile import FactorErrors
from tests.core.inference.certified_pairs import certified
from tests.core.pdfs.public_pairs import public_pair
from tests.core.pdfs.source_pairs import cells, patterns

PAIR = ("tautau", 20.0)


@pytest.fixture(autouse=True)
def few_trials(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few trials behind the limits of few skies: half a per cent of coverage, of some skies that tell ten."""
    monkeypatch.setattr("core.inference.certificate.N_SIGNAL", 5_000)


def errors(scale: float = 1.0) -> FactorErrors:
    known = FactorErrors.of_sources(public_pair(*PAIR).expected.sources)
    return FactorErrors(scale * known.low, scale * known.high)


def test_shares_are_ranks_of_those_above() -> None:
    assert share_above(np.array([3.0, 1.0, 2.0]), np.array([0.0, 1.5, 9.0])) == pytest.approx(
        [3.5 / 4.0, 2.5 / 4.0, 0.5 / 4.0]
    )


def test_truths_are_drawn_within_the_errors_of_each_value() -> None:
    known = errors()
    drawn = DrawnTruths.of(known, known.low.size, np.ones((4000, 1)), seed=1)
    upwards = np.log(np.maximum(drawn.j_factors, 1.0))
    root_mean_square = np.sqrt((upwards**2).mean(axis=0) * 2.0)
    assert root_mean_square == pytest.approx(known.high, rel=0.12)
    assert np.all(DrawnTruths.of(None, 3, np.ones((5, 1)), seed=1).j_factors == 1.0)


@pytest.mark.slow
def test_a_detector_that_sees_more_gives_more_signal() -> None:
    pair = certified(*PAIR)
    strength = 2000.0 / pair.n_s_per_strength
    for factor in (0.5, 1.0, 1.5):
        n_parts = pair.skies.zone.max() // len(pair.skies.spread) + 1
        truths = DrawnTruths.of(None, len(pair.cells.signal), np.full((60, n_parts), factor), seed=1)
        found = drawn_fits(pair, strength, truths, np.random.default_rng(3), 0.9)
        assert found.n_s_true == pytest.approx(2000.0 * factor)
        assert abs(found.fits.n_s.mean() - 2000.0 * factor) < 4.0 * found.fits.n_s.std() / np.sqrt(60)
        assert found.trials.shape == (60, N_TRIALS)
        assert found.exceeding.mean() == pytest.approx(0.5, abs=4.0 * np.sqrt(1.0 / 12.0 / 60))


def test_roots_of_nominal_trials_are_those_of_the_engine() -> None:
    pair = certified(*PAIR)
    roots = nominal_roots(pair, 0.0, 4000, np.random.default_rng(1))
    assert roots.mean() == pytest.approx(0.0, abs=0.08)
    assert roots.std() == pytest.approx(1.0, abs=0.06)


@pytest.mark.slow
def test_a_detector_known_exactly_changes_nothing() -> None:
    pair, form = certified(*PAIR), public_pair(*PAIR).closed_form()
    rows = detector_rows(pair, form.sensitivity, form.n_s_uncertainty, np.ones((80, 1)), np.ones(1), seed=2)
    assert {row["limit"] for row in rows} == {
        "upper_limit_unfloored_detector_drawn",
        "upper_limit_marginalised_detector",
    }
    assert len(rows) == 8
    for row in rows:
        assert row["coverage"] == pytest.approx(0.9, abs=4.0 * np.sqrt(0.09 / 80))
        assert row["passed"] is None or row["passed"]


@pytest.mark.slow
def test_fixed_j_factors_cover_too_little_where_they_are_drawn_and_marginalised_ones_enough() -> None:
    pair, form, public = certified(*PAIR), public_pair(*PAIR).closed_form(), public_pair(*PAIR)
    edges = public.binned_background.reco_cos_zenith_edges
    by_source = CertifiedPair.of(patterns(*PAIR), cells(*PAIR), "data", edges)
    rows = j_drawn_rows(
        pair, by_source, errors(), 3.3, form.sensitivity, form.n_s_uncertainty, np.ones((160, 1)), seed=6
    )
    shares = {
        kind: np.array([row["coverage"] for row in rows if row["limit"] == f"upper_limit_{kind}"])
        for kind in ("unfloored_j_drawn", "marginalised_j", "profiled_j")
    }
    error = np.sqrt(0.09 / 160)
    assert shares["unfloored_j_drawn"][-1] < 0.9 - 3.0 * error
    assert shares["marginalised_j"] == pytest.approx(0.9, abs=4.0 * error)
    assert np.all(shares["profiled_j"] > 0.9 - 4.0 * np.sqrt(0.09 / 20))
