"""The cells in which a likelihood is handed on: background, what a strength of the signal adds to it, and the events.

`stacked`: all sources at their J (or D) factors, in the cells of the `ratio_cells` product. Beside it each source
alone, as if no other shone. On one sky galaxies share events, so that the product of the sources' likelihoods is not
the stacked one: events near several galaxies would count several times.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.dark_matter.processes import Process, strength_column
from core.errors import PhysicsError
from core.glossary import GLOSSARY
from core.likelihood.strength_curve import StrengthCurve
from core.pdfs.background import BinnedBackground, background_on_sky
from core.pdfs.one_sky import energies_in_window, source_signals_on_sky
from core.pdfs.ratio import ratio_step, sky_ratio
from core.pdfs.sky import right_ascension_average
from core.signal.expected_signal import ExpectedSignal
from core.signal.windows import Window

Reals = NDArray[np.float64]
Treatment = Literal["data", "known"]

STACKED = "stacked"
EXPECTED = "expected"  # what the column `sky` says of events that are those expected without signal
N_SOURCE_CELLS = 256


@dataclass(frozen=True, eq=False)
class LikelihoodCells:
    """One likelihood: `background`, `events` (n_cells,) and `excess` (n_cells,) expected events per strength.

    `n_s_per_strength`: expected signal events per strength in all cells; `information_loss`: the share of the Fisher
    information that merging lost.
    """

    source: str
    background: Reals
    excess: Reals
    events: Reals
    n_s_per_strength: float
    information_loss: float

    @property
    def curve(self) -> StrengthCurve:
        """The likelihood as a curve over strengths."""
        return StrengthCurve(self.excess / self.background, self.events)


def stacked_cells(ratio_cells: pa.Table, events: NDArray[np.integer] | None = None) -> LikelihoodCells:
    """Return the likelihood of all sources together in the cells of a `ratio_cells` product.

    `events` (n_cells,): of an observed sky; None: those expected without signal.
    """
    n_s_per_strength = float(ratio_cells[strength_column(ratio_cells, "n_s_per_{}")][0].as_py())
    background = ratio_cells["background_probability"].to_numpy()
    expected = background * ratio_cells["n_events"][0].as_py()
    return LikelihoodCells(
        STACKED,
        expected,
        n_s_per_strength * background * (ratio_cells["ratio"].to_numpy() - 1.0),
        expected if events is None else events.astype(np.float64),
        n_s_per_strength,
        float(ratio_cells["fisher_information_loss"][0].as_py()),
    )


def source_likelihoods(
    expected: ExpectedSignal,
    background: BinnedBackground,
    nside: int,
    treatment: Treatment = "data",
    window: Window | None = None,
    sky: NDArray[np.integer] | None = None,
    n_cells: int = N_SOURCE_CELLS,
) -> Iterator[LikelihoodCells | str]:
    """Yield the likelihood of one source after the other, in words why not where a source cannot be told from B.

    `window` in GeV. `sky` (n_classes, n_energies, n_pixels): the events of an observed one; None: those expected
    without signal.
    """
    inside = energies_in_window(expected.response.reco_energy_edges, window)
    on_sky = background_on_sky(background, nside)
    n_events = background.n_events * float(on_sky[:, inside].sum() / on_sky.sum())
    density = on_sky[:, inside] / on_sky[:, inside].sum()
    counts = None if sky is None else sky[:, inside].ravel()
    names = expected.sources["source"].to_pylist()
    for name, signal in zip(names, source_signals_on_sky(expected, nside), strict=True):
        own = signal[:, inside]
        n_s_per_strength = float(own.sum())
        average = right_ascension_average(own / n_s_per_strength, nside)
        try:
            ratio = sky_ratio(own / n_s_per_strength, average, density, treatment)
        except PhysicsError as error:
            yield f"{name}: {error}"
            continue
        found = _merged(name, ratio.ravel(), density.ravel() * n_events, n_s_per_strength, counts, n_cells)
        is_told = float(np.sum(found.excess**2 / found.background)) > (n_s_per_strength / n_events) ** 2
        yield found if is_told else f"{name}: its signal cannot be told from the background"


def _merged(
    name: str,
    ratio: Reals,
    background: Reals,
    n_s_per_strength: float,
    counts: NDArray[np.integer] | None,
    n_cells: int,
) -> LikelihoodCells:
    """Return the sky of one source merged into at most n_cells cells of nearly equal ratio, as in `core.pdfs.ratio`."""
    excess = n_s_per_strength * background / background.sum() * (ratio - 1.0)
    index = ratio_step(ratio, n_cells)
    summed = np.array([np.bincount(index, weights=row, minlength=n_cells) for row in (background, excess)])
    kept = summed[0] > 0.0
    merged_background, merged_excess = summed[:, kept]
    seen = background > 0.0
    before = float(np.sum(excess[seen] ** 2 / background[seen]))
    after = float(np.sum(merged_excess**2 / merged_background))
    events = merged_background
    if counts is not None:
        events = np.bincount(index, weights=counts, minlength=n_cells)[kept].astype(np.float64)
    return LikelihoodCells(
        name, merged_background, merged_excess, events, n_s_per_strength, 1.0 - after / before if before > 0.0 else 0.0
    )


def likelihood_table(likelihoods: list[LikelihoodCells], process: Process, described: Mapping[str, object]) -> pa.Table:
    """Return the `likelihood` product: a row a cell of each likelihood, the stacked one first.

    described: what holds for all rows, as columns.
    """
    strength = process.strength
    tables = []
    for cells in likelihoods:
        n = len(cells.background)
        whole: dict[str, object] = {
            "source": cells.source,
            f"n_s_per_{strength}": cells.n_s_per_strength,
            "fisher_information_loss": cells.information_loss,
            "process": process.name,
            **described,
        }
        columns = {
            "cell": np.arange(n),
            "background_events": cells.background,
            f"excess_per_{strength}": cells.excess,
            "events": cells.events,
        }
        repeated = {key: pa.array([value] * n, GLOSSARY[key].dtype) for key, value in whole.items()}
        tables.append(pa.table({**columns, **repeated}))
    return pa.concat_tables(tables)


def likelihoods_of_table(table: pa.Table) -> list[LikelihoodCells]:
    """Return the likelihoods of one pair from a `likelihood` or `observed_likelihood` product, in its order."""
    excess, scale = (strength_column(table, name) for name in ("excess_per_{}", "n_s_per_{}"))
    names = table["source"].to_pylist()
    found = []
    for name in dict.fromkeys(names):
        rows = table.filter(pa.array([own == name for own in names]))
        found.append(
            LikelihoodCells(
                name,
                rows["background_events"].to_numpy(),
                rows[excess].to_numpy(),
                rows["events"].to_numpy(),
                rows[scale][0].as_py(),
                rows["fisher_information_loss"][0].as_py(),
            )
        )
    return found
