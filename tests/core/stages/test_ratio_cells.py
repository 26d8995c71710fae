"""The stage `ratio_cells`: merged cells hold the sky's probabilities, and their information as stated."""

import numpy as np
import pytest

from core.likelihood.closed_form import closed_form
from core.products.recipe import ProductKey
from tests.core.stages.analyses import CHANNEL, MASS, N_EVENTS, Analysis


def columns(analysis: Analysis) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    table = analysis.table("ratio_cells")
    background, signal, ratio = (
        table[name].to_numpy() for name in ("background_probability", "signal_probability", "ratio")
    )
    return background, signal, ratio


def test_cells_hold_the_whole_sky(joint: Analysis) -> None:
    background, signal, _ = columns(joint)
    assert background.sum() == pytest.approx(1.0, abs=1e-9)
    assert signal.sum() == pytest.approx(1.0, abs=1e-9)
    table = joint.table("ratio_cells")
    assert sum(table["n_sky_cells"].to_pylist()) == joint.table("signal_pdf").num_rows
    assert table.num_rows <= joint.config.statistic.n_cells
    assert set(table["n_events"].to_pylist()) == {N_EVENTS}


def test_the_subtracted_ratio_is_1_on_average(joint: Analysis) -> None:
    """R = 1 + (S - S̃)/B: its mean over the background is 1, since signal and average are both whole."""
    background, _, ratio = columns(joint)
    assert np.sum(background * ratio) == pytest.approx(1.0, abs=1e-9)
    assert ratio.min() < 1.0 < ratio.max()


def test_the_information_is_that_of_the_cells(joint: Analysis) -> None:
    background, signal, ratio = columns(joint)
    row = joint.table("ratio_cells").slice(0, 1).to_pylist()[0]
    assert row["fisher_information"] == pytest.approx(np.sum(background * (ratio - 1.0) ** 2))
    assert 0.0 <= row["fisher_information_loss"] < 0.05
    form = closed_form(background, signal, ratio, N_EVENTS)
    assert row["n_s_uncertainty"] == pytest.approx(form.n_s_uncertainty)
    assert row["n_s_uncertainty"] == pytest.approx(np.sqrt(N_EVENTS / row["fisher_information"]), rel=0.05)


def test_its_recipe_names_what_it_is_merged_from_and_how(joint: Analysis) -> None:
    (recipe,) = joint.recipes("ratio_cells")
    assert recipe.parameters == {"background": "data", "n_cells": 64}
    assert recipe.inputs == (ProductKey("signal_pdf", {"channel": CHANNEL, "mass": MASS}), ProductKey("background_pdf"))
