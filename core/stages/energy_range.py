"""Stage `energy_range`: signal over the root of the background in every window of reconstructed energy."""

from collections.abc import Iterable

import pyarrow as pa

from core.configuration.config import Config
from core.products.recipe import ProductKey, Recipe
from core.products.store import ProductStore
from core.signal.energy_histograms import SIMULATED_COLUMNS, energy_grid, energy_range_of_events
from core.signal.expected_signal import energy_range_product
from core.stages.acceptance import signal_of
from core.stages.event_inputs import events_of, has_events, simulation_of
from core.stages.inputs import Inputs
from core.stages.pairs import of_pair, pair_keys, served_pairs, signal_inputs
from core.stages.stage import PAIR_KEYS, Parameters, Stage, recipe_of


def recipes(config: Config, store: ProductStore) -> Iterable[Recipe]:
    """Yield a recipe for each served pair: from the sample's bins, or from its events on a grid of its own."""
    for pair in served_pairs(config, store):
        product = STAGE.product(**pair_keys(pair))
        if not has_events(config):
            yield recipe_of(make, product, inputs=(*signal_inputs(pair), ProductKey("background_pdf")))
            continue
        made_from = (ProductKey("sources"), *of_pair(pair, "spectra"), *simulation_of(config))
        made_from += events_of(config, "data") if config.energy_range.background == "data" else ()
        yield recipe_of(make_from_events, product, config.energy_range.model_dump(mode="json"), made_from)


def make(inputs: Inputs, parameters: Parameters) -> pa.Table:
    """Scan the windows on the edges of the sample's bins."""
    return energy_range_product(signal_of(inputs, parameters), inputs["background_pdf"])


def make_from_events(inputs: Inputs, parameters: Parameters) -> pa.Table:
    """Scan the windows of a grid, event by event."""
    is_measured = parameters["background"] == "data"
    return energy_range_of_events(
        inputs.each("events", SIMULATED_COLUMNS, kind="mc"),
        inputs.each("events", ["reco_energy"], kind="data") if is_measured else None,
        inputs["good_runs"],
        inputs["spectra"],
        inputs["sources"],
        parameters["mass"],
        energy_grid(parameters["step_gev"], parameters["highest_gev"]),
    )


STAGE = Stage(
    name="energy_range",
    title="energy ranges",
    sentence="Scan windows in reconstructed energy for the best signal over the root of the background.",
    keys=PAIR_KEYS,
    columns=(
        "window_low",
        "window_high",
        "n_signal_per_sigma_v",
        "n_background",
        "signal_over_sqrt_background",
        "is_optimal",
        "is_plateau",
    ),
    needs=("acceptance", "background_pdf"),
    recipes=recipes,
)
