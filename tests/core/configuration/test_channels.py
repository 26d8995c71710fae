"""Channels that a configuration names: what their spectra are made from stands in their recipes."""

from pathlib import Path

import pytest

from core.configuration.config import Config, read_config
from core.errors import InputError
from core.products.recipe import Recipe
from core.products.store import ProductStore
from core.random.streams import stream_seed
from core.spectra import spectra_table
from core.stages.registry import recipes
from core.stages.stage import made_from


def recipes_of(config: Config) -> dict[str, Recipe]:
    return {str(one.product.keys["channel"]): one for one in recipes(config, ProductStore("nowhere"), "spectra")}


def test_only_channels_made_from_a_file_or_fractions_depend_on_them(tmp_path: Path) -> None:
    (tmp_path / "my.csv").write_text("energy,dn_de\n1,0.01\n20,0\n", encoding="utf-8")
    config = read_config(
        None,
        spectra={"file": str(tmp_path / "my.csv")},
        mixtures={"m": {"bb": 0.7, "tautau": 0.3}, "half": {"my": 0.5, "bb": 0.5}},
        pairs={"m": [20], "half": [20], "my": [20], "bb": [20]},
    )
    plain, made = recipes_of(read_config(None, pairs={"bb": [20]}))["bb"], recipes_of(config)
    assert made["bb"].digest == plain.digest
    assert made["m"].parameters["fractions"] == {"bb": 0.7, "tautau": 0.3}
    assert "file_digest" not in made["m"].parameters
    before = {name: made[name].digest for name in ("half", "my", "m")}
    (tmp_path / "my.csv").write_text("energy,dn_de\n1,0.02\n20,0\n", encoding="utf-8")
    after = recipes_of(config)
    assert [name for name, digest in before.items() if after[name].digest != digest] == ["half", "my"]


def test_the_stage_makes_their_spectra(tmp_path: Path) -> None:
    config = read_config(None, mixtures={"m": {"bb": 1.0}}, pairs={"m": [20]})
    table = made_from(ProductStore(tmp_path), recipes_of(config)["m"])
    assert table.equals(spectra_table("bb", 20.0))


def test_a_file_that_is_not_there_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    config = read_config(None, spectra={"file": str(tmp_path / "my.csv")}, pairs={"my": [20]})
    with pytest.raises(InputError, match=r"cannot read .*my\.csv"):
        recipes_of(config)


def test_their_random_numbers_are_their_own() -> None:
    assert stream_seed(1, "background_trials", "m", 20.0) != stream_seed(1, "background_trials", "bb", 20.0)
    assert stream_seed(1, "background_trials", "b", 20.0) == stream_seed(1, "background_trials", "bb", 20.0)
