"""The stage `asimov`: numbers without trials, beside those of the trials of the same densities."""

import pytest

from core.stages.asimov import OF_TRIALS, STAGE
from tests.core.stages.analyses import Analysis


def test_it_waits_for_no_trials(any_statistic: Analysis) -> None:
    assert not any_statistic.inputs("asimov") & {"background_trials", "signal_trials"}
    assert not [name for name in STAGE.columns if name.endswith(OF_TRIALS)]
    assert "seed" not in STAGE.keys


def test_the_expected_sensitivity_is_that_of_the_trials(any_statistic: Analysis) -> None:
    expected, found = any_statistic.row("asimov"), any_statistic.row("sensitivity")
    error = found["n_s_sensitivity_error"]
    assert expected["n_s_sensitivity"] == pytest.approx(found["n_s_sensitivity"], abs=5.0 * error)
    assert 0.0 < error < 0.1 * found["n_s_sensitivity"]
    assert expected["n_s_per_sigma_v"] == pytest.approx(found["n_s_per_sigma_v"])
    assert expected["statistic"] == found["statistic"]


def test_a_cross_section_is_its_number_of_events_over_events_per_cross_section(any_statistic: Analysis) -> None:
    row = any_statistic.row("asimov")
    assert row["sigma_v_sensitivity"] * row["n_s_per_sigma_v"] == pytest.approx(row["n_s_sensitivity"])
    assert row["sigma_v_sensitivity_error"] / row["sigma_v_sensitivity"] == pytest.approx(
        row["n_s_per_sigma_v_error"] / row["n_s_per_sigma_v"]
    )


def test_discovery_takes_more_than_exclusion(joint: Analysis) -> None:
    row = joint.row("asimov")
    assert row["n_s_sensitivity"] < row["n_s_discovery_3sigma"] < row["n_s_discovery_5sigma"]
    assert row["threshold_3sigma"] == pytest.approx(9.0, rel=0.02)
    assert row["threshold_5sigma"] == pytest.approx(25.0, rel=0.02)
