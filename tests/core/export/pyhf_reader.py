"""A stranger with pyhf: the 90 % limit of a workspace by its profile likelihood, in the strength's own unit."""

import json
import re

from scipy.optimize import brentq

Z_SQUARED = 1.2815515655446004**2


def pyhf_limit(text: str) -> float:
    """Where pyhf's statistic for limits of a strength that is not negative reaches z²."""
    import pyhf

    space = pyhf.Workspace(json.loads(text))
    model = space.model()
    data = space.data(model)
    start, bounds, fixed = (getattr(model.config, f"suggested_{what}")() for what in ("init", "bounds", "fixed"))
    place = model.config.poi_index

    def excess(strength: float) -> float:
        return float(pyhf.infer.test_statistics.qmu_tilde(strength, data, model, start, bounds, fixed)) - Z_SQUARED

    low, high = start[place], 2.0 * start[place]
    while excess(high) < 0.0:
        low, high = high, min(2.0 * high, bounds[place][1])
    unit = float(re.search(r"units of (\S+) ", space.get_measurement()["name"])[1])  # type: ignore[index]
    return unit * float(brentq(excess, low if excess(low) < 0.0 else 1e-6 * low, high, rtol=1e-4))
