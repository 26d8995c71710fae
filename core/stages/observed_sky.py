"""Stage `observed_sky`: the events of the one observed sky in its cells; sealed, and made by the unblinding alone.

Of a sample that comes in bins there is none: right ascensions are drawn for its counts then, when a seed is given.
"""

from collections.abc import Iterable, Iterator

import numpy as np
import pyarrow as pa

from core.configuration.config import Config
from core.events.blinding import sealed_directions, unsealed
from core.events.livetime import in_good_runs
from core.pdfs.background import binned_background
from core.pdfs.observed_sky import drawn_sky, sky_of_events, sky_table
from core.products.recipe import ProductKey, Recipe
from core.products.store import ProductStore
from core.stages.event_inputs import events_of, good_runs_of, has_events
from core.stages.inputs import Inputs
from core.stages.samples import sample_of
from core.stages.stage import Parameters, Stage, recipe_of

MEASURED, SIMULATED, DRAWN = "measured", "simulated", "drawn"


def sky_kind(config: Config) -> str:
    """Return what the observed sky of an analysis is: measured, that of a simulated sample, or drawn."""
    if not has_events(config):
        return DRAWN
    return SIMULATED if sample_of(config).is_simulated else MEASURED


def recipes(config: Config, _: ProductStore) -> Iterable[Recipe]:
    """Yield the one recipe: from the sealed events, or of a sample in bins from a seed; none without one."""
    product, nside = STAGE.product(seed=config.seed), config.statistic.nside
    if has_events(config):
        blind = events_of(config, "data")
        sealed = (ProductKey("sealed_events", {"season": item.keys["season"]}, part=item.part) for item in blind)
        inputs = (ProductKey("background_pdf"), *blind, *sealed, *good_runs_of(config))
        yield recipe_of(make, product, {"nside": nside, "sky": sky_kind(config)}, inputs)
    elif config.limits.drawn_sky is not None:
        parameters = {"nside": nside, "sky": DRAWN, "drawn_sky": config.limits.drawn_sky}
        yield recipe_of(make_drawn, product, parameters, (ProductKey("background_pdf"),))


def make(inputs: Inputs, parameters: Parameters) -> pa.Table:
    """Join events with their true directions and count them over the sky."""
    edges = binned_background(inputs["background_pdf"]).reco_energy_edges
    skies = (sky_of_events(events, edges, parameters["nside"]) for events in _true_events(inputs))
    return sky_table(np.sum(list(skies), axis=0), edges, parameters["sky"])


def make_drawn(inputs: Inputs, parameters: Parameters) -> pa.Table:
    """Draw a right ascension for each event of a sample in bins: a sky without signal, and not a measured one."""
    background = binned_background(inputs["background_pdf"])
    generator = np.random.default_rng([parameters["drawn_sky"], parameters["nside"]])
    sky = drawn_sky(background, parameters["nside"], generator)
    return sky_table(sky, background.reco_energy_edges, parameters["sky"])


def _true_events(inputs: Inputs) -> Iterator[pa.Table]:
    """Yield the events of each part with their true right ascensions, those of good runs where a list says which."""
    runs = inputs.get("good_runs")
    by_season = {} if runs is None else {season: _of(runs, season) for season in runs["season"].unique().to_pylist()}
    for blind, sealed in zip(inputs.each("events"), inputs.each("sealed_events"), strict=True):
        season = sealed["season"][0].as_py() if sealed.num_rows else ""
        kept = in_good_runs(sealed, by_season[season]) if season in by_season else sealed
        yield unsealed(blind.drop_columns(["kind"]), sealed_directions(kept))


def _of(runs: pa.Table, season: str) -> pa.Table:
    return runs.filter(pa.array([own == season for own in runs["season"].to_pylist()]))


STAGE = Stage(
    name="observed_sky",
    title="observed sky",
    sentence="Count the events of the observed sky in its cells; only the unblinding makes and opens this.",
    keys=("seed",),
    columns=("event_class", "reco_energy_low", "reco_energy_high", "nside", "pixel", "n_events", "sky"),
    needs=("sealed_events", "events", "good_runs", "background_pdf"),
    recipes=recipes,
    command="unblind",
)
