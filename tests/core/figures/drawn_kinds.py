"""One figure of each kind, of small tables whose numbers are written down or follow from a formula.

`uv run python -m tests.core.figures.drawn_kinds [KIND ...]` draws the images that test_images.py compares with: look at
them before they are committed.
"""

import sys
from collections.abc import Callable, Mapping, Sequence
from io import BytesIO
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image
from scipy.special import ndtri

from core.figures.certificate import LIMITS, certificate_figure
from core.figures.energy_range import energy_range_figure
from core.figures.event_sky import sky_counts_figure
from core.figures.events import variable_figure
from core.figures.limits import channel_limits_figure, limits_figure, sensitivities_figure
from core.figures.observed_sky import observed_figure
from core.figures.pdf import pdf_figure
from core.figures.recovery import recovery_figure
from core.figures.resolution import resolution_figure
from core.figures.robustness import robustness_figure
from core.figures.run_spectra import run_spectra_figure
from core.figures.selection import cut_flow_figure, livetime_figure
from core.figures.sky_maps import sky_maps_figure
from core.figures.source_counts import source_counts_figure
from core.figures.sources import sources_figure
from core.figures.systematics import systematics_figure
from core.figures.test_statistic import trials_figure
from core.published.limits import published_limits
from tests.core.figures.event_cases import blind, events, summed
from tests.core.figures.test_atmospheric_fit import drawn as atmospheric_fit
from tests.core.figures.test_certificate import certificate
from tests.core.figures.test_contested_curves import robustness
from tests.core.figures.test_energy_range import fine_windows
from tests.core.figures.test_halo_curves import halo
from tests.core.figures.test_observed_limits import observed, of_sky
from tests.core.figures.test_observed_sky import OBSERVED
from tests.core.figures.test_robustness import ROBUSTNESS, SHARES
from tests.core.figures.test_run_spectra import rows as spectra_rows
from tests.core.figures.test_selection import cut_flow, good_runs
from tests.core.figures.test_source_counts import of_pair as source_counts
from tests.core.figures.test_systematics import TABLE as SYSTEMATICS
from tests.small_analysis import ratio_cells, sensitivity, signal_pdf, sources

IMAGES = Path(__file__).parent / "images"
DOTS_PER_INCH = 60  # small files, in which a curve is still a pixel wide
N_SIGMA = 100.0  # standard deviation of n_s in the trials


def even_trials(n_injected: int, n_trials: int = 1000) -> pa.Table:
    """Trials at the quantiles of their law: n_s normal about the injected number, TS its signed square in sigmas."""
    root = n_injected / N_SIGMA + ndtri((np.arange(n_trials) + 0.5) / n_trials)
    columns = {"n_s_signed": N_SIGMA * root, "test_statistic_signed": np.sign(root) * root**2}
    bounded = {name.removesuffix("_signed"): np.maximum(values, 0.0) for name, values in columns.items()}
    keys = {"channel": ["tautau"] * n_trials, "mass": np.full(n_trials, 20.0), "seed": np.full(n_trials, 1)}
    return pa.table({**keys, "n_injected": np.full(n_trials, n_injected), **columns, **bounded})


def signal_trials() -> pa.Table:
    return pa.concat_tables([even_trials(number) for number in (50, 100, 200, 300)])


def upper_limits() -> pa.Table:
    """Limits of every kind of an observed sky, above the sensitivity."""
    table = of_sky()
    return pa.table(
        {name: pc.multiply(table[name], 1e-20) if "limit" in name else table[name] for name in table.column_names}
    )


KINDS: Mapping[str, Callable[[], Figure]] = {
    "limits": lambda: limits_figure(
        sensitivity(), published_limits(), halo=halo(), observed=observed(), robustness=robustness()
    ),
    "sensitivities": lambda: sensitivities_figure(sensitivity(), halo=halo(), robustness=robustness()),
    "upper-limits": lambda: channel_limits_figure(sensitivity(), "bb", observed=upper_limits()),
    "observed": lambda: observed_figure(OBSERVED, ()),
    "atmospheric-fit": lambda: atmospheric_fit()[0],
    "robustness": lambda: robustness_figure(sources(), SHARES, ROBUSTNESS),
    "systematics": lambda: systematics_figure(SYSTEMATICS),
    "certificate": lambda: certificate_figure(certificate(tuple(LIMITS))),
    "sources": lambda: sources_figure(sources()),
    "spectra": lambda: run_spectra_figure(
        pa.concat_tables([spectra_rows("tautau", 20.0), spectra_rows("nunu", 20.0, weight=0.3)])
    ),
    "energy-range": lambda: energy_range_figure(fine_windows()),
    "source-counts": lambda: source_counts_figure(source_counts()),
    "pdf": lambda: pdf_figure(signal_pdf(), ratio_cells(), sources()),
    "sky": lambda: sky_maps_figure(signal_pdf(), sources()),
    "test-statistic": lambda: trials_figure(even_trials(0), signal_trials()),
    "recovery": lambda: recovery_figure(signal_trials(), even_trials(0)),
    "events-sky": lambda: sky_counts_figure(summed(blind(3000))),
    "events": lambda: variable_figure(summed(blind()), summed(events("mc", 2000)), "reco_energy"),
    "resolution": lambda: resolution_figure([(events("mc", 3000), 1.0)]),
    "cut-flow": lambda: cut_flow_figure(cut_flow([12_000, 9_000], [1_234, 0], [9_000, 3_000]), "IC86_2013"),
    "livetime": lambda: livetime_figure(good_runs(10)),
}


def greys(figure: Figure) -> NDArray[np.uint8]:
    """Return a figure as levels of grey, (rows, columns)."""
    drawn = BytesIO()
    figure.savefig(drawn, format="png", dpi=DOTS_PER_INCH)
    return np.asarray(Image.open(drawn).convert("L"))


def main(kinds: Sequence[str]) -> None:
    """Draw the images of some kinds, all without names."""
    for kind in kinds or KINDS:
        Image.fromarray(greys(KINDS[kind]())).save(IMAGES / f"{kind}.png", optimize=True)


if __name__ == "__main__":
    main(sys.argv[1:])
