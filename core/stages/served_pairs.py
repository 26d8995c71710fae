"""Which pairs of channel and mass a sample serves, and why it refuses the others: their acceptances decide."""

from core.configuration.config import Config
from core.dark_matter.channels import Channel
from core.dark_matter.processes import PROCESSES
from core.errors import PhysicsError, ProductError
from core.products.recipe import KeyValue, ProductKey
from core.products.store import ProductStore
from core.signal.acceptance import acceptance_from_table, pair_limitation
from core.stages.samples import reco_energy_range
from core.stages.window_recipes import check_window

Pair = tuple[Channel, float]


def pair_keys(pair: Pair) -> dict[str, KeyValue]:
    """Return the keys of the products of a pair."""
    return {"channel": pair[0], "mass": pair[1]}


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


def _limitation(config: Config, store: ProductStore, pair: Pair) -> str:
    table = store.read_product(ProductKey("acceptance", pair_keys(pair)))
    limitation = pair_limitation(
        acceptance_from_table(table), *pair, reco_energy_range(config), PROCESSES[config.process]
    )
    check_window(config, pair)
    return limitation
