"""The stage `sensitivity`: one row a pair that follows from all of its trials."""

import pytest

from core.likelihood.closed_form import closed_form
from tests.core.stages.analyses import N_BACKGROUND, N_EVENTS, N_SIGNAL, Analysis

NAMES = {
    ("joint", "separate"): "joint",
    ("j_weighted", "separate"): "j_weighted",
    ("j_weighted", "one"): "j_weighted_one_sky",
}


def test_all_trials_are_named_with_their_number_of_shards(any_statistic: Analysis) -> None:
    (recipe,) = any_statistic.recipes("sensitivity")
    trials = [product for product in recipe.inputs if product.stage.endswith("_trials")]
    assert all(product.n_parts == 1 for product in trials)
    assert len(trials) == 1 + len(any_statistic.recipes("signal_trials"))
    assert recipe.parameters["n_background_trials"] == N_BACKGROUND


def test_the_row_says_from_what_it_follows(any_statistic: Analysis) -> None:
    row, settings = any_statistic.row("sensitivity"), any_statistic.config.statistic
    assert (row["statistic"], row["sample"], row["limitation"]) == (
        NAMES[settings.name, settings.skies],
        "public-3y",
        "",
    )
    assert (row["n_background_trials"], row["n_signal_trials"]) == (N_BACKGROUND, 9 * N_SIGNAL)
    assert row["process"] == "annihilation"


def test_it_agrees_with_the_closed_form(joint: Analysis) -> None:
    cells, row = joint.table("ratio_cells"), joint.row("sensitivity")
    names = ("background_probability", "signal_probability", "ratio")
    average = cells["signal_average_probability"].to_numpy()
    form = closed_form(*(cells[name].to_numpy() for name in names), N_EVENTS, signal_average=average)
    assert row["n_s_sensitivity_closed_form"] == pytest.approx(form.sensitivity)
    assert row["n_s_sensitivity"] == pytest.approx(form.sensitivity, abs=5.0 * row["n_s_sensitivity_error"])
    assert row["n_s_uncertainty"] == pytest.approx(form.n_s_uncertainty)


def test_bands_are_in_order_and_an_edge_below_background_is_open(any_statistic: Analysis) -> None:
    row = any_statistic.row("sensitivity")
    assert row["sigma_v_band_lo95"] is None
    assert 0.0 < row["sigma_v_sensitivity"] < row["sigma_v_band_hi68"] < row["sigma_v_band_hi95"]


def test_limits_by_cls_are_weaker_where_the_data_fluctuate_down(any_statistic: Analysis) -> None:
    row = any_statistic.row("asimov")
    cls = [row[f"sigma_v_cls_{name}"] for name in ("band_lo95", "band_lo68", "median", "band_hi68", "band_hi95")]
    assert cls == sorted(cls)
    assert cls[0] > 0.0
    assert row["sigma_v_cls_median"] > row["sigma_v_sensitivity"]
