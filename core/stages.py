"""The stages of an analysis: which products each makes, and from what.

A stage's recipes follow from the configuration and, where the numbers decide, from products already made: pairs that
the sample cannot serve end at their acceptance, and the numbers of injected events are chosen from the ratio cells.
"""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from core.config import Config
from core.digests import digest_of_file, digest_of_parameters
from core.errors import ConfigError, InputError
from core.event_stages import EVENT_STAGES, event_recipes, events_of, good_runs_of
from core.events.public_release import SHIPPED_COUNTS
from core.processes import PROCESSES
from core.products import ProductStore
from core.recipes import ProductKey, Recipe
from core.response import SHIPPED_RESPONSE
from core.samples import sample_bins
from core.served_pairs import Pair, pair_keys, served_pairs
from core.sources import catalogue_path
from core.spectra import SHIPPED_SPECTRA
from core.trial_stages import DENSITY_STAGES, RESULT_RECIPES, density_stages
from core.window_recipes import window_inputs, window_parameter

# In the order in which they are made; those of events only of a sample that comes as events.
STAGES = (
    "sources",
    "spectra",
    *EVENT_STAGES,
    "event_counts",
    "response",
    "background_pdf",
    "acceptance",
    "energy_range",
    "source_counts",
    "signal_pdf",
    "ratio_cells",
    "source_background_pdf",
    "source_signal_pdf",
    "sky_patterns",
    "background_trials",
    "signal_trials",
    "sensitivity",
    "discovery_potential",
)

NO_EVENTS = "the public sample needs no ingest: it comes with the package, in bins; `dwarfnu run` analyses it"


def stages_of(config: Config) -> tuple[str, ...]:
    """Return the stages of an analysis with its sample and statistic, in the order in which they are made."""
    others = set(DENSITY_STAGES) - set(density_stages(config))
    if not config.has_events:
        others |= set(EVENT_STAGES)
    if not config.statistic.has_one_sky:
        others.add("discovery_potential")  # sources on skies of their own understate the tail
    return tuple(stage for stage in STAGES if stage not in others)


def recipes(config: Config, store: ProductStore, stage: str) -> list[Recipe]:
    """Return the recipes of all products of a stage that the analysis asks for, as far as they can be known.

    None for a stage of another statistic. Raises ConfigError for events of a sample that comes in bins.
    """
    if stage in EVENT_STAGES:
        if not config.has_events:
            raise ConfigError(NO_EVENTS)
        return event_recipes(config, stage)
    return list(_RECIPES[stage](config, store)) if stage in stages_of(config) else []


def _file_digest(path: Path) -> str:
    try:
        return digest_of_file(path)
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}") from error


def _spectra_digest(source: str) -> str:
    if source == "pythia":
        return _file_digest(SHIPPED_SPECTRA)
    path = Path(source)
    tables = sorted(path.glob("*.dat")) if path.is_dir() else [path]
    if not tables:
        raise InputError(f"spectra.source {source}: the folder holds no .dat tables")
    return digest_of_parameters([[table.name, _file_digest(table)] for table in tables])


# One function a stage: what its products are made from.


def _sources(config: Config, _: ProductStore) -> Iterable[Recipe]:
    settings = config.sources.model_dump(mode="json", exclude={"catalogue"})
    digest = _file_digest(catalogue_path(config.sources))
    yield Recipe(
        ProductKey("sources"),
        "core.sources",
        settings
        | {
            "process": config.process,
            "embedded": config.sources.catalogue == "embedded",
            "catalogue_digest": digest,
        },
    )


def _event_counts(config: Config, _: ProductStore) -> Iterable[Recipe]:
    product = ProductKey("event_counts")
    if config.has_events:
        yield Recipe(product, "core.events.counts", _bins(config), events_of(config, "data"))
    else:
        parameters = {"sample": config.sample, "file_digest": _file_digest(SHIPPED_COUNTS)}
        yield Recipe(product, "core.events.public_release", parameters)


