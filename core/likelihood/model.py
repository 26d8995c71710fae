"""What trials are drawn from and fitted with: probabilities of cells, their ratios, the sources' weights."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.errors import PhysicsError

Injection = Literal["multinomial", "rounded"]

_SUM_TOLERANCE = 1e-6
# By which the mean ratio of background may differ from 1: signal of up to 1 % in cells without background has no say.
_RATIO_TOLERANCE = 0.011


@dataclass(frozen=True)
class TrialModel:
    """A model of trials; made by `joint`, `per_source`, `one_sky` or `on_one_sky`.

    background, signal: (n_draws, n_cells), the event sets of a trial. ratio: R (n_sources, n_bins) of what is fitted.
    weights: (n_sources,), summing to 1. patterns: (n_sources, n_cells), the bin of each source that a cell of one sky
    falls into; without them each source's bins are the cells of its own event set. A joint model is one source.
    injection_shares: (n_sources,), the share of signal events that each source gets, where it is not its weight.
    source_events: (n_sources,), the events of each source's event set, where they differ; n_events is the most.
    ratio_beside: (n_cells,), of a joint model that fits any number of events of another signal beside its own.
    signal_average: (n_cells,), the signal's average over right ascension S~ in the cells of one sky, where the
    background comes from that sky and so holds it; None where the background is known.
    """

    background: NDArray[np.float64]
    signal: NDArray[np.float64]
    ratio: NDArray[np.float64]
    weights: NDArray[np.float64]
    n_events: int
    grid: bool = False
    injection: Injection = "multinomial"
    patterns: NDArray[np.int64] | None = None
    injection_shares: NDArray[np.float64] | None = None
    source_events: NDArray[np.int64] | None = None
    ratio_beside: NDArray[np.float64] | None = None
    signal_average: NDArray[np.float64] | None = None

    @classmethod
    def joint(
        cls,
        background: ArrayLike,
        signal: ArrayLike,
        ratio: ArrayLike,
        n_events: int,
        signal_average: ArrayLike | None = None,
    ) -> "TrialModel":
        """Return the model of one likelihood of one sky.

        background, signal: probabilities (n_cells,), each summing to 1. ratio: R (n_cells,), S/B or the
        signal-subtracted 1 + (S - S~)/B, which may be negative; the mean over background of both is 1, of merged cells
        too. signal_average: S~ (n_cells,), summing to 1, if trials are to take it out of their background
        (`background_beside`). Raises PhysicsError for impossible input, and for a ratio that is neither.
        """
        background_row = _probabilities("background", background, 1)
        signal_row = _probabilities("signal", signal, 1)
        ratio_row = _as_array("ratio", ratio, 1)
        sizes = background_row.size, signal_row.size, ratio_row.size
        if len(set(sizes)) != 1:
            raise PhysicsError(f"background, signal and ratio have {sizes} cells: give the same number")
        mean = float(background_row @ ratio_row)
        if abs(mean - 1.0) > _RATIO_TOLERANCE:
            raise PhysicsError(
                f"the mean of the ratio over background is {mean:.4g}: that of S/B, and of 1 + (S - S~)/B, is 1; give "
                "a ratio of probabilities in the same cells"
            )
        average = None if signal_average is None else _probabilities("signal_average", signal_average, 1)
        if average is not None and average.size != background_row.size:
            raise PhysicsError(f"signal_average has {average.size} cells, background {background_row.size}: give both")
        return cls(
            background_row[np.newaxis],
            signal_row[np.newaxis],
            ratio_row[np.newaxis],
            np.ones(1),
            _checked_n_events(n_events),
            signal_average=average,
        )

    @classmethod
    def joint_beside(
        cls, background: ArrayLike, signal: ArrayLike, ratio: ArrayLike, ratio_beside: ArrayLike, n_events: int
    ) -> "TrialModel":
        """Return the model of one likelihood of one sky that fits another signal of any strength beside its own.

        Arguments as for `joint`; ratio_beside: R (n_cells,) of the other signal. Raises PhysicsError as there.
        """
        beside = cls.joint(background, signal, ratio_beside, n_events).ratio[0]
        return replace(cls.joint(background, signal, ratio, n_events), ratio_beside=beside)

    @classmethod
    def per_source(
        cls,
        background: ArrayLike,
        signal: ArrayLike,
        weights: ArrayLike,
        n_events: int | ArrayLike,
        grid: bool = False,
        injection: Injection = "multinomial",
        injection_shares: ArrayLike | None = None,
    ) -> "TrialModel":
        """Return the published model (arXiv:2511.19385): each source an own event set, fit and TS; TS = sum w_k TS_k.

        background: (n_sources, n_bins) and signal: (n_bins,) or (n_sources, n_bins), probabilities in the angle
        event-source; weights (n_sources,) are normalised to 1; n_events: of each event set, one number or (n_sources,).
        A bin without background but with signal shares the ratio of its nearest neighbours with background. With `grid`
        n_s is the published integer grid.
        injection: n_injected events choose their source by weight ("multinomial"), or each source gets
        round(n_injected w_k) ("rounded", as published); by `injection_shares` (n_sources,) where those are given. Draws
        are independent between sources, so that these trials give no p-value of one observed sky. Raises PhysicsError
        for impossible input.
        """
        background_rows = _probabilities("background", background, 2)
        signal_rows = np.atleast_2d(_probabilities("signal", signal, 1, 2))
        n_sources, n_bins = background_rows.shape
        if signal_rows.shape[1] != n_bins or signal_rows.shape[0] not in (1, n_sources):
            raise PhysicsError(
                f"signal {signal_rows.shape} does not fit background {background_rows.shape}: "
                f"give ({n_bins},) or ({n_sources}, {n_bins})"
            )
        if injection not in ("multinomial", "rounded"):
            raise PhysicsError(f"unknown injection {injection!r}: known are multinomial, rounded")
        signal_rows = np.ascontiguousarray(np.broadcast_to(signal_rows, background_rows.shape))
        ratio = np.array([_bin_ratio(b, s) for b, s in zip(background_rows, signal_rows, strict=True)])
        source_weights = _source_weights(weights, n_sources)
        shares = None if injection_shares is None else _source_weights(injection_shares, n_sources)
        sizes = _sizes(n_events, n_sources)
        return cls(
            background_rows,
            signal_rows,
            ratio,
            source_weights,
            int(sizes.max()),
            grid,
            injection,
            injection_shares=shares,
            source_events=None if np.all(sizes == sizes[0]) else sizes,
        )

    @classmethod
    def one_sky(
        cls,
        background: ArrayLike,
        signal: ArrayLike,
        bins: ArrayLike,
        weights: ArrayLike,
        n_events: int,
        grid: bool = False,
        injection_shares: ArrayLike | None = None,
    ) -> "TrialModel":
        """Return the published statistic on one sky: sources share its events, as those of the data do.

        background: (n_pixels,) and signal: (n_sources, n_pixels), probabilities of the pixels of a sky. bins:
        (n_sources, n_pixels), the bin 0, 1, ... of the angle between pixel and source. weights: (n_sources,). Pixels
        with the same bins for all sources are one cell. The histograms that R is the ratio of are sums over pixels.
        Signal events come from the sources by `injection_shares` (n_sources,), by weight without.
        Raises PhysicsError for impossible input.
        """
        pixel_background = _probabilities("background", background, 1)
        pixel_signal = _probabilities("signal", signal, 2)
        pixel_bins = _checked_bins(bins, pixel_signal.shape[0], pixel_background.size)
        if pixel_signal.shape != pixel_bins.shape:
            raise PhysicsError(f"signal {pixel_signal.shape} does not fit bins {pixel_bins.shape}: give the same")
        n_bins = int(pixel_bins.max()) + 1
        background_rows = [_summed(here, pixel_background, n_bins) for here in pixel_bins]
        signal_rows = [_summed(here, own, n_bins) for here, own in zip(pixel_bins, pixel_signal, strict=True)]
        separate = cls.per_source(
            background_rows, signal_rows, weights, n_events, grid, injection_shares=injection_shares
        )
        return separate.on_one_sky(pixel_background, separate.draw_weights @ pixel_signal, pixel_bins)

    def on_one_sky(self, background: ArrayLike, signal: ArrayLike, bins: ArrayLike) -> "TrialModel":
        """Return the same fits with sources that share the events of one sky.

        background, signal: (n_pixels,), the probabilities of its pixels, of signal those of all sources together. bins:
        (n_sources, n_pixels) as for `one_sky`. Raises PhysicsError for impossible input, or if sources differ in their
        numbers of events.
        """
        if self.source_events is not None:
            raise PhysicsError("sources that see different numbers of events share no sky: leave out declination bands")
        pixel_background, pixel_signal = (
            _probabilities("background", background, 1),
            _probabilities("signal", signal, 1),
        )
        pixel_bins = _checked_bins(bins, self.n_sources, pixel_background.size)
        if pixel_signal.size != pixel_background.size or pixel_bins.max() >= self.n_bins:
            raise PhysicsError(
                f"signal of {pixel_signal.size} pixels and bins to {pixel_bins.max()} do not fit background of "
                f"{pixel_background.size} pixels and {self.n_bins} bins"
            )
        patterns, cells = np.unique(pixel_bins, axis=1, return_inverse=True)
        sums = (_summed(cells.ravel(), values, patterns.shape[1]) for values in (pixel_background, pixel_signal))
        cell_background, cell_signal = (cell[np.newaxis] for cell in sums)
        kept = np.ascontiguousarray(patterns, dtype=np.int64)
        return replace(self, background=cell_background, signal=cell_signal, patterns=kept)

    def background_beside(self, n_injected: float) -> NDArray[np.float64]:
        """Return the probabilities of background beside so many signal events, (n_draws, n_cells).

        A background B that is the sky's own average over right ascension holds the average S~ of its signal. What is
        background in N events of which n are signal is (N B - n S~)/(N - n), so that all of them follow the density
        that is fitted, B + n/N (S - S~): the best fit is n without bias. Where B has less than n/N S~ it is 0.
        """
        if self.signal_average is None or not 0.0 < n_injected < self.n_events:
            return self.background
        left = np.maximum(self.n_events * self.background - n_injected * self.signal_average, 0.0)
        return np.asarray(left / left.sum(axis=1, keepdims=True))

    @property
    def n_sources(self) -> int:
        """How many sources are fitted."""
        return int(self.ratio.shape[0])

    @property
    def n_draws(self) -> int:
        """How many independent event sets a trial has."""
        return int(self.background.shape[0])

    @property
    def n_cells(self) -> int:
        """How many cells an event set is drawn in."""
        return int(self.background.shape[1])

    @property
    def n_bins(self) -> int:
        """How many cells a fit has."""
        return int(self.ratio.shape[1])

    @property
    def shares_one_sky(self) -> bool:
        """Whether a trial is one sky, as data are, so that p-values and limits of data may come from it."""
        return self.n_draws == 1

    @property
    def draw_events(self) -> NDArray[np.int64]:
        """The events of each event set, signal among them, (n_draws,)."""
        return np.full(self.n_draws, self.n_events) if self.source_events is None else self.source_events

    @property
    def draw_weights(self) -> NDArray[np.float64]:
        """The share of the signal events that each event set gets, (n_draws,)."""
        if self.patterns is not None:
            return np.ones(1)
        return self.weights if self.injection_shares is None else self.injection_shares


def _as_array(name: str, given: ArrayLike, *dimensions: int) -> NDArray[np.float64]:
    array = np.array(given, dtype=np.float64, order="C")
    if array.ndim not in dimensions or array.size == 0:
        allowed = " or ".join(map(str, dimensions))
        raise PhysicsError(f"{name} has shape {array.shape}: it must have {allowed} dimensions")
    if not np.all(np.isfinite(array)):
        raise PhysicsError(f"{name} holds {np.count_nonzero(~np.isfinite(array))} values that are not finite")
    return array


def _probabilities(name: str, given: ArrayLike, *dimensions: int) -> NDArray[np.float64]:
    """Return probabilities as an array whose rows sum to 1."""
    array = _as_array(name, given, *dimensions)
    if array.min() < 0.0:
        raise PhysicsError(f"{name} has a probability of {array.min():.3g}: none may be negative")
    sums = np.atleast_1d(array.sum(axis=-1))
    worst = sums[np.argmax(np.abs(sums - 1.0))]
    if abs(worst - 1.0) > _SUM_TOLERANCE:
        raise PhysicsError(f"{name} sums to {worst:.9g}: normalise it to 1")
    return array


def _sizes(n_events: int | ArrayLike, n_sources: int) -> NDArray[np.int64]:
    """Return the events of each source's event set; PhysicsError unless one number or one a source is given."""
    given = np.asarray(n_events)
    if given.shape not in ((), (n_sources,)):
        raise PhysicsError(f"n_events has shape {given.shape}: give one number, or one of each of {n_sources} sources")
    return np.array([_checked_n_events(n) for n in np.broadcast_to(given, (n_sources,)).tolist()])


