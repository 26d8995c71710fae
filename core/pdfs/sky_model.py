"""How a pair of channel and mass sees one sky: the cell of its fit that each cell of the sky falls into.

The sky is that of all energies and classes of the sample, flattened from (n_classes, n_energies, n_pixels). What lies
outside a pair's window of energies falls into no cell.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.errors import ProductError
from core.events.classes import EVENT_CLASSES
from core.likelihood.model import TrialModel
from core.pdfs.one_sky import energies_in_window
from core.pdfs.ratio import ratio_step, sky_ratio
from core.pdfs.sky_patterns import bins_of_pixels
from core.signal.windows import Window

Integers = NDArray[np.int64]

OUTSIDE = -1


@dataclass(frozen=True)
class SkyModel:
    """The model of a pair's trials, and the cell of the model for each cell of the sky, (n_sky_cells,) or OUTSIDE."""

    model: TrialModel
    cell_of: Integers

    def counts(self, sky: NDArray[np.integer]) -> Integers:
        """Return the events of a sky, of any shape, in the cells of the model, (n_cells,)."""
        inside = self.cell_of >= 0
        flat = sky.ravel()[inside]
        return np.asarray(np.bincount(self.cell_of[inside], weights=flat, minlength=self.model.n_cells), dtype=np.int64)


def joint_sky_model(
    model: TrialModel,
    signal_pdf: pa.Table,
    n_sky_cells_merged: NDArray[np.int64],
    reco_energy_edges: NDArray[np.float64],
    treatment: Literal["data", "known"],
    n_cells: int,
) -> SkyModel:
    """Return how the joint statistic sees a sky, by the same merging as its `ratio_cells` product's.

    `n_sky_cells_merged`: (n_cells,), that column of the product. ProductError if the merging gives other cells.
    """
    signal, average, background = (
        signal_pdf[name].to_numpy()
        for name in ("signal_probability", "signal_average_probability", "background_probability")
    )
    step = ratio_step(sky_ratio(signal, average, background, treatment), n_cells)
    kept = np.bincount(step, weights=background, minlength=n_cells) > 0.0
    if not np.array_equal(np.bincount(step, minlength=n_cells)[kept], n_sky_cells_merged):
        raise ProductError("ratio_cells is of another signal_pdf: make it again")
    number = np.where(kept, np.cumsum(kept) - 1, OUTSIDE)
    from healpy import nside2npix

    n_pixels = nside2npix(signal_pdf["nside"][0].as_py())
    on_sky = np.full((len(EVENT_CLASSES), len(reco_energy_edges) - 1, n_pixels), OUTSIDE, dtype=np.int64)
    on_sky[:, np.isin(reco_energy_edges[:-1], signal_pdf["reco_energy_low"].to_numpy())] = number[step].reshape(
        len(EVENT_CLASSES), -1, n_pixels
    )
    return SkyModel(model, on_sky.ravel())


def pattern_sky_model(
    model: TrialModel,
    sources: pa.Table,
    angle_low: NDArray[np.float64],
    nside: int,
    reco_energy_edges: NDArray[np.float64],
    window: Window | None,
) -> SkyModel:
    """Return how the published statistic on one sky sees it: by the bins of angle of all sources of a pixel.

    `angle_low`: (n_bins,), rad. ProductError if a pixel has bins that no pattern of the model has.
    """
    if model.patterns is None:
        raise ProductError("the model of trials has sources on skies of their own: there is no one sky to fit")
    bins = bins_of_pixels(sources, angle_low, nside)
    both, place = np.unique(np.concatenate([model.patterns, bins], axis=1), axis=1, return_inverse=True)
    cell = np.full(both.shape[1], OUTSIDE)
    cell[place.ravel()[: model.n_cells]] = np.arange(model.n_cells)
    pixel_cell = cell[place.ravel()[model.n_cells :]]
    if (pixel_cell < 0).any():
        raise ProductError("sky_patterns is of other sources or another nside: make it again")
    inside = energies_in_window(reco_energy_edges, window)
    on_sky = np.full((len(EVENT_CLASSES), inside.size, pixel_cell.size), OUTSIDE, dtype=np.int64)
    on_sky[:, inside] = pixel_cell
    return SkyModel(model, on_sky.ravel())
