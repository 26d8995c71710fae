"""Expected sensitivity, bands and discovery potential from the densities alone, without a trial.

A law of the test statistic says which thresholds background exceeds with a probability, and at how many mean signal
events a share of trials exceeds a threshold. The questions are those that trials are asked: sensitivity (90 % exceed
the median of background), bands (90 % exceed its 2.5, 16, 84 and 97.5 % quantiles), CL_s, and half of trials beyond 3
and 5 sigma.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal, Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.special import ndtr

from core.glossary import GLOSSARY
from core.inference.joint_law import JointLaw
from core.inference.sensitivity import BAND_QUANTILES
from core.inference.sensitivity_product import SignalScale
from core.likelihood.closed_form import CONFIDENCE
from core.pdfs.ratio import signal_average_in

Reals = NDArray[np.float64]

DISCOVERY_P_VALUES = {"3sigma": float(ndtr(-3.0)), "5sigma": float(ndtr(-5.0))}
DISCOVERY_SHARE = 0.5


class StatisticLaw(Protocol):
    """What a law of a signed test statistic has to know; arrays are (n,)."""

    @property
    def n_s_uncertainty(self) -> float:
        """The standard deviation of the fitted n_s without signal."""

    def thresholds(self, p_values: Reals) -> Reals:
        """Return the test statistics that background exceeds with probabilities."""

    def crossings(self, thresholds: Reals, shares: Reals) -> Reals:
        """Return the mean signal events at which shares of trials exceed thresholds."""


@dataclass(frozen=True)
class Discovery:
    """The test statistic that background exceeds with a p-value, and the n_s at which half of trials do."""

    threshold: float
    n_s: float


@dataclass(frozen=True)
class Asimov:
    """What is expected of one pair, in mean signal events.

    sensitivity, band, cls_median, cls_band: as those of `core.inference.Sensitivity`; a band's edge is None where
    background alone exceeds it so often. discovery: by the names in DISCOVERY_P_VALUES, empty where the law has no
    tail. gaussian: the sensitivity for Gaussian fits, of a law that is Gaussian itself the same.
    """

    sensitivity: float
    band: Mapping[str, float | None]
    cls_median: float
    cls_band: Mapping[str, float]
    discovery: Mapping[str, Discovery]
    gaussian: float
    n_s_uncertainty: float


def joint_law(ratio_cells: pa.Table) -> JointLaw:
    """Return the law of the joint statistic in the cells of a `ratio_cells` product."""
    background, signal, ratio = (
        ratio_cells[name].to_numpy() for name in ("background_probability", "signal_probability", "ratio")
    )
    n_events = int(ratio_cells["n_events"][0].as_py())
    return JointLaw(background, signal, ratio - 1.0, n_events, signal_average_in(ratio_cells))


def joint_asimov(law: JointLaw, confidence: float = CONFIDENCE) -> Asimov:
    """Return what is expected of the joint statistic; PhysicsError if no number of events of a trial does."""
    gaussian = float(law.gaussian_crossings(0.0, confidence)[0])
    to_come = replace(law, signal_average=None)  # as in discovery_table
    return replace(expected(law, to_come, confidence), gaussian=gaussian)


def expected(law: StatisticLaw, tail: StatisticLaw | None, confidence: float = CONFIDENCE) -> Asimov:
    """Return what a law says of a pair.

    tail: the law of the bounded statistic, which discovery is asked of; None where there is none. Raises PhysicsError
    where the law has no answer.
    """
    quantiles = {"median": 0.5, **BAND_QUANTILES}
    names, levels = list(quantiles), np.array(list(quantiles.values()))
    thresholds = law.thresholds(1.0 - levels)
    asked = 1.0 - levels < confidence
    shares = np.concatenate([np.full(asked.sum(), confidence), 1.0 - (1.0 - confidence) * levels])
    found = law.crossings(np.concatenate([thresholds[asked], thresholds]), shares)
    limits = dict(zip(np.array(names)[asked].tolist(), found.tolist(), strict=False))
    cls_limits = dict(zip(names, found[asked.sum() :].tolist(), strict=True))
    return Asimov(
        sensitivity=limits["median"],
        band={name: limits.get(name) for name in BAND_QUANTILES},
        cls_median=cls_limits["median"],
        cls_band={name: cls_limits[name] for name in BAND_QUANTILES},
        discovery={} if tail is None else _discovery(tail),
        gaussian=limits["median"],
        n_s_uncertainty=law.n_s_uncertainty,
    )


def asimov_table(ratio_cells: pa.Table, scale: SignalScale, background: Literal["data", "known"]) -> pa.Table:
    """Return the `asimov` product of one pair of the joint statistic, one row, from its cells and signal scale.

    Columns are those of `sensitivity` and `discovery_potential`, but for what only trials have.
    """
    return asimov_row(joint_asimov(joint_law(ratio_cells)), scale, {"statistic": "joint", "background": background})


def asimov_row(found: Asimov, scale: SignalScale, described: Mapping[str, object]) -> pa.Table:
    """Return the `asimov` product: what is expected as strengths, beside the columns that describe it.

    The error of the strength at the sensitivity is that of finite simulation. Without a discovery potential its
    columns are null.
    """
    per_event, strength = 1.0 / scale.n_s_per_strength, scale.process.strength
    relative_error = scale.n_s_per_strength_error / scale.n_s_per_strength
    row: dict[str, object] = {
        "n_s_sensitivity": found.sensitivity,
        "n_s_sensitivity_closed_form": found.gaussian,
        "flux_sensitivity": found.sensitivity * per_event * scale.flux_per_strength,
        f"{strength}_sensitivity": found.sensitivity * per_event,
        f"{strength}_sensitivity_error": found.sensitivity * per_event * relative_error,
        f"n_s_per_{strength}": scale.n_s_per_strength,
        f"n_s_per_{strength}_error": scale.n_s_per_strength_error,
        **{f"{strength}_band_{name}": _scaled(edge, per_event) for name, edge in found.band.items()},
        f"{strength}_cls_median": found.cls_median * per_event,
        **{f"{strength}_cls_band_{name}": edge * per_event for name, edge in found.cls_band.items()},
        **_discovery_columns(found, per_event, strength),
        "n_s_uncertainty": found.n_s_uncertainty,
        "sample": scale.sample,
        "limitation": scale.limitation,
        "process": scale.process.name,
        "hypothesis": scale.hypothesis,
        "j_uncertainty": "fixed",
        **described,
    }
    if scale.process.is_decay:
        row["lifetime_sensitivity"] = scale.n_s_per_strength / found.sensitivity
    return pa.table({name: pa.array([value], GLOSSARY[name].dtype) for name, value in row.items()})


def _discovery(law: StatisticLaw) -> dict[str, Discovery]:
    """Return thresholds of background and the signal that half of trials show at them."""
    thresholds = law.thresholds(np.array(list(DISCOVERY_P_VALUES.values())))
    n_s = law.crossings(thresholds, np.full(len(thresholds), DISCOVERY_SHARE))
    found = zip(DISCOVERY_P_VALUES, thresholds.tolist(), n_s.tolist(), strict=True)
    return {level: Discovery(threshold, events) for level, threshold, events in found}


def _discovery_columns(found: Asimov, per_event: float, strength: str) -> dict[str, object]:
    """Return thresholds, events and strengths by column, null where the law has no tail."""
    columns: dict[str, object] = {}
    for level in DISCOVERY_P_VALUES:
        here = found.discovery.get(level)
        columns |= {
            f"threshold_{level}": here and here.threshold,
            f"n_s_discovery_{level}": here and here.n_s,
            f"{strength}_discovery_{level}": here and here.n_s * per_event,
        }
    return columns


def _scaled(n_s: float | None, per_event: float) -> float | None:
    return None if n_s is None else n_s * per_event
