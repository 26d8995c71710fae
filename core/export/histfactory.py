"""A likelihood over right ascension as a HistFactory workspace in JSON, which pyhf reads.

A bin is a cell of nearly equal ratio of signal to background. Its expectation is ν (N B + μ u E): N B expected events
without signal, E the excess per strength, u a round unit of the strength and μ its number of units. As the excess sums
to 0, the fitted ν is events over expected events whatever μ is: the likelihood of the strength is that of a given
number of events, as ours. Excesses are negative in some cells; μ is bounded where no expectation is below 0.
The form is that of pyhf's schema 1.0.0 (pyhf.readthedocs.io, "HistFactory JSON").
"""

from typing import Any

import numpy as np

from core.dark_matter.processes import Process
from core.pdfs.likelihood_cells import LikelihoodCells

STRENGTH, N_EVENTS = "strength", "n_events"
UNITS = {"sigma_v": "cm3 s-1", "decay_rate": "s-1"}
TESTED = 0.98  # of the greatest strength that can be tested, up to which μ is allowed


def strength_unit(cells: LikelihoodCells) -> float:
    """Return the power of ten at or below the profile likelihood's 90 % limit: the unit of μ."""
    return float(10.0 ** np.floor(np.log10(cells.curve.upper_limit())))


def workspace(cells: LikelihoodCells, name: str, process: Process, remark: str = "") -> dict[str, Any]:
    """Return the workspace of a likelihood; `name` of its channel, such as "tautau 20 GeV".

    The schema allows no comment: a `remark` stands in the name of the measurement, behind the unit of μ.
    """
    unit, curve = strength_unit(cells), cells.curve
    shared = {"name": N_EVENTS, "type": "normfactor", "data": None}
    signal = [{"name": STRENGTH, "type": "normfactor", "data": None}, shared]
    samples = [
        {"name": "background", "data": cells.background.tolist(), "modifiers": [shared]},
        {"name": "signal", "data": (unit * cells.excess).tolist(), "modifiers": signal},
    ]
    start = max(curve.best, 0.1 * curve.upper_limit()) / unit
    parameters = [
        {"name": STRENGTH, "inits": [start], "bounds": [[0.0, TESTED * curve.end / unit]]},
        {"name": N_EVENTS, "inits": [1.0], "bounds": [[0.5, 1.5]]},
    ]
    title = f"{STRENGTH} in units of {unit:.0e} {UNITS[process.strength]} ({process.strength})"
    title += f"; {remark}" if remark else ""
    return {
        "channels": [{"name": name, "samples": samples}],
        "observations": [{"name": name, "data": cells.events.tolist()}],
        "measurements": [{"name": title, "config": {"poi": STRENGTH, "parameters": parameters}}],
        "version": "1.0.0",
    }
