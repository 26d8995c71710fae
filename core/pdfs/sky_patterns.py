"""One sky for the published statistic: its pixels by the bins of angle, of all sources at once, that they fall into.

The statistic of arXiv:2511.19385 sees an event through its angle to each source. On one sky, as data are, an event has
an angle to every source, so that their fits are correlated. Pixels with the same bins for all sources are one pattern.

Pixels cut the bins of angle unevenly. So that fits on this sky are those of the sources' own histograms, the signal of
each source is scaled to its histogram bin by bin, and the background of pixels is p (1 + sum_k a_k e_k + b_k e_k^2),
e_k = R_k - 1, with a and b such that mean and mean square of every e_k are those of the source's background histogram.
"""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.coordinates import angular_separation
from core.errors import PhysicsError
from core.likelihood.model import TrialModel
from core.likelihood.one_sky_law import OneSkyLaw
from core.likelihood.stacked_model import separate_skies
from core.pdfs.background import BinnedBackground, background_on_sky
from core.pdfs.one_sky import energies_in_window, source_signals_on_sky
from core.pdfs.sky import pixel_directions
from core.signal.expected_signal import ExpectedSignal
from core.signal.windows import Window

Reals = NDArray[np.float64]
Integers = NDArray[np.int64]

MOST_CHANGED = 0.5  # a pixel's background, relative to what the data's density gives it


def sky_patterns(
    expected: ExpectedSignal,
    background: BinnedBackground,
    source_background_pdf: pa.Table,
    source_signal_pdf: pa.Table,
    nside: int,
    window: Window | None = None,
) -> pa.Table:
    """Return the `sky_patterns` product of a pair: background, signal and the sources' bins of each pattern.

    `source_background_pdf` and `source_signal_pdf`: the pair's products, of the whole sky. The signal is that of all
    sources, each with its share of the expected events. `window` in GeV. Raises PhysicsError if the pixels of `nside`
    are too wide for the bins of angle.
    """
    separate = separate_skies(source_background_pdf, source_signal_pdf, expected.sources)
    angle_low = source_background_pdf["angle_low"].to_numpy()[: separate.n_bins]
    bins = bins_of_pixels(expected.sources, angle_low, nside)
    pixels = background_on_sky(background, nside)[:, energies_in_window(background.reco_energy_edges, window)]
    adjusted = adjusted_background(pixels.sum(axis=(0, 1)), bins, separate)
    signal = np.zeros(adjusted.size)
    on_sky = _signals_in_window(expected, nside, window)
    for share, own_bins, own, histogram in zip(separate.draw_weights, bins, on_sky, separate.signal, strict=True):
        signal += share * scaled_to_histogram(own, adjusted, own_bins, histogram)
    one = separate.on_one_sky(adjusted, signal / signal.sum(), bins)
    return _patterns_table(one, nside)


def bins_of_pixels(sources: pa.Table, angle_low: Reals, nside: int) -> Integers:
    """Return the bin of the angle between each source and each pixel's centre, (n_sources, n_pixels).

    `angle_low`: (n_bins,) lower edges of the bins, rad.
    """
    x, y, z = pixel_directions(nside).T
    columns = (sources[name].to_numpy() for name in ("ra", "dec"))
    angles = [angular_separation(ra, dec, np.arctan2(y, x), np.arcsin(z)) for ra, dec in zip(*columns, strict=True)]
    return np.asarray(np.searchsorted(angle_low, np.array(angles), side="right") - 1, dtype=np.int64)


def adjusted_background(on_sky: Reals, bins: Integers, separate: TrialModel) -> Reals:
    """Return the background probability of pixels that gives each source's R - 1 its mean and mean square.

    `on_sky`: (n_pixels,), background of any normalisation; `bins`: (n_sources, n_pixels); `apart`: the sources on skies
    of their own. PhysicsError if a pixel would change by more than MOST_CHANGED.
    """
    pixels = on_sky / on_sky.sum()
    excess = separate.ratio - 1.0
    on_pixels = np.take_along_axis(excess, bins, axis=1)
    moments = np.concatenate([np.ones((1, pixels.size)), on_pixels, on_pixels**2])
    wanted = np.concatenate([[1.0], *((separate.background * excess**order).sum(axis=1) for order in (1, 2))])
    weighted = moments * pixels
    # Sources at one place have the same moments: the least of many solutions.
    change = np.linalg.lstsq(weighted @ moments.T, wanted - weighted.sum(axis=1), rcond=1e-12)[0] @ moments
    if not np.abs(change).max() <= MOST_CHANGED:
        raise PhysicsError(
            f"pixels are too wide for {separate.n_bins} bins of angle: their background would change by "
            f"{np.abs(change).max():.0%}; raise nside or take fewer n_angle_bins"
        )
    return np.asarray(pixels * (1.0 + change))


def scaled_to_histogram(signal: Reals, background: Reals, bins: Integers, histogram: Reals) -> Reals:
    """Return the signal of one source in pixels (n_pixels,), each bin of angle scaled to what a histogram holds.

    `histogram`: (n_bins,). A bin in which the signal on the sky is 0 is filled as the background is; what a histogram
    has where there is no pixel is left out.
    """
    of_bin = np.bincount(bins, weights=signal, minlength=histogram.size)
    filled = np.where(of_bin[bins] > 0.0, signal, background)
    sums = np.bincount(bins, weights=filled, minlength=histogram.size)
    scale = np.divide(histogram, sums, out=np.zeros_like(sums), where=sums > 0.0)
    return np.asarray(filled * scale[bins])


def _signals_in_window(expected: ExpectedSignal, nside: int, window: Window | None) -> Iterator[Reals]:
    inside = energies_in_window(expected.response.reco_energy_edges, window)
    for on_sky in source_signals_on_sky(expected, nside):
        yield on_sky[:, inside].sum(axis=(0, 1))


def _patterns_table(model: TrialModel, nside: int) -> pa.Table:
    bins, n_patterns = model.patterns, model.n_cells
    if bins is None:
        raise PhysicsError("a model without patterns is of no one sky")
    offsets = np.arange(n_patterns + 1, dtype=np.int32) * model.n_sources
    return pa.table(
        {
            "pattern": np.arange(n_patterns),
            "angle_bins": pa.ListArray.from_arrays(offsets, np.ascontiguousarray(bins.T).ravel()),
            "background_probability": model.background[0],
            "signal_probability": model.signal[0],
            "nside": np.full(n_patterns, nside),
            "n_events": np.full(n_patterns, model.n_events),
            "n_s_uncertainty": np.full(n_patterns, OneSkyLaw.of(model).n_s_uncertainty),
        }
    )
