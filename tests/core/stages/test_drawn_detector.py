"""Drawn detectors as stages see them: of samples with hyperplanes, beside what the systematics say."""

from pathlib import Path

import numpy as np
import pytest

from core.configuration.config import Config
from core.inference.detector_limit import quantile_nodes
from core.stages.drawn_detector import drawn_factors, hyperplanes_digest
from core.stages.inputs import Inputs
from core.stages.registry import recipes
from tests.core.stages.test_unblinding import public
from tests.made_analysis import made_analysis

MADE = ("event_counts", "response", "spectra", "sources", "acceptance", "background_pdf", "signal_pdf", "systematics")


def test_only_a_sample_with_detector_parameters_has_them() -> None:
    assert hyperplanes_digest(Config()) is not None
    assert hyperplanes_digest(Config(sample="simulated-7y")) is None


@pytest.mark.slow
def test_the_spread_of_fitted_events_is_that_of_the_sensitivity(tmp_path: Path) -> None:
    """The `systematics` product says it by another way: the sensitivity of each draw, solved for by itself."""
    config = public(tmp_path)
    store = made_analysis(config, MADE)
    (recipe,) = recipes(config, store, "systematics")
    parameters = {**recipe.parameters, "channel": "tautau", "mass": 20.0}
    factors, fitted = drawn_factors(Inputs(store, recipe), parameters, 2000, np.random.default_rng(1))
    assert factors.shape[0] == fitted.size == 2000
    assert np.all(factors > 0.0)
    assert fitted.min() > factors.min()
    assert fitted.max() < factors.max()
    rows = {row["cause"]: row for row in store.read("systematics").to_pylist()}
    low, high = np.quantile(1.0 / fitted, [0.16, 0.84]) - 1.0
    assert rows["detector_envelope"]["shift_lo"] == pytest.approx(low, abs=0.02)
    assert rows["detector_envelope"]["shift_hi"] == pytest.approx(high, abs=0.02)
    assert quantile_nodes(fitted).mean() == pytest.approx(fitted.mean(), rel=1e-3)
