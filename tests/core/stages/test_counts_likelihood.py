"""The stage `counts_likelihood`: of the public sample alone, with the limits that `counts_limit` makes."""

import pytest

from core.configuration.config import Config
from core.likelihood.tabulated_curve import TabulatedCurve
from core.stages.counts_likelihood import METHOD, STAGE
from core.stages.registry import recipes, stages_of
from core.stages.stage import make_product
from tests.core.stages.analyses import Analysis

Z_SQUARED = 1.2815515655446004**2


def test_only_the_public_sample_has_it() -> None:
    assert STAGE.name in stages_of(Config(), "export")
    assert STAGE.name not in stages_of(Config(sample="simulated-7y"), "export")


@pytest.mark.slow
def test_it_gives_the_plain_limits_back(joint: Analysis) -> None:
    """Without floor the limit by CL_{s+b} is where -2 ln L has risen by z² over its least value."""
    (recipe,) = recipes(joint.config, joint.store, STAGE.name)
    make_product(STAGE, joint.store, recipe)
    limits = {row["profile"]: row for row in joint.table("counts_limit").to_pylist() if row["method"] == METHOD}
    told = joint.table("counts_likelihood")
    profiles = list(dict.fromkeys(told["profile"].to_pylist()))
    assert profiles == ["none", "nfw"]
    for profile in profiles:
        rows = told.filter([name == profile for name in told["profile"].to_pylist()])
        falls = rows["likelihood_ratio"].to_numpy()
        curve = TabulatedCurve(rows["sigma_v_tested"].to_numpy(), falls)
        plain = limits[profile]["sigma_v_upper_limit_unfloored"]
        assert plain is not None
        least = max(limits[profile]["sigma_v_best_fit"], 0.0)
        assert float(curve.fall(plain)) + float(falls[0] - curve.fall(0.0)) == pytest.approx(Z_SQUARED, abs=0.01)
        assert curve.best == pytest.approx(least, abs=0.02 * plain)
