"""Stage `acceptance`: the signal events that each source gives per cross section; it decides which pairs are served."""

from collections.abc import Iterable

import pyarrow as pa

from core.configuration.config import Config
from core.products.recipe import Recipe
from core.products.store import ProductStore
from core.signal.expected_signal import ExpectedSignal, acceptance_product, expected_signal
from core.stages.inputs import Inputs
from core.stages.pairs import pair_keys, signal_inputs
from core.stages.stage import PAIR_KEYS, Parameters, Stage, recipe_of


def recipes(config: Config, _: ProductStore) -> Iterable[Recipe]:
    """Yield a recipe for each pair."""
    for pair in config.channel_masses:
        yield recipe_of(make, STAGE.product(**pair_keys(pair)), inputs=signal_inputs(pair))


def make(inputs: Inputs, parameters: Parameters) -> pa.Table:
    """Count the signal events that each source gives per cross section."""
    return acceptance_product(signal_of(inputs, parameters))


def signal_of(inputs: Inputs, parameters: Parameters) -> ExpectedSignal:
    """Return the expected signal of a pair, from response, spectra and sources among the inputs."""
    return expected_signal(inputs["response"], inputs["spectra"], inputs["sources"], parameters["mass"])


STAGE = Stage(
    name="acceptance",
    title="acceptance",
    sentence="Count the signal events that each source gives per cross section; decides which pairs are served.",
    keys=PAIR_KEYS,
    columns=(
        "source",
        "n_s_per_sigma_v",
        "n_s_per_sigma_v_error",
        "source_weight",
        "n_s_per_sigma_v_total_error",
    ),
    needs=("sources", "response", "spectra"),
    recipes=recipes,
)
