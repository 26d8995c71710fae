"""The cells of a sky on which a halo of any strength is fitted beside the galaxies."""

import numpy as np
import pytest

from core.errors import InputError, PhysicsError
from core.inference.asimov import joint_law
from core.pdfs.joint_cells import joint_ratio_cells, told_from_halo
from tests.core.pdfs.halo_pairs import halo_pair

CASE = ("tautau", 20.0, "burkert")


def test_the_cells_know_what_is_left_to_the_galaxies() -> None:
    both = halo_pair(*CASE)
    cells = joint_ratio_cells(both.pair.signal_pdf(), both.halo, both.pair.background, "data", 64)
    assert cells["background_probability"].to_numpy().sum() == pytest.approx(1.0)
    assert cells["signal_probability"].to_numpy().sum() == pytest.approx(1.0)
    own = told_from_halo(cells)
    assert "ratio_beside" not in own.column_names
    law = joint_law(own)
    assert law.n_s_uncertainty == pytest.approx(cells["n_s_uncertainty"][0].as_py())
    per_event = both.information().sensitivity["free"] * both.n_s_per_sigma_v
    assert law.gaussian_crossings(0.0, 0.9)[0] == pytest.approx(per_event, rel=2e-3)
    # What is left has no part that a halo could mimic.
    background, beside = (
        own_column.to_numpy() for own_column in (cells["background_probability"], cells["ratio_beside"])
    )
    assert np.sum(background * (own["ratio"].to_numpy() - 1.0) * (beside - 1.0)) == pytest.approx(0.0, abs=1e-12)


def test_a_halo_that_is_the_signal_leaves_nothing() -> None:
    pair = halo_pair(*CASE).pair
    with pytest.raises(PhysicsError, match="cannot be told from a free halo"):
        joint_ratio_cells(pair.signal_pdf(), pair.signal_pdf(), pair.background, "data", 64)


def test_other_cells_are_refused() -> None:
    both = halo_pair(*CASE)
    with pytest.raises(InputError, match="not of the same cells"):
        joint_ratio_cells(both.pair.signal_pdf(), both.halo.slice(0, 10), both.pair.background, "data")
