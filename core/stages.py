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
from core.errors import InputError, PhysicsError, ProductError
from core.events.public_release import SHIPPED_COUNTS
from core.products import ProductStore
from core.recipes import Key, ProductKey, Recipe
from core.response import SHIPPED_RESPONSE
from core.sources import catalogue_path
from core.spectra import SHIPPED_SPECTRA

Pair = tuple[Channel, float]

# In the order in which they are made.
STAGES = (
    "sources",
    "events",
    "response",
    "background_pdf",
    "spectra",
    "acceptance",
    "energy_range",
    "signal_pdf",
    "ratio_cells",
    "background_trials",
    "signal_trials",
    "sensitivity",
)


def recipes(config: Config, store: ProductStore, stage: str) -> list[Recipe]:
    """Return the recipes of all products of a stage that the analysis asks for, as far as they can be known."""
    return list(_RECIPES[stage](config, store))


def served_pairs(config: Config, store: ProductStore) -> dict[Pair, str]:
    """Return the pairs of channel and mass that the sample serves, each with its mark, as far as acceptances stand."""
    served = {}
    for pair in config.channel_masses:
        try:
            served[pair] = _mark(store, pair)
        except (PhysicsError, ProductError):
            continue
    return served


def refused_pairs(config: Config, store: ProductStore) -> dict[Pair, str]:
    """Return the pairs that the sample cannot serve, each with the reason."""
    refused = {}
    for pair in config.channel_masses:
        try:
            _mark(store, pair)
        except PhysicsError as error:
            refused[pair] = str(error)
        except ProductError:
            continue
    return refused


def _mark(store: ProductStore, pair: Pair) -> str:
    table = store.read_product(ProductKey("acceptance", _keys(pair)))
    return served_mark(acceptance_from_table(table), *pair)


def injected_counts(config: Config, n_s_uncertainty: float) -> tuple[int, ...]:
    """Return the numbers of injected events, in ascending order, for a standard deviation of the fitted n_s."""
    counts = {max(1, round(factor * n_s_uncertainty)) for factor in config.trials.injected_over_uncertainty}
    return tuple(sorted(counts))


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


def _events(config: Config, _: ProductStore) -> Iterable[Recipe]:
    parameters = {"sample": config.sample, "file_digest": _file_digest(SHIPPED_COUNTS)}
    yield Recipe(ProductKey("events"), "core.events.public_release", parameters)


def _response(config: Config, _: ProductStore) -> Iterable[Recipe]:
    parameters = {"sample": config.sample, "file_digest": _file_digest(SHIPPED_RESPONSE)}
    yield Recipe(ProductKey("response"), "core.response", parameters)


def _background_pdf(_: Config, __: ProductStore) -> Iterable[Recipe]:
    yield Recipe(ProductKey("background_pdf"), "core.pdfs.background", inputs=(ProductKey("events"),))


def _spectra(config: Config, _: ProductStore) -> Iterable[Recipe]:
    parameters = {
        "source": "pythia" if config.spectra.source == "pythia" else "given",
        "mixing_angles": config.spectra.mixing_angles and list(config.spectra.mixing_angles),
        "source_digest": _spectra_digest(config.spectra.source),
    }
    for pair in config.channel_masses:
        yield Recipe(ProductKey("spectra", _keys(pair)), "core.spectra", parameters)


def _signal_inputs(pair: Pair) -> tuple[ProductKey, ...]:
    return ProductKey("sources"), ProductKey("response"), ProductKey("spectra", _keys(pair))


def _acceptance(config: Config, _: ProductStore) -> Iterable[Recipe]:
    for pair in config.channel_masses:
        yield Recipe(ProductKey("acceptance", _keys(pair)), "core.expected_signal", inputs=_signal_inputs(pair))


def _energy_range(config: Config, store: ProductStore) -> Iterable[Recipe]:
    for pair in served_pairs(config, store):
        inputs = (*_signal_inputs(pair), ProductKey("background_pdf"))
        yield Recipe(ProductKey("energy_range", _keys(pair)), "core.expected_signal", inputs=inputs)


