"""A small analysis made by the real functions of core where that is quick: tables to draw, products to browse."""

from functools import cache
from pathlib import Path
from typing import Any

import healpy
import numpy as np
import pyarrow as pa

from core.configuration.inputs import SourceSettings
from core.coordinates import angular_separation
from core.dark_matter.sources import catalogue_path, read_catalogue, select_sources
from core.likelihood.model import TrialModel
from core.pdfs.ratio import merge_cells, sky_ratio
from core.pdfs.sky import right_ascension_average
from core.products.recipe import ProductKey, Recipe
from core.products.store import ProductStore
from core.random.streams import stream_seed
from core.trials.run import run_trials

N_EVENTS = 4000
N_CELLS = 64
NSIDE = 8
N_TRIALS = 2000
SEED = 1
CLASSES = ("cascade", "track")
ENERGY_EDGES = np.geomspace(5.62, 56.2, 9)
PAIRS = (("bb", 10.0), ("bb", 50.0), ("tautau", 5.0), ("tautau", 20.0))


@cache
def sources() -> pa.Table:
    settings = SourceSettings()
    return select_sources(read_catalogue(catalogue_path(settings)), settings)


def sky_of_sources(channel: str, mass: float) -> tuple[np.ndarray, np.ndarray]:
    """Signal and background probabilities (class, energy, pixel): round kernels about the sources, even background."""
    n_pixels = healpy.nside2npix(NSIDE)
    colatitude, longitude = healpy.pix2ang(NSIDE, np.arange(n_pixels))
    signal = np.zeros((len(CLASSES), len(ENERGY_EDGES) - 1, n_pixels))
    for ra, dec, j_factor in zip(*(sources()[name].to_numpy() for name in ("ra", "dec", "j_factor")), strict=True):
        separation = angular_separation(ra, dec, longitude, np.pi / 2.0 - colatitude)
        for index, width in enumerate((0.6, 0.35)):
            signal[index] += j_factor * np.exp((np.cos(separation) - 1.0) / width**2)
    middle = np.sqrt(ENERGY_EDGES[1:] * ENERGY_EDGES[:-1])
    signal *= np.exp(-0.5 * (np.log(middle / mass / 0.6) / 0.5) ** 2)[:, None]
    background = np.ones_like(signal) * (middle[:, None] / 10.0) ** -0.4
    return signal / signal.sum(), background / background.sum()


@cache
def signal_pdf(channel: str = "tautau", mass: float = 20.0) -> pa.Table:
    signal, background = sky_of_sources(channel, mass)
    event_class, energy, pixel = (grid.ravel() for grid in np.indices(signal.shape))
    return pa.table(
        {
            "channel": [channel] * signal.size,
            "mass": np.full(signal.size, mass),
            "event_class": np.array(CLASSES)[event_class].tolist(),
            "reco_energy_low": ENERGY_EDGES[energy],
            "reco_energy_high": ENERGY_EDGES[energy + 1],
            "nside": np.full(signal.size, NSIDE),
            "pixel": pixel,
            "signal_probability": signal.ravel(),
            "signal_average_probability": right_ascension_average(signal, NSIDE).ravel(),
            "background_probability": background.ravel(),
        }
    )


@cache
def ratio_cells(channel: str = "tautau", mass: float = 20.0) -> pa.Table:
    signal, background = sky_of_sources(channel, mass)
    ratio = sky_ratio(signal, right_ascension_average(signal, NSIDE), background, "data")
    cells = merge_cells(ratio, background, signal, N_CELLS)
    n_cells = len(cells.ratio)
    return pa.table(
        {
            "channel": [channel] * n_cells,
            "mass": np.full(n_cells, mass),
            "cell": np.arange(n_cells),
            "ratio": cells.ratio,
            "background_probability": cells.background,
            "signal_probability": cells.signal,
            "n_sky_cells": cells.n_sky_cells,
            "n_events": np.full(n_cells, N_EVENTS),
            "fisher_information": np.full(n_cells, cells.fisher_information),
            "fisher_information_loss": np.full(n_cells, cells.fisher_information_loss),
            "n_s_uncertainty": np.full(n_cells, np.sqrt(N_EVENTS / cells.fisher_information)),
        }
    )


@cache
def trials(channel: str = "tautau", mass: float = 20.0, n_injected: int = 0, n_trials: int = N_TRIALS) -> pa.Table:
    cells = ratio_cells(channel, mass)
    model = TrialModel.joint(
        cells["background_probability"].to_numpy(),
        cells["signal_probability"].to_numpy(),
        cells["ratio"].to_numpy(),
        N_EVENTS,
    )
    stage = "signal_trials" if n_injected else "background_trials"
    fits = run_trials(model, n_trials, n_injected, stream_seed(SEED, stage, channel, mass))
    columns: dict[str, Any] = {
        "channel": [channel] * n_trials,
        "mass": np.full(n_trials, mass),
        "seed": np.full(n_trials, SEED),
    }
    if n_injected:
        columns["n_injected"] = np.full(n_trials, n_injected)
    return pa.table(
        columns
        | {
            "trial": np.arange(n_trials),
            "n_s": fits.n_s,
            "test_statistic": fits.test_statistic,
            "n_s_signed": fits.n_s_signed,
            "test_statistic_signed": fits.test_statistic_signed,
        }
    )