def _response(config: Config, _: ProductStore) -> Iterable[Recipe]:
    product = ProductKey("response")
    if config.has_events:
        yield Recipe(product, "core.response.from_events", _bins(config), _simulation(config))
    else:
        parameters = {"sample": config.sample, "file_digest": _file_digest(SHIPPED_RESPONSE)}
        yield Recipe(product, "core.response", parameters)


def _bins(config: Config) -> dict[str, Any]:
    bins = sample_bins(config)
    return {name: getattr(bins, name).tolist() for name in ("reco_energy_edges", "reco_cos_zenith_edges")}


def _background_pdf(_: Config, __: ProductStore) -> Iterable[Recipe]:
    yield Recipe(ProductKey("background_pdf"), "core.pdfs.background", inputs=(ProductKey("event_counts"),))


def _spectra(config: Config, _: ProductStore) -> Iterable[Recipe]:
    parameters: dict[str, Any] = {
        "source": "pythia" if config.spectra.source == "pythia" else "given",
        "mixing_angles": config.spectra.mixing_angles and list(config.spectra.mixing_angles),
        "source_digest": _spectra_digest(config.spectra.source),
        "earth_matter": config.spectra.earth_matter,
        "decay": PROCESSES[config.process].is_decay,
    }
    inputs = (ProductKey("sources"),) if config.spectra.earth_matter else ()
    for pair in config.channel_masses:
        own = _own_spectra(config, pair[0])
        yield Recipe(ProductKey("spectra", pair_keys(pair)), "core.spectra", parameters | own, inputs)


def _own_spectra(config: Config, channel: str) -> dict[str, Any]:
    """Return what the spectra of a channel are made from beside the source: a user's file, branching fractions."""
    fractions = config.mixtures.get(channel, {})
    own: dict[str, Any] = {"fractions": dict(sorted(fractions.items()))} if fractions else {}
    for file_channel, path in config.spectra.files.items():
        if file_channel in (channel, *fractions):
            own |= {"file_channel": file_channel, "file_digest": _file_digest(Path(path))}
    return own


def _signal_inputs(pair: Pair) -> tuple[ProductKey, ...]:
    return ProductKey("sources"), ProductKey("response"), ProductKey("spectra", pair_keys(pair))


def _acceptance(config: Config, _: ProductStore) -> Iterable[Recipe]:
    for pair in config.channel_masses:
        yield Recipe(ProductKey("acceptance", pair_keys(pair)), "core.expected_signal", inputs=_signal_inputs(pair))


def _simulation(config: Config) -> tuple[ProductKey, ...]:
    """Return the simulated events of all seasons, and the good runs that say how long each season counts."""
    return *events_of(config, "mc"), *good_runs_of(config)


def _energy_range(config: Config, store: ProductStore) -> Iterable[Recipe]:
    for pair in served_pairs(config, store):
        product = ProductKey("energy_range", pair_keys(pair))
        if config.has_events:
            made_from = (ProductKey("sources"), ProductKey("spectra", pair_keys(pair)), *_simulation(config))
            made_from += events_of(config, "data") if config.energy_range.background == "data" else ()
            grid = config.energy_range.model_dump(mode="json")
            yield Recipe(product, "core.energy_histograms", grid, made_from)
        else:
            inputs = (*_signal_inputs(pair), ProductKey("background_pdf"))
            yield Recipe(product, "core.expected_signal", inputs=inputs)


def _source_counts(config: Config, store: ProductStore) -> Iterable[Recipe]:
    for pair in served_pairs(config, store):
        inputs = (*_signal_inputs(pair), ProductKey("background_pdf"), *window_inputs(config, pair))
        product, parameters = ProductKey("source_counts", pair_keys(pair)), {"window": window_parameter(config, pair)}
        yield Recipe(product, "core.pdfs.source_counts", parameters, inputs)


