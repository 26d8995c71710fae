"""Pairs of channel and mass: which a sample serves, why it refuses the others, and the window that each is searched in.

Acceptances decide: a pair that the simulation knows too badly ends there.
"""

from core.configuration.config import Config
from core.dark_matter.channels import Channel
from core.dark_matter.processes import PROCESSES
from core.errors import PhysicsError, ProductError
from core.pdfs.one_sky import energies_in_window
from core.products.recipe import KeyValue, ProductKey
from core.products.store import ProductStore
from core.signal.acceptance import acceptance_from_table, pair_limitation
from core.signal.windows import window_of
from core.stages.samples import reco_energy_range, sample_bins

Pair = tuple[Channel, float]


def pair_keys(pair: Pair) -> dict[str, KeyValue]:
    """Return the keys of the products of a pair."""
    return {"channel": pair[0], "mass": pair[1]}


def of_pair(pair: Pair, *stages: str) -> tuple[ProductKey, ...]:
    """Return the products of a pair at some stages."""
    return tuple(ProductKey(stage, pair_keys(pair)) for stage in stages)


def signal_inputs(pair: Pair) -> tuple[ProductKey, ...]:
    """Return the products that the expected signal of a pair follows from."""
    return ProductKey("sources"), ProductKey("response"), *of_pair(pair, "spectra")


def served_pairs(config: Config, store: ProductStore) -> dict[Pair, str]:
    """Return the pairs of channel and mass that are served, each with what limits it, where its acceptance stands."""
    served = {}
    for pair in config.channel_masses:
        try:
            served[pair] = _limitation(config, store, pair)
        except (PhysicsError, ProductError):
            continue
    return served


def refused_pairs(config: Config, store: ProductStore) -> dict[Pair, str]:
    """Return the pairs that the sample cannot serve, each with the reason."""
    refused = {}
    for pair in config.channel_masses:
        try:
            _limitation(config, store, pair)
        except PhysicsError as error:
            refused[pair] = str(error)
        except ProductError:
            continue
    return refused


def window_parameter(config: Config, pair: Pair) -> list[float] | str | None:
    """Return what a recipe says of the window of a pair: its edges in GeV; "optimal" where an input tells them."""
    window = config.statistic.window
    if window == "optimal":
        return window
    edges = window_of(window, *pair)
    return None if edges is None else list(edges)


def window_inputs(config: Config, pair: Pair) -> tuple[ProductKey, ...]:
    """Return the product that tells the window of a pair, none where the configuration does."""
    return of_pair(pair, "energy_range") if config.statistic.window == "optimal" else ()


def _limitation(config: Config, store: ProductStore, pair: Pair) -> str:
    """Return what limits a pair; PhysicsError if it is not served, ProductError if its acceptance does not stand."""
    table = store.read_product(ProductKey("acceptance", pair_keys(pair)))
    process = PROCESSES[config.process]
    limitation = pair_limitation(acceptance_from_table(table), *pair, reco_energy_range(config), process)
    _check_window(config, pair)
    return limitation


def _check_window(config: Config, pair: Pair) -> None:
    """Raise PhysicsError if the window of a pair holds no reconstructed energy of the sample."""
    if config.statistic.window == "optimal":
        return
    try:
        energies_in_window(sample_bins(config).reco_energy_edges, window_of(config.statistic.window, *pair))
    except PhysicsError as error:
        raise PhysicsError(f"{pair[0]} at {pair[1]:g} GeV is not served: {error}") from error
