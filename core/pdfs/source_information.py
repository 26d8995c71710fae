"""What each source puts on one sky, and the Fisher information that pairs of sources share.

With S_k the expected signal of source k per strength of the process (⟨σv⟩ or 1/τ) in the cells of a sky, at its nominal
J factor, and N B the expected background, the likelihood sees the excess E_k = S_k - S̃_k over its average over right
ascension (background "data"), or E_k = S_k - n_k B (background "known"). For weights w of the J factors relative to
nominal the Fisher information on the strength is Σ_kl w_k w_l I_kl with

    I_kl = Σ_cells E_k E_l / (N B),

and a sky enters, where fits are Gaussian, through d_k = Σ_cells counts E_k / (N B) alone: ln L(w s) = s Σ w_k d_k
- s²/2 Σ w_k w_l I_kl. Cells where no background event has been seen have no say, as in core.pdfs.ratio.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.dark_matter.processes import ANNIHILATION, Process
from core.errors import PhysicsError
from core.pdfs.background import BinnedBackground, background_on_sky
from core.pdfs.one_sky import energies_in_window, source_signals_on_sky
from core.pdfs.pattern_cells import merged_patterns
from core.pdfs.sky import right_ascension_average, ring_sums
from core.signal.expected_signal import ExpectedSignal
from core.signal.windows import Window

Reals = NDArray[np.float64]
Treatment = Literal["data", "known"]


@dataclass(frozen=True)
class SourcePatterns:
    """The sky of single sources in cells of class, reconstructed energy and pixel, flattened.

    `sources`: their names. `signal`, `excess`: (n_sources, n_cells), S_k and E_k, expected events per strength.
    `background`: (n_cells,), N B, expected events; 0 where the sky has no say, and there the excess is 0 too.
    `shape`: (n_classes, n_energies, n_pixels).
    """

    sources: tuple[str, ...]
    signal: Reals
    excess: Reals
    background: Reals
    shape: tuple[int, int, int]
    process: Process = ANNIHILATION

    @property
    def n_events(self) -> float:
        """The events of a sky."""
        return float(self.background.sum())

    @property
    def information(self) -> Reals:
        """The information I_kl of each pair of sources per square of the strength, (n_sources, n_sources)."""
        return pair_information(self.excess, self.background)

    def other_information(self, treatment: Treatment) -> Reals:
        """Return I_kl with the other treatment of the background than the given one, with which E was made.

        The background is even along rings, so that E = S - S̃ loses Σ_rings S̃_k S̃_l/(N B) of Σ S_k S_l/(N B), and
        E = S - n B loses the same with one ring that is all of the sky.
        """
        events, seen = self.signal.sum(axis=1), self.signal[:, self.background > 0.0].sum(axis=1)
        both = np.outer(events, seen)
        of_all = (both + both.T - np.outer(events, events)) / self.n_events
        of_rings = self._ring_information()
        return self.information + (of_rings - of_all if treatment == "data" else of_all - of_rings)

    def _ring_information(self) -> Reals:
        """Return Σ S̃_k S̃_l/(N B) over cells, S̃ the average along rings of equal declination."""
        from healpy import npix2nside

        nside = npix2nside(self.shape[2])
        of_rings = ring_sums(self.signal.reshape(-1, *self.shape), nside).reshape(len(self.sources), -1)
        return pair_information(of_rings, ring_sums(self.background.reshape(self.shape), nside).ravel())


@dataclass(frozen=True)
class SourceCells:
    """A sky merged into cells in each of which every source has nearly one ratio to the background.

    `background`: (n_cells,) expected events; `signal`, `excess`: (n_sources, n_cells) per strength, as in
    SourcePatterns. `cell_of`: (n_sky_cells,), the merged cell of each cell of the sky. `information_loss`: the share of
    Σ_kl I_kl that merging lost; `source_information_loss`: (n_sources,), that of each I_kk.
    """

    sources: tuple[str, ...]
    background: Reals
    signal: Reals
    excess: Reals
    cell_of: NDArray[np.int64]
    information_loss: float
    source_information_loss: Reals

    @property
    def relative_excess(self) -> Reals:
        """E_k/(N B) of each cell and source, (n_cells, n_sources), per strength: what `j_profile` takes."""
        return np.ascontiguousarray((self.excess / self.background).T)


def source_patterns(
    expected: ExpectedSignal,
    background: BinnedBackground,
    nside: int,
    treatment: Treatment = "data",
    window: Window | None = None,
) -> SourcePatterns:
    """Return what each source puts on a sky, with the background of the sample; `window` in GeV.

    PhysicsError if more than 1 % of the signal lies where there is no background event.
    """
    inside = energies_in_window(expected.response.reco_energy_edges, window)
    on_sky = background_on_sky(background, nside)
    n_events = background.n_events * float(on_sky[:, inside].sum() / on_sky.sum())
    density = on_sky[:, inside] / on_sky[:, inside].sum()
    shape = (density.shape[0], density.shape[1], density.shape[2])
    signal = np.empty((expected.sources.num_rows, density.size))
    excess = np.empty_like(signal)
    for source, sky in enumerate(source_signals_on_sky(expected, nside)):
        own = sky[:, inside]
        even = right_ascension_average(own, nside) if treatment == "data" else own.sum() * density
        signal[source], excess[source] = own.ravel(), (own - even).ravel()
    cells = density.ravel()
    silent = cells <= 0.0
    lost = float(signal[:, silent].sum() / signal.sum())
    if lost > 0.01:
        raise PhysicsError(f"{lost:.1%} of the signal lies where there is no background event: use wider bins")
    excess[:, silent] = 0.0
    names = tuple(expected.sources["source"].to_pylist())
    return SourcePatterns(names, signal, excess, n_events * cells, shape, expected.acceptance.process)


def pair_information(excess: Reals, background: Reals) -> Reals:
    """Return Σ E_k E_l / (N B) over cells, (n_sources, n_sources), from (n_sources, n_cells) and (n_cells,)."""
    seen = background > 0.0
    scaled = excess * np.divide(1.0, np.sqrt(background), out=np.zeros_like(background), where=seen)
    return np.asarray(scaled @ scaled.T)


def source_cells(patterns: SourcePatterns, n_cells: int) -> SourceCells:
    """Return a sky merged into at most n_cells cells, those apart that tell sources apart (core.pdfs.pattern_cells).

    The ratio of a merged cell is the mean over its background, so that every Σ N B (R_k - 1) is kept exactly.
    """
    # The sum of all counts beside the sources: it loses 1e-3 at 1024 cells then, and 7e-3 without.
    stacked = np.vstack([patterns.excess, 2.0 * patterns.excess.sum(axis=0)])
    cell_of = merged_patterns(stacked, patterns.background, n_cells)
    n_merged = int(cell_of.max()) + 1
    background = summed_by(cell_of, patterns.background, n_merged)
    signal, excess = (
        np.array([summed_by(cell_of, row, n_merged) for row in rows]) for rows in (patterns.signal, patterns.excess)
    )
    before, after = patterns.information, pair_information(excess, background)
    own = np.diag(before)
    loss = 1.0 - np.divide(np.diag(after), own, out=np.ones_like(own), where=own > 0.0)
    total = float(before.sum())
    lost = 1.0 - float(after.sum()) / total if total > 0.0 else 0.0
    return SourceCells(patterns.sources, background, signal, excess, cell_of, lost, loss)


def summed_by(index: NDArray[np.int64], values: Reals, n: int) -> Reals:
    """Return the sums of values by their index, (n,)."""
    return np.asarray(np.bincount(index, weights=values, minlength=n), dtype=np.float64)


def slope_share(information: Reals) -> Reals:
    """Return the share of each source in the slope of the score, Σ_l I_kl / Σ_kl I_kl, (n_sources,), summing to 1.

    It is the share of the fitted signal per strength that the source's own events make. PhysicsError if there is none.
    """
    total = float(information.sum())
    if not total > 0.0:
        raise PhysicsError("the signal of these sources cannot be told from the background: there is no information")
    return np.asarray(information.sum(axis=1) / total)


def leading_sources(information: Reals, left_out: float = 0.02) -> NDArray[np.int64]:
    """Return the indices, in order, of the sources that decide: all but the faintest, whose shares sum to `left_out`.

    Shares in the slope, without their signs; at least one source is left. Raises PhysicsError as `slope_share`.
    """
    size = np.abs(slope_share(information))
    faintest_first = np.argsort(size, kind="stable")
    n_faint = int(np.searchsorted(np.cumsum(size[faintest_first]), left_out, side="right"))
    return np.sort(faintest_first[min(n_faint, len(size) - 1) :])


def source_information_table(patterns: SourcePatterns, treatment: Treatment = "data") -> pa.Table:
    """Return the `source_information` product: a row a source, its expected events, share and row of I_kl.

    `treatment`: of the background in the patterns; beside its information stands that of the other treatment.
    """
    information = patterns.information
    other = patterns.other_information(treatment)
    strength = patterns.process.strength
    return pa.table(
        {
            "source": pa.array(patterns.sources, pa.string()),
            f"n_s_per_{strength}": patterns.signal.sum(axis=1),
            "slope_share": slope_share(information),
            f"information_per_{strength}_squared": pa.array(information.tolist(), pa.list_(pa.float64())),
            f"information_other_background_per_{strength}_squared": pa.array(other.tolist(), pa.list_(pa.float64())),
            "background": pa.array([treatment] * len(patterns.sources), pa.string()),
            "process": pa.array([patterns.process.name] * len(patterns.sources), pa.string()),
        }
    )


def information_of_table(table: pa.Table, other_background: bool = False) -> Reals:
    """Return I_kl, (n_sources, n_sources), from a `source_information` product.

    With `other_background` that of the background known where the analysis takes it from the data, and vice versa.
    """
    start = "information_other_background_per_" if other_background else "information_per_"
    name = next(column for column in table.column_names if column.startswith(start))
    return np.array(table[name].to_pylist(), dtype=np.float64)
