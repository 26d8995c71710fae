"""The stage `discovery_potential`: thresholds from the tail of one sky's trials, and what half of trials exceed."""

import pytest
from scipy.stats import norm

from core.inference.discovery_product import INJECTED_OVER_UNCERTAINTY
from core.stages.discovery_potential import N_DISCOVERY_TRIALS, has_one_sky
from tests.core.stages.analyses import N_TAIL, Analysis

N_NUMBERS = len(INJECTED_OVER_UNCERTAINTY)


@pytest.mark.parametrize(("level", "n_sigma"), [("3sigma", 3.0), ("5sigma", 5.0)])
def test_thresholds_are_near_those_of_half_a_chi_square(joint: Analysis, level: str, n_sigma: float) -> None:
    row = joint.row("discovery_potential")
    error = row[f"threshold_{level}_error"]
    assert row[f"threshold_{level}"] == pytest.approx(n_sigma**2, abs=5.0 * error + 0.1)
    assert 0.0 < error < 0.1 * row[f"threshold_{level}"]
    assert row[f"threshold_{level}_asymptotic_p_value"] == pytest.approx(norm.sf(n_sigma), rel=0.3)


def test_more_signal_is_needed_for_more_sigma(joint: Analysis, one_sky: Analysis) -> None:
    for analysis in (joint, one_sky):
        row, excluded = analysis.row("discovery_potential"), analysis.row("sensitivity")
        assert excluded["n_s_sensitivity"] < row["n_s_discovery_3sigma"] < row["n_s_discovery_5sigma"]
        for level in ("3sigma", "5sigma"):
            per_event = row[f"sigma_v_discovery_{level}"] / row[f"n_s_discovery_{level}"]
            assert per_event * excluded["n_s_per_sigma_v"] == pytest.approx(1.0)
        assert (row["n_tail_trials"], row["n_signal_trials"]) == (N_TAIL, N_NUMBERS * N_DISCOVERY_TRIALS)


def test_the_expectation_without_trials_is_near(joint: Analysis) -> None:
    found, expected = joint.row("discovery_potential"), joint.row("asimov")
    for level in ("3sigma", "5sigma"):
        name = f"n_s_discovery_{level}"
        assert found[name] == pytest.approx(expected[name], abs=5.0 * found[f"{name}_error"] + 0.01 * expected[name])


def test_separate_skies_understate_the_tail_and_have_none(j_weighted: Analysis, one_sky: Analysis) -> None:
    assert not has_one_sky(j_weighted.config)
    assert has_one_sky(one_sky.config)
    assert j_weighted.recipes("discovery_potential") == []
