"""The simulated sample of seven seasons: every event is drawn, and a signal can be put among the data."""

from typing import Any

import pyarrow as pa

from core.configuration.config import Config
from core.events.columns import Kind
from core.events.ingestion import account_of
from core.products.recipe import AnnotatedTable, ProductKey
from core.simulation.parts import drawn_part
from core.simulation.sample import SIMULATED_BINS
from core.simulation.seasons import SEASONS, simulated_good_runs
from core.stages.inputs import Inputs
from core.stages.samples.sample import EventPart, EventSource, Sample, configured_bins
from core.stages.stage import Parameters

# Simulated events of a season that one task draws.
N_DRAWN_AT_ONCE = 300_000


def make_events(inputs: Inputs, parameters: Parameters) -> AnnotatedTable:
    """Draw a part of a season: atmospheric neutrinos, or an injected signal."""
    kind: Kind = "mc" if parameters.get("kind") == "mc" else "data"
    signal = [table for table in (inputs.get("sources"), inputs.get("spectra")) if table is not None]
    conversion = drawn_part(kind, parameters["season"], parameters["part"], parameters, *signal)
    return AnnotatedTable(conversion.events, account_of(conversion))


def make_good_runs(inputs: Inputs, parameters: Parameters) -> pa.Table:
    """Make the good runs of a season and count its events in each."""
    measured = pa.concat_tables(inputs.each("sealed_events", ["run"]))
    return simulated_good_runs(parameters["season"], measured)


def event_parts(config: Config, kind: Kind) -> dict[str, list[EventPart]]:
    """Return the draws of each season."""
    parts = _simulation_parts(config) if kind == "mc" else _data_parts(config)
    return dict.fromkeys(SEASONS, parts)


def good_runs(config: Config) -> dict[str, EventPart]:
    """Return what the good runs of each season are made from: its drawn events."""
    return {
        season: EventPart(
            make_good_runs,
            {"sample": config.sample},
            tuple(ProductKey("sealed_events", {"season": season}, part=part) for part in range(len(parts))),
        )
        for season, parts in event_parts(config, "data").items()
    }


def _drawn(config: Config) -> dict[str, Any]:
    return {"format": config.sample, "seed": config.seed}


def _simulation_parts(config: Config) -> list[EventPart]:
    n_simulated = config.simulated.n_simulated
    n_parts = max(1, round(n_simulated / len(SEASONS) / N_DRAWN_AT_ONCE))
    return [EventPart(make_events, _drawn(config) | {"n_simulated": n_simulated, "n_parts": n_parts})] * n_parts


def _data_parts(config: Config) -> list[EventPart]:
    """Return the draw of atmospheric neutrinos and one for each injected signal."""
    signals = [
        EventPart(
            make_events,
            _drawn(config) | {"injected": signal.model_dump(mode="json")},
            (ProductKey("sources"), ProductKey("spectra", {"channel": signal.channel, "mass": signal.mass})),
        )
        for signal in config.simulated.injected
    ]
    return [EventPart(make_events, _drawn(config)), *signals]


def _nothing_to_check(_: Config) -> None:
    """Raise nothing: what is drawn has no files."""


SIMULATED_7Y = Sample(
    "simulated-7y",
    configured_bins(SIMULATED_BINS),
    EventSource(event_parts, good_runs, _nothing_to_check, _nothing_to_check),
    is_simulated=True,
)
