"""What one observed sky says of a pair of channel and mass: best fit, interval, p-values.

Local p-values are shares of background trials; where fewer than LEAST_BEYOND of them reach the observed test statistic,
the tail by importance sampling answers. Global ones come from skies that all pairs share (`core.trials.one_sky`).
"""

import math
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.errors import PhysicsError
from core.glossary import GLOSSARY
from core.inference.sensitivity import EfficiencyCurve, Estimate, PValue, Trials, p_value
from core.inference.sensitivity_product import SignalScale
from core.likelihood.interval import likelihood_interval
from core.likelihood.model import TrialModel
from core.pdfs.sky_model import SkyModel
from core.trials.one_sky import FITTED, fits_of_counts, global_p_values
from core.trials.statistic import TrialStatistic, by_n_injected
from core.trials.tail import tail_sample

Reals = NDArray[np.float64]

LEAST_BEYOND = 100.0  # background trials that reach an observation: with fewer the tail is asked
ONE_SIGMA_SHARE = 0.5 * (1.0 + math.erf(math.sqrt(0.5)))


class LocalPValues(NamedTuple):
    """The p-values of a bounded and a signed test statistic."""

    bounded: PValue
    signed: PValue


def local_p_values(
    model: TrialModel,
    bounded: TrialStatistic,
    signed: TrialStatistic,
    observed: Mapping[str, float],
    n_tail: int,
    seed: int,
) -> LocalPValues:
    """Return the p-values of a sky by its background trials and, far out, by the tail.

    observed: fits by the names in core.trials.one_sky.FITTED. One fit has the same tail bounded and signed; of several
    the signed one stays with its trials. Raises PhysicsError if the sources of a trial do not share one sky.
    """
    by_trials = LocalPValues(
        p_value(bounded, observed["test_statistic"], one_sky=model.shares_one_sky),
        p_value(signed, observed["test_statistic_signed"], one_sky=model.shares_one_sky),
    )
    if bounded.n_at_least(observed["test_statistic"]) >= LEAST_BEYOND:
        return by_trials
    tail = tail_sample(model, n_tail, seed).p_value(observed["test_statistic"])
    if not tail.p_value > 0.0:
        return by_trials
    far = PValue(tail.p_value, tail.error)
    return LocalPValues(far, far if model.n_sources == 1 else by_trials.signed)


def interval_of_trials(
    background: Trials, signal: Mapping[int, Trials], observed: float
) -> tuple[float | None, float | None]:
    """Return the central 68 % interval of the mean signal: 16 % of trials exceed the observed at its lower end, 84 %
    at its upper one; None for an end where background alone does, or that lies beyond the trials."""
    curve = EfficiencyCurve(background, signal, observed)
    ends: list[Estimate | None] = []
    for share in (1.0 - ONE_SIGMA_SHARE, ONE_SIGMA_SHARE):
        try:
            ends.append(curve.crossing(share))
        except PhysicsError:
            ends.append(None)
    low, high = (None if end is None else end.n_s for end in ends)
    return low, high


def observed_table(
    sky: SkyModel,
    counts: NDArray[np.integer],
    trials: tuple[pa.Table, pa.Table],
    common_skies: pa.Table,
    pair: tuple[str, float],
    scale: SignalScale,
    described: Mapping[str, object],
    n_tail: int,
    seed: int,
) -> pa.Table:
    """Return the `observed` product of one pair, one row.

    counts: events of the observed sky in the cells of the model, (n_cells,). trials: the pair's background and signal
    trials. common_skies: the product of all pairs. described: what the sky is, as columns.
    """
    background, signal_trials = trials
    fits = {name: float(values[0]) for name, values in fits_of_counts(sky, counts[np.newaxis]).items()}
    statistics = {
        name: TrialStatistic.of_table(background, name) for name in ("test_statistic", "test_statistic_signed")
    }
    bounded, signed = statistics["test_statistic"], statistics["test_statistic_signed"]
    local = local_p_values(sky.model, bounded, signed, fits, n_tail, seed)
    low, high = _interval(sky, counts, signed, signal_trials, fits["test_statistic_signed"])
    per_event, strength = 1.0 / scale.n_s_per_strength, scale.process.strength
    row: dict[str, object] = {
        **{name: fits[name] for name in FITTED},
        "p_value": local.bounded.p_value,
        "p_value_error": local.bounded.error,
        "p_value_signed": local.signed.p_value,
        "p_value_global": _global(common_skies, pair, "test_statistic", fits),
        "p_value_global_signed": _global(common_skies, pair, "test_statistic_signed", fits),
        f"{strength}_best_fit": fits["n_s_signed"] * per_event,
        f"{strength}_interval_lo": None if low is None else low * per_event,
        f"{strength}_interval_hi": None if high is None else high * per_event,
        f"n_s_per_{strength}": scale.n_s_per_strength,
        "n_events": int(counts.sum()),
        "sample": scale.sample,
        "limitation": scale.limitation,
        "process": scale.process.name,
        **described,
    }
    return pa.table({name: pa.array([value], GLOSSARY[name].dtype) for name, value in row.items()})


def common_skies_table(pairs: list[tuple[str, float]], fits: list[dict[str, Reals]]) -> pa.Table:
    """Return the `common_sky_trials` product: a row a pair and sky."""
    tables = []
    for (channel, mass), found in zip(pairs, fits, strict=True):
        n_skies = len(found["n_s"])
        named = {"channel": pa.array([channel] * n_skies), "mass": np.full(n_skies, float(mass))}
        tables.append(pa.table({**named, "trial": np.arange(n_skies), **found}))
    return pa.concat_tables(tables)


def _interval(
    sky: SkyModel, counts: NDArray[np.integer], background: Trials, signal: pa.Table, observed: float
) -> tuple[float | None, float | None]:
    """Return the interval of one likelihood where it falls by 1/2, of a sum of several fits that of trials."""
    if sky.model.n_sources == 1:
        found = likelihood_interval(counts[np.newaxis], sky.model.ratio[0])
        return float(found.low[0]), float(found.high[0])
    return interval_of_trials(background, by_n_injected(signal, "test_statistic_signed"), observed)


def _global(common_skies: pa.Table, pair: tuple[str, float], column: str, fits: Mapping[str, float]) -> float:
    """Return the global p-value of a pair by one of the test statistics."""
    frame = common_skies.select(["channel", "mass", "trial", column]).to_pandas()
    by_pair = {
        f"{channel} {mass!r}": rows[column].to_numpy() for (channel, mass), rows in frame.groupby(["channel", "mass"])
    }
    name = f"{pair[0]} {float(pair[1])!r}"
    return global_p_values(by_pair, {name: fits[column]})[name]