def injected_counts(channel: str = "tautau", mass: float = 20.0) -> list[int]:
    uncertainty = ratio_cells(channel, mass)["n_s_uncertainty"][0].as_py()
    return [round(factor * uncertainty) for factor in (0.5, 1.0, 2.0, 3.0)]


def signal_trials(channel: str = "tautau", mass: float = 20.0) -> pa.Table:
    return pa.concat_tables([trials(channel, mass, number, 400) for number in injected_counts(channel, mass)])


def sensitivity_row(channel: str, mass: float) -> dict[str, Any]:
    """A row as the analysis writes it; the cross sections are round numbers, for drawing only."""
    sigma_v = {"bb": 1e-20, "tautau": 2e-22}.get(channel, 1e-21) * (1.0 + (mass / 30.0) ** 2) * 20.0 / mass
    n_s = 1.2816 * ratio_cells(channel, mass)["n_s_uncertainty"][0].as_py()
    return {
        "channel": channel,
        "mass": mass,
        "seed": SEED,
        "n_s_sensitivity": n_s,
        "n_s_sensitivity_error": 0.01 * n_s,
        "flux_sensitivity": 1.5e-5 * mass,
        "sigma_v_sensitivity": sigma_v,
        "sigma_v_sensitivity_error": 0.02 * sigma_v,
        "sigma_v_band_lo68": 0.22 * sigma_v,
        "sigma_v_band_hi68": 1.78 * sigma_v,
        "sigma_v_band_lo95": None,
        "sigma_v_band_hi95": 2.55 * sigma_v,
        "n_s_per_sigma_v": n_s / sigma_v,
        "n_background_trials": N_TRIALS,
        "background": "data",
        "limitation": "migration only" if mass < 8.0 else "",
    }


def sensitivity(pairs: tuple[tuple[str, float], ...] = PAIRS) -> pa.Table:
    rows = [sensitivity_row(channel, mass) for channel, mass in pairs]
    types = {"sigma_v_band_lo95": pa.float64()}
    return pa.table({name: pa.array([row[name] for row in rows], types.get(name)) for name in rows[0]})


def acceptance(channel: str, mass: float) -> pa.Table:
    shares = sources()["j_factor"].to_numpy() / sources()["j_factor"].to_numpy().sum()
    total = sensitivity_row(channel, mass)["n_s_per_sigma_v"]
    return pa.table(
        {
            "source": sources()["source"],
            "n_s_per_sigma_v": shares * total,
            "n_s_per_sigma_v_error": 0.01 * shares * total,
            "source_weight": shares,
        }
    )


def source_counts() -> pa.Table:
    """Signal as in `acceptance`, background and angles that differ from source to source."""
    shares = sources()["j_factor"].to_numpy() / sources()["j_factor"].to_numpy().sum()
    rank = np.arange(len(shares))
    return pa.table(
        {
            "source": sources()["source"],
            "opening_angle": 0.5 + 0.01 * rank,
            "n_signal_in_angle_per_sigma_v": 0.68e22 * shares,
            "n_background_in_angle": 100.0 + rank,
            "window_low": np.full(len(shares), ENERGY_EDGES[0]),
            "window_high": np.full(len(shares), ENERGY_EDGES[-1]),
        }
    )


def write_analysis(root: Path, pairs: tuple[tuple[str, float], ...] = PAIRS) -> ProductStore:
    """Write every product that the dashboard shows and return the store that holds them."""
    store = ProductStore(root)
    write_products(store, pairs)
    return store


def write_products(store: ProductStore, pairs: tuple[tuple[str, float], ...] = PAIRS) -> None:
    """Write every product that the dashboard shows."""
    write(store, ProductKey("sources"), sources())
    for channel, mass in pairs:
        pair: dict[str, Any] = {"channel": channel, "mass": mass}
        seeded = {**pair, "seed": SEED}
        write(store, ProductKey("signal_pdf", pair), signal_pdf(channel, mass))
        write(store, ProductKey("ratio_cells", pair), ratio_cells(channel, mass))
        write(store, ProductKey("acceptance", pair), acceptance(channel, mass))
        write(store, ProductKey("source_counts", pair), source_counts())
        write(store, ProductKey("background_trials", seeded), trials(channel, mass))
        for number in injected_counts(channel, mass):
            product = ProductKey("signal_trials", {**seeded, "n_injected": number})
            write(store, product, trials(channel, mass, number, 400))
        write(store, ProductKey("sensitivity", seeded), sensitivity(((channel, mass),)))


def write(store: ProductStore, product: ProductKey, table: pa.Table, **parameters: Any) -> None:
    """Write one product as if `core.units` had made it: a module that changes seldom."""
    store.write(Recipe(product, "core.units", parameters), table)
