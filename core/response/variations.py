"""A detector response that is a little other than it is taken for: named variations for samples without their own.

Where a release says how its bins move with the detector's parameters, that is better than any of these.
"""

from dataclasses import replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core.errors import PhysicsError
from core.events.classes import INTERACTIONS
from core.response.kernels import mean_cosine
from core.response.mixture_fit import KAPPA_GRID
from core.response.model import Response

Reals = NDArray[np.float64]


def with_effective_area(response: Response, factor: float) -> Response:
    """Return a response whose effective area, everywhere, is the nominal times a factor."""
    _refuse_unless_positive("effective area", factor)
    return replace(
        response,
        effective_area=factor * response.effective_area,
        effective_area_error=factor * response.effective_area_error,
    )


def with_cross_section(response: Response, interaction: Literal["cc", "nc"], factor: float) -> Response:
    """Return a response whose cross section of charged or neutral currents is the nominal times a factor.

    As long as the Earth absorbs nothing, below 1 TeV less than 1 %, that is a factor of their effective area.
    """
    _refuse_unless_positive(f"{interaction} cross section", factor)
    scale = np.ones(len(INTERACTIONS))
    scale[INTERACTIONS.index(interaction)] = factor
    shaped = scale[:, None, None, None]
    return replace(
        response,
        effective_area=shaped * response.effective_area,
        effective_area_error=shaped * response.effective_area_error,
    )


def with_energy_scale(response: Response, factor: float) -> Response:
    """Return a response that reconstructs a neutrino of energy E as the nominal one does one of factor times E.

    M'(r|E) = M(r|factor E), linear in ln E between the centres of the bins of true energy, that of the outermost bin
    beyond. Effective area and angles stay what they are at E. Bins in which the nominal response sees nothing are left.
    """
    _refuse_unless_positive("energy scale", factor)
    centres = 0.5 * (np.log(response.true_energy_edges[1:]) + np.log(response.true_energy_edges[:-1]))
    place = np.interp(centres + np.log(factor), centres, np.arange(len(centres)))
    lower = np.minimum(place.astype(np.int64), len(centres) - 2)
    part = (place - lower)[:, None]

    nominal = response.energy_migration
    migration = (1.0 - part) * nominal[..., lower, :] + part * nominal[..., lower + 1, :]
    total = migration.sum(axis=-1, keepdims=True)
    # Where one neighbour has no events, the other's shares are the migration's.
    kept = nominal.sum(axis=-1, keepdims=True)
    scaled = np.divide(migration * kept, total, out=nominal.copy(), where=total > 0.0)
    # Errors, infinite without events, are those of the nearest bin.
    error = response.energy_migration_error[..., np.rint(place).astype(np.int64), :]
    return replace(response, energy_migration=scaled, energy_migration_error=error)


def with_angular_error(response: Response, factor: float) -> Response:
    """Return a response whose angular errors are the nominal times a factor.

    The variance of a von Mises-Fisher kernel is 1/κ per axis where κ is large: both concentrations are divided by
    factor². The shares of core and tail, and the factors of selection, stay.
    """
    _refuse_unless_positive("angular error", factor)
    names = ("kappa_core", "kappa_core_error", "kappa_tail", "kappa_tail_error")
    return replace(response, **{name: getattr(response, name) / factor**2 for name in names})


def with_one_kernel(response: Response) -> Response:
    """Return a response whose angular errors are one von Mises-Fisher kernel each, of the two's mean cosine.

    Its concentration is the nearest of those that kernels are fitted with (core.response.mixture_fit): steps of 8 %.
    """
    share = response.tail_fraction
    cosine = (1.0 - share) * mean_cosine(response.kappa_core) + share * mean_cosine(response.kappa_tail)
    known = mean_cosine(KAPPA_GRID)
    kappa = KAPPA_GRID[np.searchsorted(0.5 * (known[1:] + known[:-1]), cosine)]
    return replace(response, kappa_core=kappa, kappa_tail=kappa, tail_fraction=np.zeros_like(share))


def _refuse_unless_positive(what: str, factor: float) -> None:
    if not 0.0 < factor < np.inf:
        raise PhysicsError(f"{what} times {factor}: allowed is a factor above 0")
