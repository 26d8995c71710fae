"""The published statistic in trials of one sky, the whole way with the real command."""

from pathlib import Path

import numpy as np
import pytest

from core.configuration.config import read_config
from core.inference.sensitivity import p_value
from core.products.recipe import State
from core.products.store import ProductStore
from core.stages.freshness import Freshness
from core.stages.registry import recipes, stages_of
from tests.runs import dwarfnu, outcomes, written_config

ANALYSIS = """
[pairs]
tautau = [20]
[statistic]
name = "j_weighted"
skies = "one"
[trials]
n_background = 4000
n_signal = 1000
n_tail = 10000
"""


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The configuration of a run to its end, and what it printed."""
    folder = tmp_path_factory.mktemp("one-sky")
    config = written_config(folder, ANALYSIS)
    done = dwarfnu(folder, "run", config)
    assert done.returncode == 0, done.stdout + done.stderr
    return config, done.stdout


@pytest.mark.slow
def test_a_run_ends_with_sensitivity_and_discovery_potential_and_everything_fresh(finished: tuple[Path, str]) -> None:
    path, printed = finished
    config = read_config(path)
    store = ProductStore(config.product_root)
    assert set(outcomes(printed)) == {*stages_of(config), "figures"}
    assert {"sky_patterns", "discovery_potential"} < set(stages_of(config))
    freshness = Freshness(config, store)
    for stage in stages_of(config):
        assert {freshness.of(recipe).state for recipe in recipes(config, store, stage)} == {State.FRESH}
    (row,), (potential,) = (store.read(stage).to_pylist() for stage in ("sensitivity", "discovery_potential"))
    assert row["statistic"] == potential["statistic"] == "j_weighted_one_sky"
    assert row["n_s_sensitivity"] == pytest.approx(row["n_s_sensitivity_closed_form"], rel=0.08)
    assert row["n_s_sensitivity"] < potential["n_s_discovery_3sigma"] < potential["n_s_discovery_5sigma"]
    background = store.read("background_trials")["test_statistic"].to_numpy()
    share = p_value(background, potential["threshold_3sigma"], one_sky=True).p_value
    assert share == pytest.approx(1.35e-3, abs=4.0 * np.sqrt(1.35e-3 / background.size))
    assert f"{row['sigma_v_sensitivity']:.2e}" in printed
    again = dwarfnu(path.parent, "run", path)
    assert again.returncode == 0
    assert all(set(counts) == {"cached"} for counts in outcomes(again.stdout).values())


@pytest.mark.slow
def test_skies_of_their_own_make_other_trials_from_the_same_histograms(finished: tuple[Path, str]) -> None:
    path, _ = finished
    separate = path.with_name("separate.toml")
    separate.write_text(path.read_text(encoding="utf-8").replace('skies = "one"\n', ""), encoding="utf-8")
    config = read_config(separate)
    store = ProductStore(config.product_root)
    assert {"sky_patterns", "discovery_potential"}.isdisjoint(stages_of(config))
    freshness = Freshness(config, store)
    states = {stage: {freshness.of(r).state for r in recipes(config, store, stage)} for stage in stages_of(config)}
    assert states["source_background_pdf"] == states["source_signal_pdf"] == {State.FRESH}
    assert states["background_trials"] == {State.STALE}
    assert states["sensitivity"] == {State.STALE}
