"""The stage `source_information`: shares that sum to 1, events as in the acceptance, information as in the cells."""

import numpy as np
import pytest

from core.pdfs.source_information import information_of_table, slope_share
from core.stages.source_information import GREATEST_NSIDE
from tests.core.stages.analyses import CHANNEL, MASS, N_EVENTS, Analysis


def test_expected_events_of_each_galaxy_are_those_of_its_acceptance(joint: Analysis) -> None:
    """By the pattern on the sky and by effective area alone."""
    table, acceptance = joint.table("source_information"), joint.table("acceptance")
    assert table["source"].to_pylist() == acceptance["source"].to_pylist()
    np.testing.assert_allclose(table["n_s_per_sigma_v"].to_numpy(), acceptance["n_s_per_sigma_v"].to_numpy(), rtol=1e-9)


def test_shares_are_those_of_the_matrix_and_sum_to_one(joint: Analysis) -> None:
    table = joint.table("source_information")
    share = table["slope_share"].to_numpy()
    assert share.sum() == pytest.approx(1.0)
    np.testing.assert_allclose(share, slope_share(information_of_table(table)), rtol=1e-12)


def test_the_matrix_is_symmetric_and_no_sky_has_less_than_no_information(joint: Analysis) -> None:
    matrix = information_of_table(joint.table("source_information"))
    np.testing.assert_allclose(matrix, matrix.T, rtol=1e-9)
    assert np.linalg.eigvalsh(matrix).min() > -1e-9 * np.trace(matrix)
    # No pair of sources shares more than both have.
    own = np.sqrt(np.diag(matrix))
    assert np.all(np.abs(matrix) <= np.outer(own, own) * (1.0 + 1e-9))


def test_its_sum_is_the_information_of_the_ratio_cells(joint: Analysis) -> None:
    """N / σ(n_s)² of the merged cells, per event: 64 cells lose less than 3 %."""
    total = information_of_table(joint.table("source_information")).sum()
    n_s = joint.table("source_information")["n_s_per_sigma_v"].to_numpy().sum()
    spread = joint.table("ratio_cells")["n_s_uncertainty"][0].as_py()
    assert n_s / np.sqrt(total) == pytest.approx(spread, rel=0.03)
    assert joint.table("ratio_cells")["n_events"][0].as_py() == N_EVENTS


def test_a_known_background_tells_more_of_every_galaxy(joint: Analysis) -> None:
    table = joint.table("source_information")
    assert set(table["background"].to_pylist()) == {"data"}
    own, known = (np.diag(information_of_table(table, other)) for other in (False, True))
    assert np.all(known > own)


def test_pixels_are_no_finer_than_needed_and_no_finer_than_the_analysis(joint: Analysis) -> None:
    (recipe,) = joint.recipes("source_information")
    assert recipe.product.keys == {"channel": CHANNEL, "mass": MASS}
    assert recipe.parameters["nside"] == min(joint.config.statistic.nside, GREATEST_NSIDE) == 8
    assert joint.inputs("source_information") == {"sources", "response", "spectra", "background_pdf"}
