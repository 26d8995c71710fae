"""The stages of an analysis: which products each makes, and from what.

A stage's recipes follow from the configuration and, where the numbers decide, from products already made: pairs that
the sample cannot serve end at their acceptance, and the numbers of injected events are chosen from the ratio cells.
"""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from core.acceptance import acceptance_from_table, served_mark
from core.channels import Channel
from core.config import Config
from core.digests import digest_of_file, digest_of_parameters
from core.errors import ConfigError, InputError, PhysicsError, ProductError
from core.event_stages import EVENT_STAGES, event_recipes, events_of, good_runs_of
from core.events.public_release import SHIPPED_COUNTS
from core.products import ProductStore
from core.recipes import Key, ProductKey, Recipe
from core.response import SHIPPED_RESPONSE
from core.samples import reco_energy_range, sample_bins
from core.source_trials import StackedLaw, source_trial_model
from core.sources import catalogue_path
from core.spectra import SHIPPED_SPECTRA
from core.trial_statistic import BINS_PER_ROOT
from core.window_recipes import check_window, window_inputs, window_parameter

Pair = tuple[Channel, float]

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
    "background_trials",
    "signal_trials",
    "sensitivity",
    "discovery_potential",
)
DENSITY_STAGES: Mapping[str, tuple[str, ...]] = {
    "joint": ("signal_pdf", "ratio_cells"),
    "j_weighted": ("source_background_pdf", "source_signal_pdf"),
}
NO_EVENTS = "the public sample needs no ingest: it comes with the package, in bins; `dwarfnu run` analyses it"
# What the number of events and the flux of a cross section follow from, beside the sources.
_SCALE_STAGES = ("spectra", "acceptance")
N_DISCOVERY_TRIALS = 2_000  # of each number of injected events


def stages_of(config: Config) -> tuple[str, ...]:
    """Return the stages of an analysis with its sample and statistic, in the order in which they are made."""
    others = {stage for name, stages in DENSITY_STAGES.items() if name != config.statistic.name for stage in stages}
    if not config.has_events:
        others |= set(EVENT_STAGES)
    if config.statistic.name != "joint":
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


def served_pairs(config: Config, store: ProductStore) -> dict[Pair, str]:
    """Return the pairs of channel and mass that the sample serves, each with its mark, as far as acceptances stand."""
    served = {}
    for pair in config.channel_masses:
        try:
            served[pair] = _mark(config, store, pair)
        except (PhysicsError, ProductError):
            continue
    return served


def refused_pairs(config: Config, store: ProductStore) -> dict[Pair, str]:
    """Return the pairs that the sample cannot serve, each with the reason."""
    refused = {}
    for pair in config.channel_masses:
        try:
            _mark(config, store, pair)
        except PhysicsError as error:
            refused[pair] = str(error)
        except ProductError:
            continue
    return refused


def _mark(config: Config, store: ProductStore, pair: Pair) -> str:
    table = store.read_product(ProductKey("acceptance", _keys(pair)))
    mark = served_mark(acceptance_from_table(table), *pair, reco_energy_range(config))
    check_window(config, pair)
    return mark


def injected_counts(config: Config, n_s_uncertainty: float, n_events: int) -> tuple[int, ...]:
    """Return the numbers of injected events, in ascending order, for a standard deviation of the fitted n_s.

    None is larger than the number of events of a trial; of the statistic with a fit a source, of any of its sources.
    """
    counts = (max(1, round(factor * n_s_uncertainty)) for factor in config.trials.injected_over_uncertainty)
    return tuple(sorted({min(count, n_events) for count in counts}))


def shards(n_trials: int, shard_size: int) -> list[tuple[int, int]]:
    """Return (first trial, number of trials) of each shard."""
    return [(first, min(shard_size, n_trials - first)) for first in range(0, n_trials, shard_size)]


def _keys(pair: Pair) -> dict[str, Key]:
    return {"channel": pair[0], "mass": pair[1]}


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
        settings | {"embedded": config.sources.catalogue == "embedded", "catalogue_digest": digest},
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
    parameters = {
        "source": "pythia" if config.spectra.source == "pythia" else "given",
        "mixing_angles": config.spectra.mixing_angles and list(config.spectra.mixing_angles),
        "source_digest": _spectra_digest(config.spectra.source),
        "earth_matter": config.spectra.earth_matter,
    }
    inputs = (ProductKey("sources"),) if config.spectra.earth_matter else ()
    for pair in config.channel_masses:
        yield Recipe(ProductKey("spectra", _keys(pair)), "core.spectra", parameters, inputs)


