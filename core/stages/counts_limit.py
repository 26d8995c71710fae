"""Stage `counts_limit`: the observed upper limits from the measured counts, of galaxies alone and with each halo."""

from collections.abc import Iterable

import pyarrow as pa

from core.configuration.config import Config
from core.dark_matter.halo import PROFILES
from core.dark_matter.processes import process_of
from core.inference.atmospheric_model import public_counts_model
from core.inference.counts_limit_product import DWARFS_ALONE, counts_limit_product
from core.inference.counts_signal import halo_counts_by_group, source_counts
from core.inference.counts_trials import public_background_trials
from core.products.recipe import ProductKey, Recipe
from core.products.store import ProductStore
from core.random.streams import stream_seed
from core.stages.acceptance import signal_of
from core.stages.atmospheric_fit import applies, model_parameters
from core.stages.inputs import Inputs
from core.stages.pairs import pair_keys, served_pairs, signal_inputs
from core.stages.stage import PAIR_KEYS, Parameters, Stage, recipe_of


def halo_of(config: Config) -> str:
    """Return the name of the halo whose limit is by trials too: the configuration's, NFW where it names none."""
    settings = getattr(config, "halo", None)
    return str(getattr(settings, "profile", "nfw"))


def recipes(config: Config, store: ProductStore) -> Iterable[Recipe]:
    """Yield a recipe for each served pair."""
    parameters = {
        "n_trials": config.counts_limit.n_trials,
        "halo_by_trials": halo_of(config),
        **model_parameters(),
    }
    for pair in served_pairs(config, store):
        inputs = (*signal_inputs(pair), ProductKey("event_counts"))
        yield recipe_of(make, STAGE.product(**pair_keys(pair), seed=config.seed), parameters, inputs)


def make(inputs: Inputs, parameters: Parameters) -> pa.Table:
    """Limit the strength of a pair by the measured counts."""
    counts = inputs["event_counts"]["n_events"].to_numpy().astype(float)
    process = process_of(inputs["sources"])
    dwarfs = source_counts(signal_of(inputs, parameters))
    halos = halo_counts_by_group(
        inputs["response"], inputs["spectra"], parameters["mass"], tuple(PROFILES.values()), process
    )
    signals = {DWARFS_ALONE: dwarfs} | {name: dwarfs + halo for name, halo in halos.items()}
    # Trials without signal know of no pair: one seed, drawn once for all of them.
    background = public_background_trials(counts, parameters["n_trials"], parameters["seed"])
    seed = stream_seed(parameters["seed"], "counts_limit", parameters["channel"], parameters["mass"])
    by_trials = (DWARFS_ALONE, parameters["halo_by_trials"])
    return counts_limit_product(public_counts_model(), counts, signals, background, seed, by_trials, process)


STAGE = Stage(
    name="counts_limit",
    title="limits from counts",
    sentence="Limit the cross section by the measured counts, for dwarf galaxies alone and with each Galactic halo.",
    keys=(*PAIR_KEYS, "seed"),
    columns=(
        "profile",
        "method",
        "sigma_v_upper_limit",
        "sigma_v_upper_limit_error",
        "sigma_v_upper_limit_unfloored",
        "sigma_v_upper_limit_cls",
        "sigma_v_best_fit",
        "sigma_v_best_fit_error",
        "sigma_v_expected_limit",
        "sigma_v_expected_limit_lo95",
        "sigma_v_expected_limit_lo68",
        "sigma_v_expected_limit_hi68",
        "sigma_v_expected_limit_hi95",
        "n_s_per_sigma_v",
        "significance",
        "p_value",
        "goodness_of_fit",
        "n_bins",
        "n_histograms",
    ),
    needs=("event_counts", "acceptance"),
    recipes=recipes,
    applies=applies,
)