def _signal_pdf(config: Config, store: ProductStore) -> Iterable[Recipe]:
    parameters = {"nside": config.statistic.nside, "window": config.statistic.window and list(config.statistic.window)}
    for pair in served_pairs(config, store):
        inputs = (*_signal_inputs(pair), ProductKey("background_pdf"))
        yield Recipe(ProductKey("signal_pdf", _keys(pair)), "core.pdfs.one_sky", parameters, inputs)


def _ratio_cells(config: Config, store: ProductStore) -> Iterable[Recipe]:
    parameters = {"background": config.statistic.background, "n_cells": config.statistic.n_cells}
    for pair in served_pairs(config, store):
        inputs = (ProductKey("signal_pdf", _keys(pair)), ProductKey("background_pdf"))
        yield Recipe(ProductKey("ratio_cells", _keys(pair)), "core.pdfs.one_sky", parameters, inputs)


def _background_trials(config: Config, store: ProductStore) -> Iterable[Recipe]:
    for pair in served_pairs(config, store):
        product = ProductKey("background_trials", _keys(pair) | {"seed": config.seed})
        yield from _trial_recipes(config, product, config.trials.n_background)


def _signal_trials(config: Config, store: ProductStore) -> Iterable[Recipe]:
    for pair in served_pairs(config, store):
        for product in _signal_trial_products(config, store, pair):
            yield from _trial_recipes(config, product, config.trials.n_signal)


def _trial_recipes(config: Config, product: ProductKey, n_trials: int) -> Iterable[Recipe]:
    cells = ProductKey("ratio_cells", {name: product.keys[name] for name in ("channel", "mass")})
    for part, (first_trial, n_in_shard) in enumerate(shards(n_trials, config.trials.shard_size)):
        parameters = {"first_trial": first_trial, "n_trials": n_in_shard}
        yield Recipe(product, "core.trials", parameters, (cells,), part)


def _signal_trial_products(config: Config, store: ProductStore, pair: Pair) -> Iterable[ProductKey]:
    try:
        cells = store.read_product(ProductKey("ratio_cells", _keys(pair)), ["n_s_uncertainty"])
    except ProductError:
        return
    for n_injected in injected_counts(config, cells["n_s_uncertainty"][0].as_py()):
        yield ProductKey("signal_trials", _keys(pair) | {"n_injected": n_injected, "seed": config.seed})


def _sensitivity(config: Config, store: ProductStore) -> Iterable[Recipe]:
    trials = config.trials
    parameters: Mapping[str, Any] = {
        "background": config.statistic.background,
        "window": config.statistic.window and list(config.statistic.window),
        "n_background_trials": trials.n_background,
        "n_signal_trials": trials.n_signal,
    }
    for pair in served_pairs(config, store):
        keys = _keys(pair) | {"seed": config.seed}
        n_parts = len(shards(trials.n_background, trials.shard_size))
        n_signal_parts = len(shards(trials.n_signal, trials.shard_size))
        inputs = (
            ProductKey("sources"),
            ProductKey("spectra", _keys(pair)),
            ProductKey("acceptance", _keys(pair)),
            ProductKey("energy_range", _keys(pair)),
            ProductKey("ratio_cells", _keys(pair)),
            ProductKey("background_trials", keys, n_parts),
            *(
                ProductKey("signal_trials", product.keys, n_signal_parts)
                for product in _signal_trial_products(config, store, pair)
            ),
        )
        yield Recipe(ProductKey("sensitivity", keys), "core.cross_sections", parameters, inputs)


_RECIPES: Mapping[str, Callable[[Config, ProductStore], Iterable[Recipe]]] = {
    "sources": _sources,
    "events": _events,
    "response": _response,
    "background_pdf": _background_pdf,
    "spectra": _spectra,
    "acceptance": _acceptance,
    "energy_range": _energy_range,
    "signal_pdf": _signal_pdf,
    "ratio_cells": _ratio_cells,
    "background_trials": _background_trials,
    "signal_trials": _signal_trials,
    "sensitivity": _sensitivity,
}