def _signal_pdf(config: Config, store: ProductStore) -> Iterable[Recipe]:
    for pair in served_pairs(config, store):
        parameters = {"nside": config.statistic.nside, "window": window_parameter(config, pair)}
        inputs = (*_signal_inputs(pair), ProductKey("background_pdf"), *window_inputs(config, pair))
        yield Recipe(ProductKey("signal_pdf", pair_keys(pair)), "core.pdfs.one_sky", parameters, inputs)


def _ratio_cells(config: Config, store: ProductStore) -> Iterable[Recipe]:
    parameters = {"background": config.statistic.background, "n_cells": config.statistic.n_cells}
    for pair in served_pairs(config, store):
        inputs = (ProductKey("signal_pdf", pair_keys(pair)), ProductKey("background_pdf"))
        yield Recipe(ProductKey("ratio_cells", pair_keys(pair)), "core.pdfs.one_sky", parameters, inputs)


def _angle_parameters(config: Config, pair: Pair) -> dict[str, Any]:
    statistic = config.statistic
    return {
        "n_angle_bins": statistic.n_angle_bins,
        "declination_band_deg": statistic.declination_band_deg,
        "window": window_parameter(config, pair),
    }


def _source_background_pdf(config: Config, store: ProductStore) -> Iterable[Recipe]:
    module, smoothing = "core.pdfs.source_background", {}
    measured: tuple[ProductKey, ...] = (ProductKey("background_pdf"),)
    if config.has_events:
        module, measured = "core.pdfs.source_events", events_of(config, "data")
        smoothing = {"declination_smoothing_deg": config.statistic.declination_smoothing_deg}
    for pair in served_pairs(config, store):
        product = ProductKey("source_background_pdf", pair_keys(pair))
        inputs = (ProductKey("sources"), *measured, *window_inputs(config, pair))
        yield Recipe(product, module, _angle_parameters(config, pair) | smoothing, inputs)


def _source_signal_pdf(config: Config, store: ProductStore) -> Iterable[Recipe]:
    module, simulated, how = "core.pdfs.source_signal", tuple[ProductKey, ...](), {}
    if config.statistic.signal != "response":
        module, simulated = "core.pdfs.source_events", _simulation(config)
        how = {"signal": config.statistic.signal, "signal_band_deg": config.statistic.signal_band_deg}
    for pair in served_pairs(config, store):
        product = ProductKey("source_signal_pdf", pair_keys(pair))
        inputs = (*_signal_inputs(pair), *simulated, *window_inputs(config, pair))
        yield Recipe(product, module, _angle_parameters(config, pair) | how, inputs)


def _sky_patterns(config: Config, store: ProductStore) -> Iterable[Recipe]:
    for pair in served_pairs(config, store):
        parameters = {"nside": config.statistic.nside, "window": window_parameter(config, pair)}
        by_source = (ProductKey(stage, pair_keys(pair)) for stage in ("source_background_pdf", "source_signal_pdf"))
        inputs = (*_signal_inputs(pair), ProductKey("background_pdf"), *by_source, *window_inputs(config, pair))
        yield Recipe(ProductKey("sky_patterns", pair_keys(pair)), "core.pdfs.sky_patterns", parameters, inputs)


_RECIPES: Mapping[str, Callable[[Config, ProductStore], Iterable[Recipe]]] = {
    "sources": _sources,
    "event_counts": _event_counts,
    "response": _response,
    "background_pdf": _background_pdf,
    "spectra": _spectra,
    "acceptance": _acceptance,
    "energy_range": _energy_range,
    "source_counts": _source_counts,
    "signal_pdf": _signal_pdf,
    "ratio_cells": _ratio_cells,
    "source_background_pdf": _source_background_pdf,
    "source_signal_pdf": _source_signal_pdf,
    "sky_patterns": _sky_patterns,
    **RESULT_RECIPES,
}
