"""The model of trials of the published statistic, from a pair's products: sources on skies of their own, or on one.

TS = sum_k w_k TS_k with w_k = J_k / sum J (arXiv:2511.19385). Injected events follow what the detector would see.
"""

import numpy as np
import pyarrow as pa

from core.dark_matter.processes import process_of
from core.errors import ProductError
from core.likelihood.model import TrialModel


def separate_skies(
    source_background_pdf: pa.Table, source_signal_pdf: pa.Table, sources: pa.Table, grid: bool = False
) -> TrialModel:
    """Return the model in which each source is drawn on a sky of its own.

    A source's events are the entries of its background histogram, its share of the injected ones that of the entries
    of its signal histogram, the expected events. Raises ProductError if the products speak of different sources.
    """
    names = sources["source"].to_pylist()
    for table, name in ((source_background_pdf, "source_background_pdf"), (source_signal_pdf, "source_signal_pdf")):
        if list(dict.fromkeys(table["source"].to_pylist())) != names:
            raise ProductError(f"{name} is of other sources than the `sources` product: make it again")
    shape = (len(names), -1)
    n_events = source_background_pdf["entries"].to_numpy().reshape(shape).sum(axis=1)
    return TrialModel.per_source(
        source_background_pdf["background_probability"].to_numpy().reshape(shape),
        source_signal_pdf["signal_probability"].to_numpy().reshape(shape),
        process_of(sources).factors(sources),
        np.rint(n_events).astype(np.int64),
        grid,
        injection_shares=source_signal_pdf["entries"].to_numpy().reshape(shape).sum(axis=1),
    )


def source_trial_model(
    source_background_pdf: pa.Table,
    source_signal_pdf: pa.Table,
    sources: pa.Table,
    grid: bool,
    sky_patterns: pa.Table | None = None,
) -> TrialModel:
    """Return the model of a pair's trials from its products; with `sky_patterns` the sources share one sky.

    Raises ProductError if the products speak of different sources.
    """
    separate = separate_skies(source_background_pdf, source_signal_pdf, sources, grid)
    if sky_patterns is None:
        return separate
    bins = sky_patterns["angle_bins"].combine_chunks()
    if len(bins.flatten()) != sky_patterns.num_rows * separate.n_sources:
        raise ProductError("sky_patterns is of other sources than the `sources` product: make it again")
    return separate.on_one_sky(
        sky_patterns["background_probability"].to_numpy(),
        sky_patterns["signal_probability"].to_numpy(),
        bins.flatten().to_numpy().reshape(sky_patterns.num_rows, separate.n_sources).T,
    )
