"""Trials of the search: counts drawn, n_s fitted, test statistic out.

A trial has n_events events in all, of which n_injected are signal. Its numbers depend on (seed, number injected,
trial index) alone; see core.streams.
"""

import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.errors import PhysicsError
from core.likelihood import fit_blocks, fit_blocks_on_grid
from core.sampling import LANES, CountTables, Stream, count_tables, draw_categories, draw_counts, empty_counts
from core.streams import (
    INJECTED_NUMBER_PART,
    N_FIXED_LABELS,
    SIGNAL_PART,
    SOURCE_CHOICE_PART,
    check_stream,
    injection_label,
    stream_seed,
)

__all__ = ["Injection", "TrialModel", "TrialResult", "run_trials", "stream_seed"]

Injection = Literal["multinomial", "rounded"]

_COUNTS_BYTES = 2**19  # counts in flight a thread: what stays in a core's own cache
_MAX_BATCH = 64 * LANES
_SUM_TOLERANCE = 1e-6


@dataclass(frozen=True)
class TrialModel:
    """What a trial is drawn from and fitted with; made by `joint` or `per_source`.

    A joint model is one source. Each source has an event set of its own; arrays are (n_sources, n_cells), weights
    (n_sources,) sum to 1.
    """

    background: NDArray[np.float64]
    signal: NDArray[np.float64]
    ratio: NDArray[np.float64]
    weights: NDArray[np.float64]
    n_events: int
    grid: bool = False
    injection: Injection = "multinomial"

    @classmethod
    def joint(cls, background: ArrayLike, signal: ArrayLike, ratio: ArrayLike, n_events: int) -> "TrialModel":
        """Return the model of one likelihood of one sky.

        background, signal: probabilities (n_cells,), each summing to 1. ratio: R (n_cells,), S/B or the
        signal-subtracted 1 + (S - S~)/B, which may be negative. Raises PhysicsError for impossible input.
        """
        arrays = [_as_array(name, given, 1) for name, given in _named(background, signal, ratio)]
        if len({array.size for array in arrays}) != 1:
            raise PhysicsError(f"background, signal and ratio have {[a.size for a in arrays]} cells: give the same")
        background_rows, signal_rows, ratio_rows = (array[np.newaxis, :] for array in arrays)
        _check_probabilities("background", background_rows)
        _check_probabilities("signal", signal_rows)
        return cls(background_rows, signal_rows, ratio_rows, np.ones(1), _checked_n_events(n_events))

    @classmethod
    def per_source(
        cls,
        background: ArrayLike,
        signal: ArrayLike,
        weights: ArrayLike,
        n_events: int,
        grid: bool = False,
        injection: Injection = "multinomial",
    ) -> "TrialModel":
        """Return the published model (arXiv:2511.19385): each source an own event set, fit and TS; TS = sum w_k TS_k.

        background: (n_sources, n_bins) and signal: (n_bins,) or (n_sources, n_bins), probabilities in the angle
        event-source; weights (n_sources,) are normalised to 1. A bin without background but with signal shares
        the ratio of its nearest neighbours with background. With `grid` n_s is the published integer grid.
        injection: n_injected events choose their source by weight ("multinomial"), or each source gets
        round(n_injected w_k) ("rounded", as published). Draws are independent between sources, so that these trials
        give no p-value of one observed sky. Raises PhysicsError for impossible input.
        """
        background_rows = _as_array("background", background, 2)
        signal_rows = np.atleast_2d(_as_array("signal", signal, 1, 2))
        source_weights = _as_array("weights", weights, 1)
        n_sources, n_bins = background_rows.shape
        if signal_rows.shape[1] != n_bins or signal_rows.shape[0] not in (1, n_sources):
            raise PhysicsError(
                f"signal {signal_rows.shape} does not fit background {background_rows.shape}: "
                f"give ({n_bins},) or ({n_sources}, {n_bins})"
            )
        if source_weights.size != n_sources or source_weights.min() < 0.0 or source_weights.sum() <= 0.0:
            raise PhysicsError(f"weights must be {n_sources} numbers >= 0, not all 0: give one a source")
        if injection not in ("multinomial", "rounded"):
            raise PhysicsError(f"unknown injection {injection!r}: known are multinomial, rounded")
        signal_rows = np.ascontiguousarray(np.broadcast_to(signal_rows, background_rows.shape))
        _check_probabilities("background", background_rows)
        _check_probabilities("signal", signal_rows)
        ratio = np.array([_bin_ratio(b, s) for b, s in zip(background_rows, signal_rows, strict=True)])
        source_weights = source_weights / source_weights.sum()
        n_checked = _checked_n_events(n_events)
        return cls(background_rows, signal_rows, ratio, source_weights, n_checked, grid, injection)

    @property
    def n_sources(self) -> int:
        """How many event sets a trial has."""
        return int(self.background.shape[0])

    @property
    def n_cells(self) -> int:
        """How many cells an event set is counted in."""
        return int(self.background.shape[1])


