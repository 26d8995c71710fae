"""How fast windows in reconstructed energy are scanned: `uv run python -m benchmarks.windows`."""

import platform
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from benchmarks.measure import markdown, processor, significant, write_part
from core.configuration.inputs import SourceSettings
from core.dark_matter.channels import PUBLISHED_PAIRS
from core.dark_matter.sources import catalogue_path, read_catalogue, select_sources
from core.events.seasons import mean_detector
from core.products.recipe import ProductKey, Recipe
from core.products.store import ProductStore
from core.signal.energy_histograms import background_energy_histogram, energy_grid, signal_energy_histogram
from core.signal.energy_range import energy_range_of_histograms
from core.simulation.sample import simulated_events
from core.simulation.seasons import SEASONS, simulated_livetime
from core.spectra import spectra_from_table, spectra_table

EDGES = energy_grid(1.0, 500.0)
Reals = NDArray[np.float64]


def main() -> None:
    """Run the benchmark and write its part of the report."""
    part = introduction() + scan()
    write_part(part)
    print(part)


def introduction() -> str:
    """Return what was measured where and how."""
    versions = f"Python {platform.python_version()}, numpy {np.__version__}, pyarrow {pa.__version__}"
    return (
        "# How fast windows in energy are scanned\n\n"
        "Made by `uv run python -m benchmarks.windows` on the sample `simulated-7y`, in CPU seconds: S/√B in all\n"
        f"windows of 1 GeV steps up to {EDGES[-1]:.0f} GeV for the {len(PUBLISHED_PAIRS)} published pairs.\n\n"
        f"{processor()}; {versions}; {datetime.now(UTC):%Y-%m-%d}.\n\n"
    )


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    """Return what some work gives and the CPU seconds that it took."""
    start = time.process_time()
    result = work()
    return result, time.process_time() - start


def scan() -> str:
    """Measure histograms, scans and products of all pairs."""
    simulation = mean_detector([simulated_events("mc", season) for season in SEASONS], simulated_livetime())
    data = [simulated_events("data", season) for season in SEASONS]
    n_events = sum(table.num_rows for table in simulation)
    background, of_background = timed(lambda: background_energy_histogram(data, EDGES))
    signals, of_signals = timed(lambda: signal_histograms(simulation))
    tables, of_scans = timed(lambda: [energy_range_of_histograms(EDGES, signal, background) for signal in signals])
    n_windows = tables[0].num_rows
    n_bytes, of_products = timed(lambda: [product_size(table) for table in tables])
    rows = [
        [f"signal, from {n_events:,} simulated events", significant(of_signals)],
        [f"background, from {sum(table.num_rows for table in data):,} events", significant(of_background)],
        [f"{n_windows:,} windows for each pair, as tables", significant(of_scans)],
        ["products written", significant(of_products)],
    ]
    total, most, peak = sum(n_bytes) / 1e6, max(n_bytes) / 1e6, peak_memory(signals[0], background) / 1e6
    return (
        markdown(["all pairs", "CPU s"], rows)
        + f"\nThe products have {total:.0f} MB, a pair's at most {most:.1f} MB.\n"
        + f"A scan takes at most {peak:.0f} MB of memory.\n"
    )


def signal_histograms(simulation: list[pa.Table]) -> list[Reals]:
    """Return the signal of each published pair by reconstructed energy."""
    settings = SourceSettings()
    sources = select_sources(read_catalogue(catalogue_path(settings)), settings)
    histograms = []
    for channel, mass in PUBLISHED_PAIRS:
        spectra = spectra_from_table(spectra_table(channel, mass))
        histograms.append(signal_energy_histogram(simulation, spectra, sources, mass, simulated_livetime(), EDGES))
    return histograms


def product_size(table: pa.Table) -> int:
    """Return the bytes of a product on disk."""
    with tempfile.TemporaryDirectory() as folder:
        store, product = ProductStore(folder), ProductKey("energy_range", {"channel": "bb", "mass": 10.0})
        store.write(Recipe(product, "core.signal.energy_range"), table)
        return Path(store.path(product.stage, **product.keys)).stat().st_size


def peak_memory(signal: Reals, background: Reals) -> int:
    """Return the most bytes that a scan takes at a time."""
    tracemalloc.start()
    energy_range_of_histograms(EDGES, signal, background)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak


if __name__ == "__main__":
    main()
