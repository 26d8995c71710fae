"""Trials of the search: counts drawn, n_s fitted, test statistic out.

A trial has n_events events in all, of which n_injected are signal, the others what background there is beside so much
signal (`TrialModel.background_beside`). Its numbers depend on (seed, number injected, trial index) alone; see
core.random.streams.
"""

import math
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.special import gammaln

from core.errors import PhysicsError
from core.likelihood.fit import FitResult, empty_counts, fit_blocks, fit_blocks_on_grid, trials_by_cells
from core.likelihood.model import TrialModel
from core.likelihood.series import LANES
from core.likelihood.two_templates import fit_two_templates
from core.random.alias_tables import CountTables, count_tables
from core.random.draws import Stream, draw_categories, draw_counts
from core.random.streams import (
    INJECTED_NUMBER_PART,
    N_FIXED_LABELS,
    SIGNAL_PART,
    SOURCE_CHOICE_PART,
    check_stream,
    injection_label,
)
from core.trials.seen_counts import seen_by_sources

_CHUNK = 16_384  # trials a source's tables stay in a core's cache for
_COUNTS_BYTES = 2**20  # counts in flight a thread


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


class SourceFit(NamedTuple):
    """The fit of one source in some trials, signed and bounded."""

    signed: FitResult
    bounded: FitResult


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
    n_workers = max(1, int(n_threads))
    n_chunks = -(-int(n_trials) // (_CHUNK * n_workers)) * n_workers  # so many that no worker waits for another
    chunk = max(LANES, -(-int(n_trials) // max(1, n_chunks)))
    starts = range(0, int(n_trials), chunk)

    def work(start: int) -> None:
        _run_chunk(draws, int(first_trial), slice(start, min(start + chunk, int(n_trials))), result)

    if n_workers == 1 or len(starts) <= 1:
        for start in starts:
            work(start)
    else:
        with ThreadPoolExecutor(n_workers) as pool:
            list(pool.map(work, starts))
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

    @classmethod
    def prepared(cls, model: TrialModel, n_injected: float, seed: int, poisson: bool) -> "_Draws":
        greatest = _greatest_injected(model, n_injected, poisson)
        if greatest == 0:
            return cls(model, count_tables(model.background, model.draw_events), None, None, None, 0, seed, 0)
        mean = model.draw_weights * n_injected
        most = np.minimum(np.ceil(mean + 6.0 * np.sqrt(mean)), greatest)  # beyond it draws are slower, not wrong
        return cls(
            model,
            background=count_tables(model.background_beside(n_injected), (model.draw_events - most).astype(np.int64)),
            signal=count_tables(model.signal, np.ceil(mean).astype(np.int64)),
            source_choice=count_tables(model.draw_weights[np.newaxis], np.array([int(n_injected)])),
            injected_number=_poisson_tables(n_injected, greatest) if poisson else None,
            n_injected=0 if poisson else int(n_injected),
            seed=seed,
            label=injection_label(n_injected, poisson),
        )

    def stream(self, part: int, first_trial: int) -> Stream:
        return Stream(self.seed, part, self.label, first_trial)


def _run_chunk(draws: _Draws, first_trial: int, here: slice, result: TrialResult) -> None:
    model = draws.model
    n_signal = _signal_events(draws, first_trial + here.start, here.stop - here.start)
    result.n_injected[here] = n_signal.sum(axis=1)
    n_drawn = min(_trials_at_once(model.n_cells), here.stop - here.start)
    room = empty_counts(n_drawn, model.n_cells)
    batch = n_drawn if model.patterns is None else _trials_at_once(model.ratio.size)
    for draw in range(model.n_draws):
        for start in range(here.start, here.stop, batch):
            part = slice(start, min(start + batch, here.stop))
            n_injected = np.ascontiguousarray(n_signal[part.start - here.start : part.stop - here.start, draw])
            seen = _seen(draws, draw, first_trial + part.start, n_injected, room)
            for source, fit in _fits(model, draw, seen, n_injected.size):
                _add_source(result, part, source, model.weights[source], fit)


def _trials_at_once(n_counts: int) -> int:
    """Return how many trials of n_counts counts each are in flight."""
    return max(LANES, _COUNTS_BYTES // (4 * n_counts) // LANES * LANES)


def _seen(
    draws: _Draws, draw: int, first_trial: int, n_injected: NDArray[np.int64], room: NDArray[np.int32]
) -> NDArray[np.int32]:
    """Return what sources see of an event set drawn for trials, (n_seen, n_blocks, n_bins, LANES).

    `room` is drawn into as often as it takes; without patterns it holds all trials, and is what is seen.
    """
    patterns, n_drawn = draws.model.patterns, room.shape[0] * LANES
    parts = []
    for start in range(0, n_injected.size, n_drawn):
        here = n_injected[start : start + n_drawn]
        counts = room[: -(-here.size // LANES)]
        _draw(draws, draw, first_trial + start, here, counts)
        if patterns is None:
            return counts[np.newaxis]
        parts.append(seen_by_sources(counts, patterns, draws.model.n_bins))
    return np.concatenate(parts, axis=1)


def _draw(draws: _Draws, draw: int, first_trial: int, n_injected: NDArray[np.int64], counts: NDArray[np.int32]) -> None:
    """Draw the counts of one event set: background and signal."""
    rows = np.full(n_injected.size, draw)
    n_background = draws.model.draw_events[draw] - n_injected
    draw_counts(counts, draws.background, rows, n_background, draws.stream(draw, first_trial))
    if draws.signal is not None:
        stream = draws.stream(SIGNAL_PART + draw, first_trial)
        draw_counts(counts, draws.signal, rows, n_injected, stream, add=True)


def fitted_sources(
    model: TrialModel, draw: int, counts: NDArray[np.int32], n_trials: int
) -> Iterator[tuple[int, SourceFit]]:
    """Yield the fits of each source that an event set's counts (n_blocks, n_cells, LANES) concern."""
    seen = counts[np.newaxis] if model.patterns is None else seen_by_sources(counts, model.patterns, model.n_bins)
    return _fits(model, draw, seen, n_trials)


def _fits(model: TrialModel, draw: int, seen: NDArray[np.int32], n_trials: int) -> Iterator[tuple[int, SourceFit]]:
    """Yield the fits of what sources see, (n_seen, n_blocks, n_bins, LANES): all of one sky, or that of one draw."""
    first = draw if model.patterns is None else 0
    for source, counts in enumerate(seen, first):
        yield source, _fit_source(model, source, counts, n_trials)


def _fit_source(model: TrialModel, source: int, counts: NDArray[np.int32], n_trials: int) -> SourceFit:
    if model.ratio_beside is not None:
        return _fit_beside(counts, model.ratio[source], model.ratio_beside, n_trials)
    n_s, statistic = np.empty(counts.shape[0] * LANES), np.empty(counts.shape[0] * LANES)
    fit_blocks(counts, model.ratio[source], n_s, statistic)
    signed = FitResult(n_s[:n_trials], statistic[:n_trials])
    if not model.grid:
        return SourceFit(signed, _bounded(signed))
    n_s_grid, statistic_grid = np.empty_like(n_s), np.empty_like(n_s)
    fit_blocks_on_grid(counts, model.ratio[source], n_s, n_s_grid, statistic_grid)
    return SourceFit(signed, FitResult(n_s_grid[:n_trials], statistic_grid[:n_trials]))


def _fit_beside(
    counts: NDArray[np.int32], ratio: NDArray[np.float64], ratio_beside: NDArray[np.float64], n_trials: int
) -> SourceFit:
    """Return the fit of a signal beside another: a TS below 0 is that of a negative n_s, whose best from 0 on is 0."""
    fit = fit_two_templates(trials_by_cells(counts, n_trials), ratio, ratio_beside)
    signed = FitResult(fit.n_signal, fit.test_statistic)
    return SourceFit(signed, _bounded(signed))


def _bounded(signed: FitResult) -> FitResult:
    """Return a concave likelihood's fit from n_s = 0 on."""
    return FitResult(np.maximum(signed.n_s, 0.0), np.maximum(signed.test_statistic, 0.0))


def _add_source(result: TrialResult, here: slice, source: int, weight: float, fit: SourceFit) -> None:
    result.n_s[here] += weight * fit.bounded.n_s
    result.test_statistic[here] += weight * fit.bounded.test_statistic
    result.n_s_signed[here] += weight * fit.signed.n_s
    result.test_statistic_signed[here] += weight * fit.signed.test_statistic
    result.n_s_total[here] += fit.bounded.n_s
    result.n_s_total_signed[here] += fit.signed.n_s
    if result.source_n_s is not None and result.source_test_statistic is not None:
        result.source_n_s[here, source] = fit.bounded.n_s
        result.source_test_statistic[here, source] = fit.bounded.test_statistic
    if result.source_n_s_signed is not None and result.source_test_statistic_signed is not None:
        result.source_n_s_signed[here, source] = fit.signed.n_s
        result.source_test_statistic_signed[here, source] = fit.signed.test_statistic


def _signal_events(draws: _Draws, first_trial: int, n_trials: int) -> NDArray[np.int64]:
    """Return the signal events of each trial and event set, (n_trials, n_draws)."""
    model = draws.model
    if draws.source_choice is None:
        return np.zeros((model.n_draws, n_trials), dtype=np.int64).T
    totals = np.full(n_trials, draws.n_injected)
    if draws.injected_number is not None:
        totals = draw_categories(draws.injected_number, n_trials, draws.stream(INJECTED_NUMBER_PART, first_trial))
    if model.injection == "rounded":
        return np.rint(totals[:, np.newaxis] * model.draw_weights).astype(np.int64)
    if model.n_draws == 1:
        return totals[:, np.newaxis]
    chosen = empty_counts(n_trials, model.n_draws)
    rows = np.zeros(n_trials, dtype=np.int64)
    draw_counts(chosen, draws.source_choice, rows, totals, draws.stream(SOURCE_CHOICE_PART, first_trial))
    return trials_by_cells(chosen, n_trials).astype(np.int64)


def _poisson_tables(mean: float, greatest: int) -> CountTables:
    number = np.arange(greatest + 1)
    log_weights = number * math.log(mean) - gammaln(number + 1.0)
    return count_tables(np.exp(log_weights - log_weights.max())[np.newaxis], np.ones(1, dtype=np.int64))


def _greatest_injected(model: TrialModel, n_injected: float, poisson: bool) -> int:
    """Return the most signal events that a trial may get; PhysicsError if that is impossible."""
    if not math.isfinite(n_injected) or n_injected < 0:
        raise PhysicsError(f"n_injected {n_injected} must be a number >= 0")
    if not poisson and n_injected != int(n_injected):
        raise PhysicsError(f"n_injected {n_injected} must be whole: for a mean ask for poisson=True")
    greatest = int(n_injected + 10.0 * math.sqrt(n_injected) + 20) if poisson and n_injected > 0 else int(n_injected)
    allowed = min(int(model.draw_events.min()), N_FIXED_LABELS - 1)
    if int(n_injected) > allowed:
        raise PhysicsError(f"n_injected {n_injected} is more than the {allowed} events of a trial: inject fewer")
    return min(greatest, allowed)


def _empty_result(model: TrialModel, n_trials: int, per_source_results: bool) -> TrialResult:
    n_s, statistic, n_s_signed, statistic_signed, n_s_total, n_s_total_signed = (np.zeros(n_trials) for _ in range(6))
    shape = (n_trials, model.n_sources)
    single = [np.empty(shape) if per_source_results else None for _ in range(4)]
    n_injected = np.zeros(n_trials, dtype=np.int64)
    return TrialResult(n_s, statistic, n_s_signed, statistic_signed, n_s_total, n_s_total_signed, n_injected, *single)


def trials_table(result: TrialResult, first_trial: int) -> pa.Table:
    """Return trials of one fit as rows of a product."""
    columns = ("n_s", "test_statistic", "n_s_signed", "test_statistic_signed")
    trial = np.arange(first_trial, first_trial + len(result.n_s))
    return pa.table({"trial": trial, **{name: getattr(result, name) for name in columns}})
