"""Data beside the fitted model: residuals against Poisson's own, and muons in proportion to their normalisation."""

import numpy as np
import pyarrow as pa
import pytest

from core.glossary import GLOSSARY
from core.inference.atmospheric_expectation import atmospheric_expectation_product
from core.inference.atmospheric_model import FIT_NAMES, NOMINAL_VALUES, place_of
from core.inference.atmospheric_templates import MASS_SPLITTING_RANGE
from core.response.folded import N_CELLS
from tests.core.inference.flat_counts import N_MUONS, PER_GROUP, flat_model


def fit(**changed: float) -> pa.Table:
    values = NOMINAL_VALUES.copy()
    for name, value in changed.items():
        values[place_of(name)] = value
    order = np.random.default_rng(1).permutation(len(FIT_NAMES))  # rows may stand in any order
    return pa.table({"parameter": np.array(FIT_NAMES)[order].tolist(), "best_fit": values[order]})


def product(counts: float, muon_error: float = 1e-3, **changed: float) -> pa.Table:
    data = pa.table({"n_events": np.full(N_CELLS, counts).astype(np.int64)})
    return atmospheric_expectation_product(flat_model(muon_error), data, fit(**changed))


def test_the_model_expects_what_it_was_made_of() -> None:
    found = product(420)
    np.testing.assert_allclose(found["n_expected"].to_numpy(), 4.0 * PER_GROUP + N_MUONS)
    np.testing.assert_allclose(found["residual"].to_numpy(), 0.0, atol=1e-9)
    low, high = MASS_SPLITTING_RANGE
    for splitting, angle in ((low, 0.2), (high, 0.8)):
        moved = product(420, mass_splitting_32=splitting, sin2_theta23=angle)
        np.testing.assert_allclose(moved["n_expected"].to_numpy(), 420.0)


def test_parameters_are_taken_by_their_names() -> None:
    found = product(420, muon_normalisation=2.0, nc_normalisation=0.5, nutau_normalisation=0.0, normalisation=1.1)
    np.testing.assert_allclose(found["n_expected"].to_numpy(), 1.1 * (2.0 + 0.5) * PER_GROUP + 2.0 * N_MUONS)
    np.testing.assert_allclose(found["n_expected_muons"].to_numpy(), 2.0 * N_MUONS)


@pytest.mark.parametrize("counts", [300, 400, 441, 500])
def test_residuals_are_signed_roots_of_poisson_s_deviance(counts: int) -> None:
    """√(2 (μ - n + n ln n/μ)), above 0 where more is seen than expected; near 0 it is the pull (n - μ)/√μ."""
    wanted = np.sign(counts - 420.0) * np.sqrt(2.0 * (420.0 - counts + counts * np.log(counts / 420.0)))
    np.testing.assert_allclose(product(counts)["residual"].to_numpy(), wanted, rtol=1e-3)
    if counts == 441:
        assert wanted == pytest.approx(21.0 / np.sqrt(420.0), rel=0.02)


def test_an_error_of_the_expectation_takes_from_the_residual_in_quadrature() -> None:
    """Muons known to √420 events: the variance is twice that of the counts."""
    sharp, uncertain = (product(441, error)["residual"].to_numpy()[0] for error in (1e-3, np.sqrt(420.0)))
    assert sharp / uncertain == pytest.approx(np.sqrt(2.0), rel=0.02)
    errors = product(441, np.sqrt(420.0))["n_expected_error"].to_numpy()
    np.testing.assert_allclose(errors, np.sqrt(420.0), rtol=1e-9)


def test_new_columns_are_words_of_the_glossary_beside_the_data() -> None:
    found = product(420)
    assert found.column_names == ["n_events", "n_expected", "n_expected_error", "n_expected_muons", "residual"]
    for field in found.schema:
        assert GLOSSARY[field.name].dtype == field.type
