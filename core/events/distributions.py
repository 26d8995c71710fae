"""How the variables of a sample are distributed: sums of weights in bins, added up table by table.

A sample may be larger than the memory: its parts come one after the other, and only the sums stay.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.events.atmosphere import expected_rates
from core.units import DEGREE

Reals = NDArray[np.float64]
Integers = NDArray[np.int64]
Bin = int | str
Sums = defaultdict[Bin, float]

# Resolution of the counts on the sky; coarser maps are sums of its pixels.
FINEST_NSIDE = 64
# A step far below the width of a bin: values on an edge, less a rounding error, stay above it.
SLACK = 1e-9
UNKNOWN = "not known"
# Columns of words. What only counts events (run, event) or weighs them is no variable.
WORDS = ("season", "event_class", "flavour", "interaction")


@dataclass(frozen=True)
class Binning:
    """Bins of equal `width` of a quantity that follows from a column; `ends`: where its range begins and ends."""

    of_column: Callable[[Reals], Reals]
    width: float
    ends: tuple[float, float] | None = None

    def bins(self, values: Reals) -> Integers:
        """Return the bins of a column's values, (n,): the first is that which begins at the lower end, or at 0."""
        low = 0.0 if self.ends is None else self.ends[0]
        found = np.floor((self.of_column(values) - low) / self.width + SLACK).astype(np.int64)
        return found if self.ends is None else np.clip(found, 0, self.n_bins - 1)

    @property
    def n_bins(self) -> int:
        """How many bins there are between the ends."""
        return 0 if self.ends is None else round((self.ends[1] - self.ends[0]) / self.width)

    def edges(self, first: int, n_bins: int) -> Reals:
        """Return the edges (n_bins + 1,) of the quantity."""
        low = 0.0 if self.ends is None else self.ends[0]
        return low + self.width * np.arange(first, first + n_bins + 1, dtype=np.float64)


def _degrees(angle: Reals) -> Reals:
    return angle / DEGREE


_COSINE, _SINE = Binning(np.cos, 1.0 / 12.0, (-1.0, 1.0)), Binning(np.sin, 1.0 / 12.0, (-1.0, 1.0))
_AROUND, _DECADE_TENTHS = Binning(_degrees, 15.0, (0.0, 360.0)), Binning(np.log10, 0.1)

NUMBERS: Mapping[str, Binning] = {
    "reco_energy": _DECADE_TENTHS,
    "reco_zenith": _COSINE,
    "reco_azimuth": _AROUND,
    "reco_ra": _AROUND,
    "reco_dec": _SINE,
    "angular_error": Binning(_degrees, 0.25),
    "true_energy": _DECADE_TENTHS,
    "true_ra": _AROUND,
    "true_dec": _SINE,
}


