"""Stage `source_signal_pdf`: expected signal by its angle to each source."""

from collections.abc import Iterable

import pyarrow as pa

from core.configuration.config import Config
from core.pdfs.source_events import SIGNAL_COLUMNS, published_signal_of_events, signal_of_events
from core.pdfs.source_signal import source_signal_pdf
from core.products.recipe import AnnotatedTable, Recipe
from core.products.store import ProductStore
from core.stages.acceptance import signal_of
from core.stages.angles import ANGLE_COLUMNS, angle_parameters
from core.stages.event_inputs import simulation_of
from core.stages.inputs import Inputs
from core.stages.pairs import pair_keys, served_pairs, signal_inputs, window_inputs
from core.stages.stage import PAIR_KEYS, Parameters, Stage, recipe_of
from core.stages.statistics import has_density_stage
from core.stages.windows import window_in


def recipes(config: Config, store: ProductStore) -> Iterable[Recipe]:
    """Yield a recipe for each served pair: from the response, from simulated events, or as published."""
    how = config.statistic.signal
    maker = {"response": make, "simulation": make_from_simulation, "published": make_as_published}[how]
    simulation = () if how == "response" else simulation_of(config)
    for pair in served_pairs(config, store):
        parameters = angle_parameters(config, pair)
        if how != "response":
            parameters |= {"signal_band_deg": config.statistic.signal_band_deg}
        inputs = (*signal_inputs(pair), *simulation, *window_inputs(config, pair))
        yield recipe_of(maker, STAGE.product(**pair_keys(pair)), parameters, inputs)


def make(inputs: Inputs, parameters: Parameters) -> pa.Table:
    """Count expected signal by its angle to each source, from the response."""
    return source_signal_pdf(
        signal_of(inputs, parameters),
        parameters["n_angle_bins"],
        window_in(inputs, parameters),
        parameters["declination_band_deg"],
    )


def make_from_simulation(inputs: Inputs, parameters: Parameters) -> AnnotatedTable:
    """Count simulated events near each source's declination by their angular error."""
    return signal_of_events(
        inputs.each("events", SIGNAL_COLUMNS),
        inputs["good_runs"],
        inputs["spectra"],
        inputs["sources"],
        parameters["mass"],
        parameters["n_angle_bins"],
        window_in(inputs, parameters),
        parameters["declination_band_deg"],
        parameters["signal_band_deg"],
    )


def make_as_published(inputs: Inputs, parameters: Parameters) -> pa.Table:
    """Count simulated events with spectrum weights alone, one histogram for all sources."""
    return published_signal_of_events(
        inputs.each("events", SIGNAL_COLUMNS),
        inputs["good_runs"],
        inputs["spectra"],
        signal_of(inputs, parameters),
        parameters["n_angle_bins"],
        window_in(inputs, parameters),
        parameters["declination_band_deg"],
    )


STAGE = Stage(
    name="source_signal_pdf",
    title="signal PDFs by source",
    sentence="Count expected signal by its angle to each source.",
    keys=PAIR_KEYS,
    columns=(*ANGLE_COLUMNS, "signal_probability", "effective_events"),
    needs=("acceptance", "energy_range"),
    recipes=recipes,
    applies=has_density_stage("source_signal_pdf"),
)
