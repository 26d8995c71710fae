"""Discovery potential of the published statistic, from trials in which the sources share the events of one sky."""

import pyarrow as pa

from core.cross_sections import SignalScale
from core.discovery import discovery_table
from core.source_trial_model import source_trial_model
from core.source_trials import statistic_word


def source_discovery_table(
    source_background_pdf: pa.Table,
    source_signal_pdf: pa.Table,
    sources: pa.Table,
    sky_patterns: pa.Table,
    scale: SignalScale,
    n_tail: int,
    n_signal: int,
    seed: int,
    grid: bool,
) -> pa.Table:
    """Return the `discovery_potential` product of one pair, one row, from its products.

    n_tail, n_signal and seed as for `discovery_table`. On the published grid thresholds and signal trials are of that
    grid.
    """
    return discovery_table(
        source_trial_model(source_background_pdf, source_signal_pdf, sources, grid, sky_patterns),
        scale,
        sky_patterns["n_s_uncertainty"][0].as_py(),
        n_tail,
        n_signal,
        seed,
        "data",
        statistic_word(grid, one_sky=True),
    )
