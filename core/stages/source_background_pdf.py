"""Stage `source_background_pdf`: background by its angle to each source, averaged over right ascension."""

from collections.abc import Iterable

import pyarrow as pa

from core.configuration.config import Config
from core.pdfs.source_background import source_background_pdf
from core.pdfs.source_events import BACKGROUND_COLUMNS, background_of_events
from core.products.recipe import ProductKey, Recipe
from core.products.store import ProductStore
from core.stages.angles import ANGLE_COLUMNS, angle_parameters
from core.stages.event_inputs import events_of, has_events
from core.stages.inputs import Inputs
from core.stages.pairs import pair_keys, served_pairs, window_inputs
from core.stages.stage import PAIR_KEYS, Parameters, Stage, recipe_of
from core.stages.statistics import has_density_stage
from core.stages.windows import window_in


def recipes(config: Config, store: ProductStore) -> Iterable[Recipe]:
    """Yield a recipe for each served pair: from measured events, or from their counts in bins."""
    for pair in served_pairs(config, store):
        product, parameters = STAGE.product(**pair_keys(pair)), angle_parameters(config, pair)
        window = window_inputs(config, pair)
        if has_events(config):
            smoothing = {"declination_smoothing_deg": config.statistic.declination_smoothing_deg}
            inputs = (ProductKey("sources"), *events_of(config, "data"), *window)
            yield recipe_of(make_from_events, product, parameters | smoothing, inputs)
        else:
            inputs = (ProductKey("sources"), ProductKey("background_pdf"), *window)
            yield recipe_of(make, product, parameters, inputs)


def make(inputs: Inputs, parameters: Parameters) -> pa.Table:
    """Count background by its angle to each source, from counts in bins."""
    return source_background_pdf(
        inputs["background_pdf"],
        inputs["sources"],
        parameters["n_angle_bins"],
        window_in(inputs, parameters),
        parameters["declination_band_deg"],
    )


def make_from_events(inputs: Inputs, parameters: Parameters) -> pa.Table:
    """Count background by its angle to each source, from single events."""
    return background_of_events(
        inputs.each("events", BACKGROUND_COLUMNS),
        inputs["sources"],
        parameters["n_angle_bins"],
        window_in(inputs, parameters),
        parameters["declination_band_deg"],
        parameters["declination_smoothing_deg"],
    )


STAGE = Stage(
    name="source_background_pdf",
    title="background PDFs by source",
    sentence="Count background by its angle to each source, averaged over right ascension.",
    keys=PAIR_KEYS,
    columns=(*ANGLE_COLUMNS, "background_probability"),
    needs=("acceptance", "background_pdf", "energy_range"),
    recipes=recipes,
    applies=has_density_stage("source_background_pdf"),
)
