"""The published statistic, the whole way with the real command."""

from pathlib import Path

import numpy as np
import pytest

from core.configuration.config import read_config
from core.products.recipe import State
from core.products.store import ProductStore
from core.stages.figures import figure_recipes
from core.stages.figures.figure import figure_state
from core.stages.freshness import Freshness
from core.stages.registry import recipes, stages_of
from tests.runs import dwarfnu, outcomes, written_config

ANALYSIS = """
[pairs]
tautau = [20]
[statistic]
name = "j_weighted"
[trials]
n_background = 4000
n_signal = 1000
"""


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The configuration of a run to its end, and what it printed."""
    folder = tmp_path_factory.mktemp("published-statistic")
    config = written_config(folder, ANALYSIS)
    done = dwarfnu(folder, "run", config)
    assert done.returncode == 0, done.stdout + done.stderr
    return config, done.stdout


@pytest.mark.slow
def test_a_run_ends_with_a_sensitivity_and_everything_fresh(finished: tuple[Path, str]) -> None:
    path, printed = finished
    config = read_config(path)
    store = ProductStore(config.product_root)
    assert set(outcomes(printed)) == {*stages_of(config), "figures"}
    assert "ratio_cells" not in stages_of(config)
    freshness = Freshness(config, store)
    for stage in stages_of(config):
        assert {freshness.of(recipe).state for recipe in recipes(config, store, stage)} == {State.FRESH}
    figures = figure_recipes(config, store)
    assert {figure_state(store, figure).state for figure in figures} == {State.FRESH}
    assert "limits-tautau.png" in {figure.name for figure in figures}
    (row,) = store.read("sensitivity").to_pylist()
    assert row["statistic"] == "j_weighted"
    assert f"{row['sigma_v_sensitivity']:.2e}" in printed
    again = dwarfnu(path.parent, "run", path)
    assert again.returncode == 0
    assert all(set(counts) == {"cached"} for counts in outcomes(again.stdout).values())
    status = dwarfnu(path.parent, "status", path)
    assert status.returncode == 0
    assert not any(line.startswith(("stale", "missing", "failed")) for line in status.stdout.splitlines()[3:])


@pytest.mark.slow
def test_it_is_less_sensitive_than_one_likelihood_of_one_sky(finished: tuple[Path, str], public_run: Path) -> None:
    """Without energy and class, and with sources apart, more than it wins by a background that it takes as known."""
    ours = ProductStore(read_config(finished[0]).product_root).read("sensitivity").to_pylist()[0]
    joint = ProductStore(public_run / "products").read("sensitivity", channel="tautau", mass=20.0).to_pylist()[0]
    assert joint["statistic"] == "joint"
    assert ours["n_s_per_sigma_v"] == pytest.approx(joint["n_s_per_sigma_v"], rel=1e-6)
    assert 1.2 < ours["sigma_v_sensitivity"] / joint["sigma_v_sensitivity"] < 1.8


@pytest.mark.slow
def test_injected_events_are_recovered_in_the_plain_sum(finished: tuple[Path, str]) -> None:
    trials = ProductStore(read_config(finished[0]).product_root).read("signal_trials").to_pandas()
    for n_injected, group in trials.groupby("n_injected"):
        total = group["n_s_total_signed"]
        assert total.mean() == pytest.approx(n_injected, abs=5.0 * total.std() / np.sqrt(len(group)))
        assert (group["n_s_total"] >= total).all()


def test_settings_that_cannot_be_meant_end_in_one_line(tmp_path: Path) -> None:
    done = dwarfnu(tmp_path, "run", written_config(tmp_path, '[statistic]\nname = "j_weighted"\nnside = 64\n'))
    assert done.returncode == 2
    assert 'nside has no meaning for the statistic "j_weighted"' in done.stderr + done.stdout
    assert not (tmp_path / "products").exists()