def _signal_inputs(pair: Pair) -> tuple[ProductKey, ...]:
    return ProductKey("sources"), ProductKey("response"), ProductKey("spectra", _keys(pair))


def _acceptance(config: Config, _: ProductStore) -> Iterable[Recipe]:
    for pair in config.channel_masses:
        yield Recipe(ProductKey("acceptance", _keys(pair)), "core.expected_signal", inputs=_signal_inputs(pair))


def _simulation(config: Config) -> tuple[ProductKey, ...]:
    """Return the simulated events of all seasons, and the good runs that say how long each season counts."""
    return *events_of(config, "mc"), *good_runs_of(config)


def _energy_range(config: Config, store: ProductStore) -> Iterable[Recipe]:
    for pair in served_pairs(config, store):
        product = ProductKey("energy_range", _keys(pair))
        if config.has_events:
            made_from = (ProductKey("sources"), ProductKey("spectra", _keys(pair)), *_simulation(config))
            made_from += events_of(config, "data") if config.energy_range.background == "data" else ()
            grid = config.energy_range.model_dump(mode="json")
            yield Recipe(product, "core.energy_histograms", grid, made_from)
        else:
            inputs = (*_signal_inputs(pair), ProductKey("background_pdf"))
            yield Recipe(product, "core.expected_signal", inputs=inputs)


def _source_counts(config: Config, store: ProductStore) -> Iterable[Recipe]:
    for pair in served_pairs(config, store):
        inputs = (*_signal_inputs(pair), ProductKey("background_pdf"), *window_inputs(config, pair))
        product, parameters = ProductKey("source_counts", _keys(pair)), {"window": window_parameter(config, pair)}
        yield Recipe(product, "core.pdfs.source_counts", parameters, inputs)


def _signal_pdf(config: Config, store: ProductStore) -> Iterable[Recipe]:
    for pair in served_pairs(config, store):
        parameters = {"nside": config.statistic.nside, "window": window_parameter(config, pair)}
        inputs = (*_signal_inputs(pair), ProductKey("background_pdf"), *window_inputs(config, pair))
        yield Recipe(ProductKey("signal_pdf", _keys(pair)), "core.pdfs.one_sky", parameters, inputs)


def _ratio_cells(config: Config, store: ProductStore) -> Iterable[Recipe]:
    parameters = {"background": config.statistic.background, "n_cells": config.statistic.n_cells}
    for pair in served_pairs(config, store):
        inputs = (ProductKey("signal_pdf", _keys(pair)), ProductKey("background_pdf"))
        yield Recipe(ProductKey("ratio_cells", _keys(pair)), "core.pdfs.one_sky", parameters, inputs)


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
        product = ProductKey("source_background_pdf", _keys(pair))
        inputs = (ProductKey("sources"), *measured, *window_inputs(config, pair))
        yield Recipe(product, module, _angle_parameters(config, pair) | smoothing, inputs)


def _source_signal_pdf(config: Config, store: ProductStore) -> Iterable[Recipe]:
    module, simulated, how = "core.pdfs.source_signal", tuple[ProductKey, ...](), {}
    if config.statistic.signal != "response":
        module, simulated = "core.pdfs.source_events", _simulation(config)
        how = {"signal": config.statistic.signal, "signal_band_deg": config.statistic.signal_band_deg}
    for pair in served_pairs(config, store):
        product = ProductKey("source_signal_pdf", _keys(pair))
        inputs = (*_signal_inputs(pair), *simulated, *window_inputs(config, pair))
        yield Recipe(product, module, _angle_parameters(config, pair) | how, inputs)


def _background_trials(config: Config, store: ProductStore) -> Iterable[Recipe]:
    for pair in served_pairs(config, store):
        product = ProductKey("background_trials", _keys(pair) | {"seed": config.seed})
        yield from _trial_recipes(config, product, config.trials.n_background)


def _signal_trials(config: Config, store: ProductStore) -> Iterable[Recipe]:
    for pair in served_pairs(config, store):
        for product in _signal_trial_products(config, store, pair):
            yield from _trial_recipes(config, product, config.trials.n_signal)


