"""Stage `counts_likelihood`: the likelihood of the measured counts for others to use, of galaxies alone and a halo."""

from collections.abc import Iterable
from functools import cache

import numpy as np
import pyarrow as pa

from core.configuration.config import Config
from core.dark_matter.halo import PROFILES
from core.dark_matter.processes import process_of
from core.inference.atmospheric_model import public_counts_model
from core.inference.counts_likelihood import counts_likelihood_product
from core.inference.counts_limit import MeasuredBackground
from core.inference.counts_limit_product import DWARFS_ALONE
from core.inference.counts_signal import halo_counts_by_group, source_counts
from core.products.recipe import ProductKey, Recipe
from core.products.store import ProductStore
from core.stages.acceptance import signal_of
from core.stages.atmospheric_fit import applies, model_parameters
from core.stages.counts_limit import halo_of
from core.stages.inputs import Inputs
from core.stages.pairs import pair_keys, served_pairs, signal_inputs
from core.stages.stage import PAIR_KEYS, Parameters, Stage, recipe_of

METHOD = "atmospheric_cls"


def recipes(config: Config, store: ProductStore) -> Iterable[Recipe]:
    """Yield a recipe for each served pair."""
    parameters = {"halo": halo_of(config), **model_parameters()}
    for pair in served_pairs(config, store):
        limit = ProductKey("counts_limit", pair_keys(pair) | {"seed": config.seed})
        inputs = (*signal_inputs(pair), ProductKey("event_counts"), limit)
        yield recipe_of(make, STAGE.product(**pair_keys(pair)), parameters, inputs)


def make(inputs: Inputs, parameters: Parameters) -> pa.Table:
    """Profile the likelihood of the measured counts over strengths of a pair."""
    counts = inputs["event_counts"]["n_events"].to_numpy().astype(float)
    process = process_of(inputs["sources"])
    dwarfs, halo = source_counts(signal_of(inputs, parameters)), parameters["halo"]
    halos = halo_counts_by_group(inputs["response"], inputs["spectra"], parameters["mass"], (PROFILES[halo],), process)
    signals = {DWARFS_ALONE: dwarfs, halo: dwarfs + halos[halo]}
    limits = {
        row["profile"]: row[f"{process.strength}_upper_limit"]
        for row in inputs["counts_limit"].to_pylist()
        if row["method"] == METHOD
    }
    background = _background(counts.tobytes())
    return counts_likelihood_product(public_counts_model(), counts, signals, limits, background, process)


@cache
def _background(counts: bytes) -> MeasuredBackground:
    """Return what measured counts are without signal: the same for all pairs, fitted once a process."""
    return MeasuredBackground.of(public_counts_model(), np.frombuffer(counts))


STAGE = Stage(
    name="counts_likelihood",
    title="likelihood of counts",
    sentence="Hand on the profile likelihood of the measured counts, of dwarf galaxies alone and with a Galactic halo.",
    keys=PAIR_KEYS,
    columns=("profile", "sigma_v_tested", "likelihood_ratio", "n_s_per_sigma_v", "process"),
    needs=("counts_limit", "event_counts", "acceptance"),
    recipes=recipes,
    applies=applies,
    command="export",
)