@dataclass(frozen=True)
class TrialResult:
    """What trials gave, each (n_trials,) unless said.

    n_s and test_statistic are bounded (n_s >= 0), the signed ones not; for several sources they are sums weighted
    with the sources' weights, and the n_s_total are plain sums. n_injected is the number of signal events. The
    arrays of single sources, (n_trials, n_sources), are there if asked for.
    """

    n_s: NDArray[np.float64]
    test_statistic: NDArray[np.float64]
    n_s_signed: NDArray[np.float64]
    test_statistic_signed: NDArray[np.float64]
    n_s_total: NDArray[np.float64]
    n_s_total_signed: NDArray[np.float64]
    n_injected: NDArray[np.int64]
    source_n_s: NDArray[np.float64] | None = None
    source_test_statistic: NDArray[np.float64] | None = None
    source_n_s_signed: NDArray[np.float64] | None = None
    source_test_statistic_signed: NDArray[np.float64] | None = None


def run_trials(
    model: TrialModel,
    n_trials: int,
    n_injected: float = 0,
    seed: int = 0,
    first_trial: int = 0,
    n_threads: int = 1,
    *,
    poisson: bool = False,
    per_source_results: bool = False,
) -> TrialResult:
    """Return the fits of trials first_trial ... first_trial + n_trials - 1.

    n_injected signal events stand among the model's n_events, or with `poisson` a number drawn with that mean.
    seed: 0 ... 2^64 - 1, see stream_seed. The result is the same for any n_threads and any split into ranges.
    Raises PhysicsError if n_injected is impossible or the seed or range of trials too large.
    """
    check_stream(int(seed), int(first_trial), int(n_trials))
    draws = _Draws.prepared(model, n_injected, int(seed), poisson)
    result = _empty_result(model, int(n_trials), per_source_results)
    batch = max(LANES, min(_MAX_BATCH, _COUNTS_BYTES // (4 * model.n_cells) // LANES * LANES))
    starts = range(0, int(n_trials), batch)

    def work(worker: int) -> None:
        for start in starts[worker::n_workers]:
            stop = min(start + batch, int(n_trials))
            _run_batch(draws, int(first_trial) + start, slice(start, stop), result)

    n_workers = max(1, min(int(n_threads), len(starts)))
    if n_workers == 1:
        work(0)
    else:
        with ThreadPoolExecutor(n_workers) as pool:
            list(pool.map(work, range(n_workers)))
    return result


@dataclass(frozen=True)
class _Draws:
    """The tables that a model's trials are drawn from, for one number of injected events."""

    model: TrialModel
    background: CountTables
    signal: CountTables | None
    source_choice: CountTables | None
    injected_number: CountTables | None
    n_injected: int
    seed: int
    label: int
    fixed_per_source: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    @classmethod
    def prepared(cls, model: TrialModel, n_injected: float, seed: int, poisson: bool) -> "_Draws":
        greatest = _greatest_injected(model, n_injected, poisson)
        if greatest == 0:
            totals = np.full(model.n_sources, model.n_events)
            return cls(model, count_tables(model.background, totals), None, None, None, 0, seed, 0)
        mean = model.weights * n_injected
        most = np.minimum(np.ceil(mean + 6.0 * np.sqrt(mean)), greatest)  # beyond it draws are slower, not wrong
        return cls(
            model,
            background=count_tables(model.background, (model.n_events - most).astype(np.int64)),
            signal=count_tables(model.signal, np.ceil(mean).astype(np.int64)),
            source_choice=count_tables(model.weights[np.newaxis, :], np.array([int(n_injected)])),
            injected_number=_poisson_tables(n_injected, greatest) if poisson else None,
            n_injected=0 if poisson else int(n_injected),
            seed=seed,
            label=injection_label(n_injected, poisson),
            fixed_per_source=_rounded(mean),
        )

    def stream(self, part: int, first_trial: int) -> Stream:
        return Stream(self.seed, part, self.label, first_trial)


def _run_batch(draws: _Draws, first_trial: int, here: slice, result: TrialResult) -> None:
    model = draws.model
    n_trials = here.stop - here.start
    counts = empty_counts(n_trials, model.n_cells)
    n_s, test_statistic = np.empty(counts.shape[0] * LANES), np.empty(counts.shape[0] * LANES)
    n_s_grid, statistic_grid = np.empty_like(n_s), np.empty_like(n_s)
    n_signal = _signal_events(draws, first_trial, n_trials)
    result.n_injected[here] = n_signal.sum(axis=1)
    for source in range(model.n_sources):
        rows = np.full(n_trials, source)
        injected = np.ascontiguousarray(n_signal[:, source])
        draw_counts(counts, draws.background, rows, model.n_events - injected, draws.stream(source, first_trial))
        if draws.signal is not None:
            stream = draws.stream(SIGNAL_PART + source, first_trial)
            draw_counts(counts, draws.signal, rows, injected, stream, add=True)
        fit_blocks(counts, model.ratio[source], n_s, test_statistic)
        signed = n_s[:n_trials], test_statistic[:n_trials]
        bounded = np.maximum(signed[0], 0.0), np.maximum(signed[1], 0.0)
        if model.grid:
            fit_blocks_on_grid(counts, model.ratio[source], n_s, n_s_grid, statistic_grid)
            bounded = n_s_grid[:n_trials], statistic_grid[:n_trials]
        _add_source(result, here, source, model.weights[source], signed, bounded)


def _add_source(
    result: TrialResult,
    here: slice,
    source: int,
    weight: float,
    signed: tuple[NDArray[np.float64], NDArray[np.float64]],
    bounded: tuple[NDArray[np.float64], NDArray[np.float64]],
) -> None:
    result.n_s[here] += weight * bounded[0]
    result.test_statistic[here] += weight * bounded[1]
    result.n_s_signed[here] += weight * signed[0]
    result.test_statistic_signed[here] += weight * signed[1]
    result.n_s_total[here] += bounded[0]
    result.n_s_total_signed[here] += signed[0]
    if result.source_n_s is not None and result.source_test_statistic is not None:
        result.source_n_s[here, source], result.source_test_statistic[here, source] = bounded
    if result.source_n_s_signed is not None and result.source_test_statistic_signed is not None:
        result.source_n_s_signed[here, source], result.source_test_statistic_signed[here, source] = signed


def _signal_events(draws: _Draws, first_trial: int, n_trials: int) -> NDArray[np.int64]:
    """Return the signal events of each trial and source, (n_trials, n_sources)."""
    model = draws.model
    if draws.source_choice is None:
        return np.zeros((n_trials, model.n_sources), dtype=np.int64)
    if model.injection == "rounded" and draws.injected_number is None:
        return np.tile(draws.fixed_per_source, (n_trials, 1))
    totals = np.full(n_trials, draws.n_injected)
    if draws.injected_number is not None:
        totals = draw_categories(draws.injected_number, n_trials, draws.stream(INJECTED_NUMBER_PART, first_trial))
    if model.n_sources == 1:
        return totals[:, np.newaxis]
    chosen = empty_counts(n_trials, model.n_sources)
    rows = np.zeros(n_trials, dtype=np.int64)
    draw_counts(chosen, draws.source_choice, rows, totals, draws.stream(SOURCE_CHOICE_PART, first_trial))
    return np.ascontiguousarray(chosen.transpose(0, 2, 1)).reshape(-1, model.n_sources)[:n_trials].astype(np.int64)


def _rounded(mean: NDArray[np.float64]) -> NDArray[np.int64]:
    return np.rint(mean).astype(np.int64)


def _poisson_tables(mean: float, greatest: int) -> CountTables:
    number = np.arange(greatest + 1)
    log_weights = number * math.log(mean) - np.array([math.lgamma(n + 1.0) for n in number])
    return count_tables(np.exp(log_weights - log_weights.max())[np.newaxis, :], np.ones(1, dtype=np.int64))


def _greatest_injected(model: TrialModel, n_injected: float, poisson: bool) -> int:
    """Return the most signal events that a trial may get; PhysicsError if that is impossible."""
    if not math.isfinite(n_injected) or n_injected < 0:
        raise PhysicsError(f"n_injected {n_injected} must be a number >= 0")
    if not poisson and n_injected != int(n_injected):
        raise PhysicsError(f"n_injected {n_injected} must be whole: for a mean ask for poisson=True")
    greatest = int(n_injected + 10.0 * math.sqrt(n_injected) + 20) if poisson and n_injected > 0 else int(n_injected)
    allowed = min(model.n_events, N_FIXED_LABELS - 1)
    if int(n_injected) > allowed:
        raise PhysicsError(f"n_injected {n_injected} is more than the {allowed} events of a trial: inject fewer")
    return min(greatest, allowed)


def _empty_result(model: TrialModel, n_trials: int, per_source_results: bool) -> TrialResult:
    n_s, statistic, n_s_signed, statistic_signed, n_s_total, n_s_total_signed = (np.zeros(n_trials) for _ in range(6))
    shape = (n_trials, model.n_sources)
    single = [np.empty(shape) if per_source_results else None for _ in range(4)]
    n_injected = np.zeros(n_trials, dtype=np.int64)
    return TrialResult(n_s, statistic, n_s_signed, statistic_signed, n_s_total, n_s_total_signed, n_injected, *single)


def _named(background: ArrayLike, signal: ArrayLike, ratio: ArrayLike) -> list[tuple[str, ArrayLike]]:
    return [("background", background), ("signal", signal), ("ratio", ratio)]


def _as_array(name: str, given: ArrayLike, *dimensions: int) -> NDArray[np.float64]:
    array = np.array(given, dtype=np.float64, order="C")
    if array.ndim not in dimensions or array.size == 0:
        raise PhysicsError(
            f"{name} has shape {array.shape}: it must have {' or '.join(map(str, dimensions))} dimensions"
        )
    if not np.all(np.isfinite(array)):
        raise PhysicsError(f"{name} holds {np.count_nonzero(~np.isfinite(array))} values that are not finite")
    return array


def _check_probabilities(name: str, rows: NDArray[np.float64]) -> None:
    if rows.min() < 0.0:
        raise PhysicsError(f"{name} has a probability of {rows.min():.3g}: none may be negative")
    worst = rows.sum(axis=1)[np.argmax(np.abs(rows.sum(axis=1) - 1.0))]
    if abs(worst - 1.0) > _SUM_TOLERANCE:
        raise PhysicsError(f"{name} sums to {worst:.9g}: normalise it to 1")


def _checked_n_events(n_events: int) -> int:
    if not 1 <= n_events < 2**31 or n_events != int(n_events):
        raise PhysicsError(f"n_events {n_events} must be a whole number from 1 to 2^31 - 1")
    return int(n_events)


def _bin_ratio(background: NDArray[np.float64], signal: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return S/B of each bin; bins without background are taken together with the nearest bins that have some."""
    filled = np.flatnonzero(background > 0.0)
    nearest = filled[np.argmin(np.abs(np.arange(background.size)[:, np.newaxis] - filled[np.newaxis, :]), axis=1)]
    merged_signal = np.bincount(nearest, weights=signal, minlength=background.size)
    merged_background = np.bincount(nearest, weights=background, minlength=background.size)
    return np.ascontiguousarray(merged_signal[nearest] / merged_background[nearest])
