"""Signal trials whose J factors are drawn anew for each: marginalised J factors, fitted with the nominal pattern.

Each trial draws every J factor within its own errors (log-normal, each side with its own σ). It gets n_injected times
the expected events of the drawn J factors over nominal: scale and pattern both change, for sources get drawn shares.
Know the trap: the mean of a log-normal lies above its median, so that these trials have more signal than nominal in the
mean and give a *better* sensitivity (0.83 times for the public sample), while 5 % of them have less than 0.54 times the
signal. That is no conservative number; core.inference.robustness.signal_found is the band to show beside it.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from core.errors import PhysicsError
from core.likelihood import FitResult
from core.likelihood.fit import empty_counts, fit_blocks
from core.likelihood.j_profile import FactorErrors
from core.likelihood.model import TrialModel
from core.pdfs.ratio import ratio_step
from core.pdfs.source_information import SourcePatterns, summed_by
from core.random.alias_tables import count_tables
from core.random.draws import Stream, draw_counts
from core.random.streams import N_FIXED_LABELS, SIGNAL_PART, check_stream
from core.trials.run import TrialResult

Reals = NDArray[np.float64]
Integers = NDArray[np.int64]

FACTORS_LABEL = 0x4A  # sets the random numbers of J factors apart from those of counts
_CHUNK = 4096
_WORDS_A_BLOCK = 4


def signal_in_ratio_cells(patterns: SourcePatterns, n_cells: int) -> Reals:
    """Return the expected signal of each source per strength in the cells of `ratio_cells`, (n_sources, n_merged).

    `n_cells`: those asked for there; cells without background are left out, as core.pdfs.ratio.merge_cells does.
    """
    total = float(patterns.signal.sum())
    share = patterns.background / patterns.n_events
    excess = patterns.excess.sum(axis=0) / total
    ratio = 1.0 + np.divide(excess, share, out=np.zeros_like(share), where=share > 0.0)
    index = ratio_step(ratio, n_cells)
    kept = summed_by(index, share, n_cells) > 0.0
    return np.array([summed_by(index, row, n_cells)[kept] for row in patterns.signal])


def marginalised_trials(
    model: TrialModel,
    source_signal: Reals,
    errors: FactorErrors,
    n_injected: int,
    n_trials: int,
    seed: int,
    first_trial: int = 0,
) -> tuple[FitResult, Integers]:
    """Return the signed fits of trials with drawn J factors, and the signal events that each of them got, (n_trials,).

    `model`: of one sky (TrialModel.joint). `source_signal`: (n_sources, n_cells), expected signal of each source in its
    cells, at nominal J factors. `n_injected`: what nominal J factors give; a trial gets at most all of its events. The
    numbers of a trial depend on seed, n_injected and its index alone. Raises PhysicsError for impossible input.
    """
    check_stream(seed, first_trial, n_trials)
    shape = (errors.low.size, model.n_cells)
    if model.n_sources != 1 or source_signal.shape != shape:
        raise PhysicsError(f"source signal {source_signal.shape} and a model of {model.n_sources} fits: give {shape}")
    if not 0 <= n_injected <= min(model.n_events, N_FIXED_LABELS - 1):
        raise PhysicsError(f"n_injected {n_injected} must lie between 0 and the {model.n_events} events of a trial")
    n_s, statistic = np.empty(n_trials), np.empty(n_trials)
    injected = np.empty(n_trials, dtype=np.int64)
    tables = (
        count_tables(model.background_beside(n_injected), np.array([max(0, model.n_events - 2 * n_injected)])),
        count_tables(source_signal, np.ceil(n_injected * source_signal.sum(axis=1) / source_signal.sum()).astype(int)),
    )
    for start in range(0, n_trials, _CHUNK):
        here = slice(start, min(start + _CHUNK, n_trials))
        first, n_here = first_trial + start, here.stop - start
        numbers = source_events(source_signal.sum(axis=1), errors, n_injected, n_here, seed, first, model.n_events)
        injected[here] = numbers.sum(axis=1)
        counts = empty_counts(n_here, model.n_cells)
        rows = np.zeros(n_here, dtype=np.int64)
        left = model.n_events - injected[here]
        draw_counts(counts, tables[0], rows, left, Stream(seed, 0, n_injected, first))
        for source, own in enumerate(numbers.T):
            stream = Stream(seed, SIGNAL_PART + source, n_injected, first)
            draw_counts(counts, tables[1], rows + source, np.ascontiguousarray(own), stream, add=True)
        fitted, found = (np.empty(counts.shape[0] * counts.shape[2]) for _ in range(2))
        fit_blocks(counts, model.ratio[0], fitted, found)
        n_s[here], statistic[here] = fitted[:n_here], found[:n_here]
    return FitResult(n_s, statistic), injected


def marginalised_result(
    model: TrialModel,
    source_signal: Reals,
    errors: FactorErrors,
    n_injected: int,
    n_trials: int,
    seed: int,
    first_trial: int = 0,
) -> TrialResult:
    """Return the same trials with their bounded fits beside the signed ones."""
    signed, injected = marginalised_trials(model, source_signal, errors, n_injected, n_trials, seed, first_trial)
    n_s, statistic = np.maximum(signed.n_s, 0.0), np.maximum(signed.test_statistic, 0.0)
    return TrialResult(n_s, statistic, signed.n_s, signed.test_statistic, n_s, signed.n_s, injected)


def source_events(
    expected: Reals,
    errors: FactorErrors,
    n_injected: int,
    n_trials: int,
    seed: int,
    first_trial: int,
    greatest: int,
) -> Integers:
    """Return the signal events of each trial and source, (n_trials, n_sources), after J factors are drawn.

    `expected` (n_sources,): events per strength at nominal J factors. The number of a trial is n_injected times its
    expected events over nominal, rounded at random so that its mean is exact, and at most `greatest`; its sources are
    multinomial.
    """
    from scipy.stats import binom

    n_sources = expected.size
    uniform = _uniform(2 * n_sources + 1, n_trials, seed, n_injected, first_trial)
    factors = np.exp(errors.shifts(ndtri(uniform[:, :n_sources])))
    means = n_injected * factors * expected / expected.sum()
    left = np.minimum(np.floor(means.sum(axis=1) + uniform[:, -1]).astype(np.int64), greatest)
    beyond = np.cumsum(means[:, ::-1], axis=1)[:, ::-1]
    shares = np.divide(means, beyond, out=np.ones_like(means), where=beyond > 0.0)
    numbers = np.zeros((n_trials, n_sources), dtype=np.int64)
    for source in range(n_sources):
        share = np.clip(shares[:, source], 0.0, 1.0) if source < n_sources - 1 else 1.0
        drawn = binom.ppf(uniform[:, n_sources + source], left, share)
        numbers[:, source] = np.clip(np.nan_to_num(drawn), 0, left)
        left = left - numbers[:, source]
    return numbers


def _uniform(n_numbers: int, n_trials: int, seed: int, n_injected: int, first_trial: int) -> Reals:
    """Return numbers between 0 and 1, neither of them, that belong to a trial's index alone, (n_trials, n_numbers)."""
    blocks = -(-n_numbers // _WORDS_A_BLOCK)
    generator = np.random.Philox(key=np.array([seed, (FACTORS_LABEL << 32) + n_injected], dtype=np.uint64))
    generator.advance(first_trial * blocks)
    words = generator.random_raw(n_trials * blocks * _WORDS_A_BLOCK).reshape(n_trials, -1)[:, :n_numbers]
    return np.asarray(((words >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53)
