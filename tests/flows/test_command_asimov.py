"""`dwarfnu limits --asimov`: expectations from densities alone, made where they are missing, with their unit."""

from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from core.configuration.config import Config, read_config
from core.errors import ProductError
from core.products.store import ProductStore
from core.stages.registry import STAGES, recipes, stages_before
from core.stages.stage import make_product
from flows.command_asimov import print_asimov


@pytest.fixture(scope="module")
def with_densities(tmp_path_factory: pytest.TempPathFactory) -> tuple[Config, ProductStore]:
    """One pair of which all stands that its expectation needs, and not the expectation."""
    root = tmp_path_factory.mktemp("asimov")
    statistic = {"nside": 8, "n_cells": 64}
    config = read_config(None, products=str(root), pairs={"tautau": [20]}, statistic=statistic)
    store = ProductStore(config.product_root, config.analysis)
    for stage in stages_before(config, "asimov"):
        for recipe in recipes(config, store, stage):
            make_product(STAGES[stage], store, recipe)
    return config, store


def printed(config: Config, store: ProductStore) -> str:
    text = StringIO()
    print_asimov(config, store, Console(file=text, width=200))
    return text.getvalue()


def test_what_is_missing_is_made_and_printed_in_its_unit(with_densities: tuple[Config, ProductStore]) -> None:
    config, store = with_densities
    shown = printed(config, store)
    row = store.read("asimov").to_pylist()[0]
    assert "⟨σv⟩ [cm³ s⁻¹]" in shown
    assert f"{row['sigma_v_sensitivity']:.2e}" in shown
    assert f"{row['sigma_v_discovery_5sigma']:.2e}" in shown
    created = store.metadata("asimov")["created"]
    assert printed(config, store) == shown
    assert store.metadata("asimov")["created"] == created


def test_without_densities_it_says_how_to_make_them(tmp_path: Path) -> None:
    config = read_config(None, products=str(tmp_path))
    with pytest.raises(ProductError, match=r"no densities of this configuration are fresh .*`dwarfnu run` makes them"):
        print_asimov(config, ProductStore(tmp_path), Console(file=StringIO()))
