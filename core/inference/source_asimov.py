"""What is expected of the published statistic, a fit a source, from the densities alone.

Its laws (`core.likelihood.stacked_law` and `one_sky_law`) say the share of Gaussian trials above a threshold at one
number of events. Their deviates are smooth in that number and in the root of the threshold, so that both questions are
answered between nodes: monotonic cubics (Fritsch & Butland 1984, doi:10.1137/0905021).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.special import ndtri

from core.errors import PhysicsError
from core.inference.asimov import Asimov, asimov_row, expected
from core.inference.sensitivity_product import SignalScale
from core.inference.stacked_product import statistic_word
from core.likelihood.model import TrialModel
from core.likelihood.one_sky_law import OneSkyLaw
from core.likelihood.stacked_law import StackedLaw
from core.likelihood.stacked_model import source_trial_model

Reals = NDArray[np.float64]

# Numbers of events in standard deviations of the fitted n_s without signal, where shares are taken.
_NODES = np.array([0.0, 0.2, 0.4, 0.7, 1.0, 1.4, 1.8, 2.3, 2.8, 3.4, 4.0, 5.0, 6.0, 8.0, 11.0])
# Roots of thresholds, in standard deviations of the statistic without signal.
_ROOTS = np.linspace(-2.0, 2.0, 161)
_LEAST_SHARE = 1e-5  # beyond it shares are those of rounding or of single samples


class GaussianLaw(Protocol):
    """What the laws of the published statistic know."""

    @property
    def weights(self) -> Reals:
        """The weights of the sources in the sum, (n_sources,)."""

    @property
    def n_s_uncertainty(self) -> float:
        """The standard deviation of the signed statistic without signal, in injected events."""

    def shares_above(self, thresholds: Reals, n_s: float) -> Reals:
        """Return the shares of trials above thresholds at n_s injected events."""


@dataclass(frozen=True)
class InterpolatedLaw:
    """A law of the published statistic as `core.inference.asimov` asks of one."""

    law: GaussianLaw

    @property
    def n_s_uncertainty(self) -> float:
        """The standard deviation of the signed statistic without signal, in injected events."""
        return self.law.n_s_uncertainty

    def thresholds(self, p_values: Reals) -> Reals:
        """Return the test statistics that background exceeds with probabilities, (n,); PhysicsError in the far tail."""
        spread = np.sqrt(3.0 * float(np.sum(self.law.weights**2)))
        roots = _where(_ROOTS, 1.0 - self.law.shares_above(_ROOTS * np.abs(_ROOTS) * spread, 0.0), 1.0 - p_values)
        return np.asarray(roots * np.abs(roots) * spread)

    def crossings(self, thresholds: Reals, shares: Reals) -> Reals:
        """Return the injected events at which shares of trials exceed thresholds, (n,); PhysicsError if none do."""
        events = _NODES * self.n_s_uncertainty
        above = np.array([self.law.shares_above(thresholds, float(n_s)) for n_s in events])
        found = [_where(events, own, share[np.newaxis]) for own, share in zip(above.T, shares, strict=True)]
        return np.concatenate(found)


@dataclass(frozen=True)
class OneSkyTail(InterpolatedLaw):
    """The bounded statistic of sources on one sky, with thresholds in its far tail."""

    law: OneSkyLaw

    def thresholds(self, p_values: Reals) -> Reals:
        """Return the test statistics that background exceeds with small probabilities, (n,)."""
        return self.law.tail_thresholds(p_values)


def source_asimov(model: TrialModel) -> Asimov:
    """Return what is expected of a model of the published statistic.

    Sources on skies of their own understate the tail: of these there is no discovery potential. Raises PhysicsError if
    a share of trials is not reached.
    """
    if not model.shares_one_sky:
        apart = StackedLaw.of(model)
        return expected(InterpolatedLaw(apart), None)
    law = OneSkyLaw.of(model)
    return expected(InterpolatedLaw(law), OneSkyTail(replace(law, bounded=True)))


def source_asimov_table(
    source_background_pdf: pa.Table,
    source_signal_pdf: pa.Table,
    sources: pa.Table,
    scale: SignalScale,
    grid: bool,
    sky_patterns: pa.Table | None = None,
) -> pa.Table:
    """Return the `asimov` product of one pair of the published statistic, one row, from its densities and scale.

    Arguments as of `source_sensitivity_table`, columns as of `asimov_table`.
    """
    model = source_trial_model(source_background_pdf, source_signal_pdf, sources, grid, sky_patterns)
    described: Mapping[str, object] = {
        "statistic": statistic_word(grid, sky_patterns is not None),
        "background": "data",
    }
    return asimov_row(source_asimov(model), scale, described)


def _where(nodes: Reals, shares: Reals, wanted: Reals) -> Reals:
    """Return where rising shares (n,) at nodes (n,) reach wanted ones, (m,), their deviates being smooth.

    PhysicsError if one is not reached.
    """
    from scipy.interpolate import PchipInterpolator

    kept = (shares > _LEAST_SHARE) & (shares < 1.0 - _LEAST_SHARE)
    kept &= np.append(True, np.diff(np.maximum.accumulate(shares)) > 0.0)
    if kept.sum() < 2 or not (shares[kept][0] <= wanted.min() and wanted.max() <= shares[kept][-1]):
        raise PhysicsError(f"shares of trials {wanted.tolist()} are outside what the law reaches")
    return np.asarray(PchipInterpolator(ndtri(shares[kept]), nodes[kept])(ndtri(wanted)))