def _trial_recipes(config: Config, product: ProductKey, n_trials: int) -> Iterable[Recipe]:
    model = _model_products(config, {name: product.keys[name] for name in ("channel", "mass")})
    is_joint = config.statistic.name == "joint"
    module, settings = ("core.trials", {}) if is_joint else ("core.source_trials", {"grid": config.statistic.grid})
    binning: Mapping[str, Any] = {}
    if config.trials.keep == "histogram":
        module = "core.trial_histogram" if is_joint else module
        binning = {"keep": "histogram", "bins_per_root": BINS_PER_ROOT}
    for part, (first_trial, n_in_shard) in enumerate(shards(n_trials, config.trials.shard_size)):
        parameters = {"first_trial": first_trial, "n_trials": n_in_shard, **settings, **binning}
        yield Recipe(product, module, parameters, model, part)


def _model_products(config: Config, pair: Mapping[str, Key]) -> tuple[ProductKey, ...]:
    """Return the products that the trials of a pair are drawn from."""
    if config.statistic.name == "joint":
        return (ProductKey("ratio_cells", pair),)
    return *(ProductKey(stage, pair) for stage in DENSITY_STAGES["j_weighted"]), ProductKey("sources")


def _signal_trial_products(config: Config, store: ProductStore, pair: Pair) -> Iterable[ProductKey]:
    try:
        uncertainty, n_events = _uncertainty_and_events(config, store, pair)
    except ProductError:
        return
    for n_injected in injected_counts(config, uncertainty, n_events):
        yield ProductKey("signal_trials", _keys(pair) | {"n_injected": n_injected, "seed": config.seed})


def _uncertainty_and_events(config: Config, store: ProductStore, pair: Pair) -> tuple[float, int]:
    """Return the standard deviation of n_s without signal and how many events a trial has, of j_weighted its least."""
    products = _model_products(config, _keys(pair))
    if config.statistic.name == "joint":
        (row,) = store.read_product(products[0], ["n_s_uncertainty", "n_events"]).slice(0, 1).to_pylist()
        return float(row["n_s_uncertainty"]), int(row["n_events"])
    background, signal, sources = (store.read_product(product) for product in products)
    model = source_trial_model(background, signal, sources, config.statistic.grid)
    return StackedLaw.of(model).n_s_uncertainty, int(model.draw_events.min())


def _sensitivity(config: Config, store: ProductStore) -> Iterable[Recipe]:
    trials = config.trials
    settings: Mapping[str, Any] = {
        "sample": config.sample,
        "reco_energy_range": reco_energy_range(config),
        "background": config.statistic.background,
        "n_background_trials": trials.n_background,
        "n_signal_trials": trials.n_signal,
    }
    is_joint = config.statistic.name == "joint"
    module = "core.cross_sections" if is_joint else "core.source_trials"
    if not is_joint:
        settings = {**settings, "grid": config.statistic.grid}
    for pair in served_pairs(config, store):
        keys = _keys(pair) | {"seed": config.seed}
        n_parts = len(shards(trials.n_background, trials.shard_size))
        n_signal_parts = len(shards(trials.n_signal, trials.shard_size))
        densities = [product for product in _model_products(config, _keys(pair)) if product.keys]
        inputs = (
            ProductKey("sources"),
            *(ProductKey(stage, _keys(pair)) for stage in _SCALE_STAGES),
            *densities,
            ProductKey("background_trials", keys, n_parts),
            *(
                ProductKey("signal_trials", product.keys, n_signal_parts)
                for product in _signal_trial_products(config, store, pair)
            ),
        )
        parameters = {"window": window_parameter(config, pair), **settings}
        yield Recipe(ProductKey("sensitivity", keys), module, parameters, inputs)


def _discovery_potential(config: Config, store: ProductStore) -> Iterable[Recipe]:
    parameters: Mapping[str, Any] = {
        "sample": config.sample,
        "reco_energy_range": reco_energy_range(config),
        "background": config.statistic.background,
        "n_tail_trials": config.trials.n_tail,
        "n_signal_trials": N_DISCOVERY_TRIALS,
    }
    for pair in served_pairs(config, store):
        keys = _keys(pair)
        inputs = (ProductKey("sources"), *(ProductKey(stage, keys) for stage in _SCALE_STAGES))
        product = ProductKey("discovery_potential", keys | {"seed": config.seed})
        yield Recipe(product, "core.discovery", parameters, (*inputs, *_model_products(config, keys)))


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
    "background_trials": _background_trials,
    "signal_trials": _signal_trials,
    "sensitivity": _sensitivity,
    "discovery_potential": _discovery_potential,
}
