"""Upper limits of one observed sky at a confidence level, of every kind, each in its own column.

By trials without floor; never below the sensitivity (a power constraint: Cowan et al. 2011, arXiv:1105.3166); CL_s;
Feldman and Cousins' unified interval; with the detector drawn in the trials; the profile likelihood's own, as a
cross-check; and with J factors profiled.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.special import ndtri

from core.errors import PhysicsError
from core.glossary import GLOSSARY
from core.inference.detector_limit import marginalised_limit
from core.inference.sensitivity import UpperLimit, upper_limit
from core.inference.sensitivity_product import SignalScale
from core.inference.unified_interval import unified_interval
from core.likelihood.fit import fit_n_s
from core.likelihood.interval import likelihood_interval
from core.likelihood.model import TrialModel
from core.pdfs.sky_model import SkyModel
from core.trials.run import run_trials
from core.trials.statistic import TrialStatistic

# Beyond the observed n_s trials reach as many of its standard deviations as a limit asks for, and these more.
MARGIN = 2.0
STEP = 0.75  # of numbers of injected events beyond those that stand, in standard deviations of n_s


@dataclass(frozen=True)
class Limits:
    """Upper limits on the mean signal events; None where there is none.

    `by_trials`: with and without floor and CL_s. `marginalised_detector`: without floor, None too where no detector is
    drawn. `likelihood`: where 2 ln L has fallen by z² from its maximum over n_s >= 0; None for a sum of several fits.
    """

    by_trials: UpperLimit
    unfloored: float | None
    feldman_cousins: float
    feldman_cousins_low: float
    likelihood: float | None
    marginalised_detector: float | None


def reaching_trials(
    model: TrialModel,
    signal: Mapping[int, TrialStatistic],
    column: str,
    n_s_uncertainty: float,
    reach: float,
    n_trials: int,
    seed: int,
) -> dict[int, TrialStatistic]:
    """Return signal trials by their number of injected events, with further ones drawn up to a number that is reached.

    column: the test statistic, as in core.trials.run.TrialResult. reach: mean signal events, of which no more than the
    events of a trial can be had.
    """
    found = dict(signal)
    most = int(model.draw_events.min())
    while max(found) < min(reach, most):
        number = min(round(max(found) + STEP * n_s_uncertainty), most)
        result = run_trials(model, n_trials, number, seed)
        found[number] = TrialStatistic.of_values(getattr(result, column))
    return found


def limits(
    sky: SkyModel,
    background: TrialStatistic,
    signal: Mapping[int, TrialStatistic],
    observed: float,
    counts: NDArray[np.integer] | None,
    confidence: float,
    detector_nodes: NDArray[np.float64] | None = None,
) -> Limits:
    """Return the limits of an observed test statistic; signal trials must reach beyond them.

    counts: of the observed sky in the cells of the model, (n_cells,); without there is no likelihood's own limit.
    detector_nodes: fitted events of drawn detectors over nominal, (n,), as of `detector_limit.quantile_nodes`.
    """
    one_sky = sky.model.shares_one_sky
    floored = upper_limit(background, signal, observed, one_sky=one_sky, confidence=confidence)
    bare = upper_limit(
        background, signal, observed, one_sky=one_sky, confidence=confidence, never_below_sensitivity=False
    )
    unified = unified_interval(background, signal, observed, confidence)
    return Limits(
        floored,
        None if bare.upper_limit is None else bare.upper_limit.n_s,
        unified.high,
        unified.low,
        None if counts is None or sky.model.n_sources > 1 else likelihood_limit(sky.model, counts, confidence),
        None
        if detector_nodes is None
        else marginalised_limit(background, signal, observed, detector_nodes, confidence),
    )


def likelihood_limit(model: TrialModel, counts: NDArray[np.integer], confidence: float) -> float:
    """Return the n_s above its best fit (>= 0) at which 2 ln L has fallen by z², z the quantile of the confidence.

    For a negative best fit the fall is counted from n_s = 0, as the strength has no value below.
    """
    drop = float(ndtri(confidence)) ** 2
    signed = float(fit_n_s(counts[np.newaxis], model.ratio[0], allow_negative=True).test_statistic[0])
    return float(likelihood_interval(counts[np.newaxis], model.ratio[0], drop + max(-signed, 0.0)).high[0])


def upper_limit_table(
    found: Limits, profiled_j: float | None, scale: SignalScale, described: Mapping[str, object]
) -> pa.Table:
    """Return the `upper_limit` product of one pair and confidence level, one row.

    profiled_j: the limit on the strength with J factors profiled, None where it cannot be had.
    """
    limit = found.by_trials.upper_limit
    if limit is None:
        raise PhysicsError("there is no limit that is not below the sensitivity: give trials that have one")
    per_event, strength = 1.0 / scale.n_s_per_strength, scale.process.strength
    row: dict[str, object] = {
        "n_s_upper_limit": limit.n_s,
        "n_s_upper_limit_error": limit.error,
        "is_sensitivity": found.by_trials.is_sensitivity,
        "test_statistic_signed": found.by_trials.observed_test_statistic,
        f"{strength}_upper_limit": limit.n_s * per_event,
        f"{strength}_upper_limit_error": limit.error * per_event,
        f"{strength}_upper_limit_unfloored": _scaled(found.unfloored, per_event),
        f"{strength}_upper_limit_cls": found.by_trials.cls_upper_limit.n_s * per_event,
        f"{strength}_upper_limit_feldman_cousins": found.feldman_cousins * per_event,
        f"{strength}_feldman_cousins_lo": found.feldman_cousins_low * per_event,
        f"{strength}_upper_limit_marginalised_detector": _scaled(found.marginalised_detector, per_event),
        f"{strength}_upper_limit_likelihood": _scaled(found.likelihood, per_event),
        f"{strength}_upper_limit_profiled_j": profiled_j,
        "sample": scale.sample,
        "limitation": scale.limitation,
        "process": scale.process.name,
        **described,
    }
    return pa.table({name: pa.array([value], GLOSSARY[name].dtype) for name, value in row.items()})


def _scaled(n_s: float | None, per_event: float) -> float | None:
    return None if n_s is None else n_s * per_event
