"""A model of the counts with round numbers: every bin alike, whatever oscillates, and a signal in half of them."""

from functools import cache

import numpy as np

from core.inference.atmospheric_model import FIT_NAMES, NOMINAL_VALUES, CountsModel
from core.inference.atmospheric_templates import POWERS, AtmosphericTemplates
from core.response.folded import N_CELLS
from core.response.hyperplanes import GROUP_SHAPE, Hyperplanes
from core.response.muons import ExpectedMuons
from core.spectra.atmospheric_oscillation import N_POWERS

N_GROUPS, PER_GROUP, N_MUONS = 4, 100.0, 20.0
EXPECTED = N_GROUPS * PER_GROUP + N_MUONS
# Held in fits: all but the normalisation of neutral currents, which has a prior of 20 %.
FREE = "nc_normalisation"
HELD = {name: float(value) for name, value in zip(FIT_NAMES, NOMINAL_VALUES, strict=True) if name != FREE}
SIGNAL = np.where(np.arange(N_CELLS) < N_CELLS // 2, 1.0, 0.0)  # one event in each of 64 bins per strength


@cache
def flat_model(muon_error: float = 1e-3) -> CountsModel:
    """420 events in every bin at nominal: 100 of each group, all from νμ, and 20 muons."""
    coefficients = np.zeros((14, len(POWERS), N_POWERS, 2, N_GROUPS, N_CELLS))
    # c⁴ + 2 c²s² + s⁴ = 1 at every θ23.
    coefficients[0, POWERS.index((0, 0, 0)), [0, 2, 4], 1] = np.array([1.0, 2.0, 1.0])[:, None, None] * PER_GROUP
    templates = AtmosphericTemplates(coefficients.reshape(14, -1), np.zeros(N_CELLS))
    ones = np.ones(GROUP_SHAPE)
    planes = Hyperplanes(ones, np.zeros((5, *GROUP_SHAPE)), ones, np.zeros(GROUP_SHAPE, dtype=np.int64))
    shape = GROUP_SHAPE[1:]
    return CountsModel(templates, planes, ExpectedMuons(np.full(shape, N_MUONS), np.full(shape, muon_error)))


def strength_error() -> float:
    """The error of the strength from the Fisher matrix of strength and neutral currents, whose prior is 20 %."""
    of_signal = float(SIGNAL @ SIGNAL) / EXPECTED
    mixed = PER_GROUP * float(SIGNAL.sum()) / EXPECTED
    of_currents = N_CELLS * PER_GROUP**2 / EXPECTED + 1.0 / 0.2**2
    return float(np.sqrt(of_currents / (of_signal * of_currents - mixed**2)))
