"""Trials of a pair: their summary by hand, of rows and of bins alike, and what may be said of their statistic."""

import pyarrow as pa
import pytest

from dashboards.trials import Trials, discovery_summary, injected_groups, trials_summary

UNSIGNED = [None, None, None]


def rows(n_s: list[float], ts: list[float], **more: list[int]) -> pa.Table:
    """Trials of which signed and other numbers are the same."""
    columns = {"n_s": n_s, "n_s_signed": n_s, "test_statistic": ts, "test_statistic_signed": ts}
    return pa.table(columns | more)


BACKGROUND = rows([-2.0, 0.0, 2.0], [-4.0, 0.0, 4.0])
SIGNAL = rows([9.0, 11.0, 3.0, 5.0], [9.0, 25.0, -1.0, 1.0], n_injected=[10, 10, 4, 4])
WITHOUT_SIGN = BACKGROUND.set_column(3, "test_statistic_signed", pa.array(UNSIGNED, pa.float64()))


def test_the_summary_of_a_few_trials_is_that_by_hand() -> None:
    background, four, ten = trials_summary(BACKGROUND, SIGNAL).to_pylist()
    assert (background["n_injected"], background["n_trials"], background["mean of n_s_signed"]) == (0, 3, 0.0)
    assert background["standard deviation of n_s_signed"] == pytest.approx((8.0 / 3.0) ** 0.5)
    assert background["median of test_statistic_signed"] == 0.0
    assert background["share above background median"] == pytest.approx(1.0 / 3.0)
    assert (four["n_injected"], four["mean of n_s_signed"], four["share above background median"]) == (4, 4.0, 0.5)
    assert (ten["n_injected"], ten["mean of n_s_signed"], ten["median of test_statistic_signed"]) == (10, 10.0, 17.0)
    assert ten["share above background median"] == 1.0


def test_trials_counted_in_bins_have_the_summary_of_their_rows() -> None:
    """Two trials at TS = 1 with n_s of 1 and 3, one at TS = 4 with n_s of 8."""
    single = rows([1.0, 3.0, 8.0], [1.0, 1.0, 4.0])
    bins = pa.table(
        {
            "binned": ["test_statistic_signed"] * 2,
            "bin_low": [1.0, 4.0],
            "bin_high": [1.0, 4.0],
            "n_trials": [2, 1],
            "n_s_sum": [4.0, 8.0],
            "n_s_square_sum": [10.0, 64.0],
        }
    )
    (of_rows,), (of_bins,) = trials_summary(single, None).to_pylist(), trials_summary(bins, None).to_pylist()
    assert of_bins == pytest.approx(of_rows)


def test_groups_rise_from_the_background_on() -> None:
    groups = injected_groups(BACKGROUND, SIGNAL)
    assert [(number, group.num_rows) for number, group in groups.items()] == [(0, 3), (4, 2), (10, 2)]
    assert groups[4]["n_s"].to_pylist() == [3.0, 5.0]
    assert list(injected_groups(BACKGROUND, None)) == [0]


def test_trials_without_a_signed_fit_are_summed_up_by_the_other() -> None:
    assert Trials(BACKGROUND, None, None, ()).column == "test_statistic_signed"
    assert Trials(WITHOUT_SIGN, None, None, ()).column == "test_statistic"
    (row,) = trials_summary(WITHOUT_SIGN, None).to_pylist()
    assert (row["mean of n_s"], row["median of test_statistic"]) == (0.0, 0.0)


@pytest.mark.parametrize(
    ("told", "is_of_one_fit", "is_of_one_sky"),
    [("joint", True, True), ("j_weighted", False, False), ("j_weighted_one_sky", False, True)],
)
def test_what_law_trials_follow_is_what_their_sensitivity_says(
    told: str, is_of_one_fit: bool, is_of_one_sky: bool
) -> None:
    trials = Trials(BACKGROUND, None, pa.table({"statistic": [told]}), ())
    assert (trials.is_of_one_fit, trials.is_of_one_sky) == (is_of_one_fit, is_of_one_sky)


def test_without_a_sensitivity_only_a_signed_fit_counts_as_one_fit() -> None:
    assert Trials(BACKGROUND, None, None, ()).is_of_one_fit
    assert not Trials(WITHOUT_SIGN, None, None, ()).is_of_one_sky
    assert Trials(BACKGROUND, None, None, ()).by_n_injected == {}


@pytest.mark.parametrize(("process", "strength"), [("annihilation", "sigma_v"), ("decay", "decay_rate")])
def test_a_discovery_potential_has_a_row_a_significance(process: str, strength: str) -> None:
    row = {"process": process}
    for place, level in enumerate(("3sigma", "5sigma")):
        row |= {f"threshold_{level}": 9.0 + 16 * place, f"threshold_{level}_error": 0.1 + place}
        row |= {f"threshold_{level}_n_effective": 100.0 + place, f"n_s_discovery_{level}": 30.0 + 20 * place}
        row |= {f"n_s_discovery_{level}_error": 3.0 + place, f"{strength}_discovery_{level}": 1e-23 * (1 + place)}
    three, five = discovery_summary(pa.Table.from_pylist([row])).to_pylist()
    assert list(three.values()) == ["3σ", 9.0, 0.1, 100.0, 30.0, 3.0, 1e-23]
    assert list(five.values()) == ["5σ", 25.0, 1.1, 101.0, 50.0, 4.0, 2e-23]
    assert list(three)[-1] == strength
