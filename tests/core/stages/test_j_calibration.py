"""The stage `j_calibration`: the fall of 2 ln L that covers with J factors profiled, of one pair or of all."""

import numpy as np

from core.configuration.config import Config
from core.likelihood.j_profile import gaussian_drop
from core.stages.j_calibration import N_REFERENCE_TRIALS, calibrated_pair, is_profiled
from tests.core.stages.analyses import CHANNEL, MASS, Analysis

PAIRS = [("bb", 50.0), ("tautau", 20.0), ("tautau", 10.0)]


def test_the_fall_is_larger_than_that_of_gaussian_errors(joint: Analysis) -> None:
    table = joint.table("j_calibration")
    fall, error = table["likelihood_fall"].to_numpy(), table["likelihood_fall_error"].to_numpy()
    assert fall.max() > gaussian_drop()
    assert np.all(error > 0.0)
    coverage = table["coverage_of_gaussian_fall"].to_numpy()
    assert np.all((coverage > 0.5) & (coverage < 1.0))
    assert set(table["n_trials"].to_pylist()) == {N_REFERENCE_TRIALS}


def test_one_pair_stands_for_all_unless_profiled_limits_are_asked_for() -> None:
    fixed, profiled = Config(), Config(sources={"j_uncertainty": "profiled"})
    assert not is_profiled(fixed)
    assert is_profiled(profiled)
    assert {calibrated_pair(fixed, pair, PAIRS) for pair in PAIRS} == {("tautau", 20.0)}
    assert [calibrated_pair(profiled, pair, PAIRS) for pair in PAIRS] == PAIRS


def test_it_follows_from_errors_and_information_with_seed_and_trials(joint: Analysis) -> None:
    (recipe,) = joint.recipes("j_calibration")
    assert recipe.product.keys == {"channel": CHANNEL, "mass": MASS}
    assert joint.inputs("j_calibration") == {"sources", "source_information"}
    assert recipe.parameters == {"seed": 1, "n_trials": N_REFERENCE_TRIALS}