def _source_weights(given: ArrayLike, n_sources: int) -> NDArray[np.float64]:
    weights = _as_array("weights", given, 1)
    if weights.size != n_sources or weights.min() < 0.0 or weights.sum() <= 0.0:
        raise PhysicsError(f"weights must be {n_sources} numbers >= 0, not all 0: give one a source")
    return np.asarray(weights / weights.sum())


def _checked_bins(given: ArrayLike, n_sources: int, n_pixels: int) -> NDArray[np.integer]:
    bins = np.asarray(given)
    if bins.shape != (n_sources, n_pixels):
        raise PhysicsError(
            f"bins have the shape {bins.shape}: give one of each source and pixel, {n_sources, n_pixels}"
        )
    if not np.issubdtype(bins.dtype, np.integer) or bins.min() < 0:
        raise PhysicsError("bins must be whole numbers from 0: give the index of the angle's bin")
    return bins


def _checked_n_events(n_events: int) -> int:
    if not 1 <= n_events < 2**31 or n_events != int(n_events):
        raise PhysicsError(f"n_events {n_events} must be a whole number from 1 to 2^31 - 1")
    return int(n_events)


def _bin_ratio(background: NDArray[np.float64], signal: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return S/B of each bin; bins without background are taken together with the nearest bins that have some."""
    filled = np.flatnonzero(background > 0.0)
    nearest = filled[np.argmin(np.abs(np.arange(background.size)[:, np.newaxis] - filled[np.newaxis, :]), axis=1)]
    merged_signal = _summed(nearest, signal, background.size)
    merged_background = _summed(nearest, background, background.size)
    return np.ascontiguousarray(merged_signal[nearest] / merged_background[nearest])


def _summed(bins: NDArray[np.integer], values: NDArray[np.float64], n_bins: int) -> NDArray[np.float64]:
    """Return the sum of values in each bin."""
    return np.bincount(bins, weights=values, minlength=n_bins).astype(np.float64)