@dataclass
class Distribution:
    """Σw and Σw² of the events in each bin that holds any: numbered bins of a number, or words."""

    total: Sums = field(default_factory=lambda: defaultdict(float))
    total_of_squares: Sums = field(default_factory=lambda: defaultdict(float))

    def add(self, bins: Integers, weights: Reals, names: Sequence[str] | None = None) -> None:
        """Add events in bins (n,) with weights (n,); `names`: what the bins, counted from 0, are called."""
        if not bins.size:
            return
        first = int(bins.min())
        sums = (np.bincount(bins - first, weights=values) for values in (weights, weights**2))
        counts = np.bincount(bins - first)
        for index, (total, squares) in enumerate(zip(*sums, strict=True)):
            if counts[index]:
                name: Bin = first + index if names is None else names[first + index]
                self.total[name] += total
                self.total_of_squares[name] += squares

    def merged(self, n_bins: int) -> "Distribution":
        """Return the sums of so many numbered bins each, counted from bin 0."""
        total, squares = (
            _summed((int(number) // n_bins, value) for number, value in sums.items())
            for sums in (self.total, self.total_of_squares)
        )
        return Distribution(total, squares)

    def scaled(self, factor: float) -> "Distribution":
        """Return the same with all weights multiplied by a factor."""
        total = _summed((name, factor * value) for name, value in self.total.items())
        squares = _summed((name, factor**2 * value) for name, value in self.total_of_squares.items())
        return Distribution(total, squares)

    def in_bins(self, bins: Sequence[Bin]) -> tuple[Reals, Reals]:
        """Return Σw and √Σw² in the bins named, (n_bins,) each."""
        total, squares = ([sums.get(name, 0.0) for name in bins] for sums in (self.total, self.total_of_squares))
        return np.array(total, dtype=np.float64), np.sqrt(np.array(squares, dtype=np.float64))


def _summed(items: Iterable[tuple[Bin, float]]) -> Sums:
    sums: Sums = defaultdict(float)
    for name, value in items:
        sums[name] += value
    return sums


@dataclass
class EventSums:
    """The distributions of all variables of a sample, and its counts on the sky.

    `pixels` (12 · 64²,) events in each HEALPix pixel, ring ordering, not weighted. `is_blind`: none of the tables had
    times, so that right ascension is scrambled. `n_own_rates`: simulated events with an atmospheric rate of their own.
    """

    distributions: dict[str, Distribution] = field(default_factory=dict)
    pixels: Integers = field(default_factory=lambda: np.zeros(12 * FINEST_NSIDE**2, dtype=np.int64))
    n_events: int = 0
    n_own_rates: int = 0
    is_simulated: bool = False
    is_blind: bool = True
    total: float = 0.0

    def add(self, events: pa.Table, factor: float = 1.0) -> None:
        """Add a table of the canonical schema: measured events count 1, simulated ones factor · atmospheric rate."""
        import healpy

        self.is_simulated = "true_energy" in events.column_names
        self.is_blind &= "mjd" not in events.column_names
        weights = np.ones(events.num_rows)
        if self.is_simulated:
            weights = factor * expected_rates(events)
            self.n_own_rates += events.num_rows - events["atmospheric_rate"].null_count
        self.n_events += events.num_rows
        self.total += float(weights.sum())
        for name in (*WORDS, *NUMBERS):
            if name in events.column_names:
                self._add_variable(name, events, weights)
        colatitude = 0.5 * np.pi - events["reco_dec"].to_numpy()
        found = healpy.ang2pix(FINEST_NSIDE, colatitude, events["reco_ra"].to_numpy())
        self.pixels += np.bincount(found, minlength=self.pixels.size)

    def _add_variable(self, name: str, events: pa.Table, weights: Reals) -> None:
        distribution = self.distributions.setdefault(name, Distribution())
        if name in NUMBERS:
            distribution.add(NUMBERS[name].bins(events[name].to_numpy()), weights)
            return
        words = events[name].fill_null(UNKNOWN).combine_chunks().dictionary_encode()
        distribution.add(words.indices.to_numpy().astype(np.int64), weights, words.dictionary.to_pylist())

    def scaled(self, factor: float) -> "EventSums":
        """Return the same with all weights multiplied by a factor."""
        distributions = {name: one.scaled(factor) for name, one in self.distributions.items()}
        return replace(self, distributions=distributions, total=factor * self.total)

    def counts_on_sky(self, nside: int) -> Integers:
        """Return the events in each pixel of a coarser map, (12 nside²,) in ring ordering."""
        import healpy

        nested = self.pixels[healpy.nest2ring(FINEST_NSIDE, np.arange(self.pixels.size))]
        coarse = nested.reshape(healpy.nside2npix(nside), -1).sum(axis=1)
        counts: Integers = coarse[healpy.ring2nest(nside, np.arange(coarse.size))]
        return counts

    def is_known(self, name: str) -> bool:
        """Tell whether any event has a value of a variable."""
        found = self.distributions.get(name)
        return found is not None and bool(found.total.keys() - {UNKNOWN})
