"""Trials of a search in galaxies beside a free halo, drawn and fitted in cells of both ratios.

Counts are drawn as those of core.trials are, from streams that depend on (seed, number injected, trial index) alone.
"""

import numpy as np

from core.errors import PhysicsError
from core.likelihood.fit import empty_counts, trials_by_cells
from core.likelihood.series import LANES
from core.likelihood.two_templates import TwoTemplateFit, fit_two_templates
from core.pdfs.joint_cells import JointCells
from core.random.alias_tables import count_tables
from core.random.draws import Stream, draw_counts
from core.random.streams import SIGNAL_PART, check_stream, injection_label

_COUNTS_BYTES = 2**24
_BESIDE_PART = SIGNAL_PART + 1


def run_free_trials(
    cells: JointCells,
    n_events: int,
    n_trials: int,
    n_injected: int = 0,
    n_beside: int = 0,
    seed: int = 0,
    first_trial: int = 0,
) -> TwoTemplateFit:
    """Return the fits of trials first_trial ... first_trial + n_trials - 1, each (n_trials,).

    A trial has n_events in all, of which n_injected are of the signal that is sought and n_beside of the other. The
    numbers are the same for any split into ranges. PhysicsError if more events are injected than there are, or as
    core.streams.check_stream.
    """
    check_stream(seed, first_trial, n_trials)
    if n_injected < 0 or n_beside < 0 or n_injected + n_beside > n_events:
        raise PhysicsError(
            f"{n_injected} and {n_beside} injected events: needed are numbers from 0 that fit into {n_events} events"
        )
    label = injection_label(n_injected, poisson=False)
    parts = [
        (0, cells.background, n_events - n_injected - n_beside),
        (SIGNAL_PART, cells.signal, n_injected),
        (_BESIDE_PART, cells.beside, n_beside),
    ]
    tables = [count_tables(probability[None, :], np.array([number])) for _, probability, number in parts]
    at_once = max(1, _COUNTS_BYTES // (4 * len(cells.ratio)) // LANES) * LANES
    fits = []
    for start in range(0, n_trials, at_once):
        n_here = min(at_once, n_trials - start)
        counts = empty_counts(n_here, len(cells.ratio))
        for (part, _, number), own in zip(parts, tables, strict=True):
            if number > 0:
                stream = Stream(seed, part, label, first_trial + start)
                draw_counts(counts, own, np.zeros(n_here, int), np.full(n_here, number), stream, add=part > 0)
        fits.append(fit_two_templates(trials_by_cells(counts, n_here), cells.ratio, cells.ratio_beside))
    columns = ("n_signal", "n_beside", "test_statistic")
    return TwoTemplateFit(*(np.concatenate([getattr(fit, name) for fit in fits] or [np.empty(0)]) for name in columns))
