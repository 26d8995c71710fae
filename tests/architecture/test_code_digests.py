"""What a task calls in core is covered by the code digest of the stage that it makes."""

from pathlib import Path

import grimp
import pytest

from core.configuration.config import Config, read_config
from core.configuration.statistics import StatisticSettings
from core.configuration.trials import TrialSettings
from core.products.recipe import ProductKey
from core.products.store import ProductStore
from core.stages.registry import _RECIPES, EVENT_STAGES, recipes
from tests.own_sample import written_sample

# What every task uses to find and describe products; it decides where they lie, or stands in the parameters of recipes.
BOOKKEEPING = {
    "core.configuration.config",
    "core.products.store",
    "core.products.recipe",
    "core.errors",
    "core.stages.figures",
    "core.stages.samples",
    "core.stages.trial_products",
}
SIMULATED = Config(sample="simulated-7y")
STATISTICS = (
    StatisticSettings(),
    StatisticSettings(name="j_weighted"),
    StatisticSettings(name="j_weighted", skies="one"),
)
CONFIGS = tuple(
    config.model_copy(update={"statistic": statistic, "trials": trials})
    for config in (Config(), SIMULATED)
    for statistic in STATISTICS
    for trials in (TrialSettings(), TrialSettings(keep="histogram"))
)
STAGES_OF_TASKS = {
    "tasks.events": EVENT_STAGES,
    "tasks.inputs": ("sources", "event_counts", "response", "spectra"),
    "tasks.signal_counts": ("acceptance", "energy_range"),
    "tasks.pdfs": (
        "background_pdf",
        "source_counts",
        "signal_pdf",
        "ratio_cells",
        "source_background_pdf",
        "source_signal_pdf",
        "sky_patterns",
    ),
    "tasks.trials": ("background_trials", "signal_trials"),
    "tasks.sensitivity": ("sensitivity", "discovery_potential"),
}
PAIR = {"channel": "tautau", "mass": 20.0}


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph("core", "tasks", cache_dir=None)


@pytest.fixture
def made_by(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, set[str]]:
    """The modules of core in the recipes of each stage, for one served pair and each statistic."""
    for module in ("core.stages.registry", "core.stages.trial_stages"):
        monkeypatch.setattr(f"{module}.served_pairs", lambda *_: {("tautau", 20.0): ""})
    monkeypatch.setattr(
        "core.stages.trial_stages._signal_trial_products",
        lambda *_: [ProductKey("signal_trials", PAIR | {"n_injected": 100, "seed": 1})],
    )
    store = ProductStore(tmp_path)
    modules = {
        stage: {recipe.module for config in CONFIGS for recipe in recipes(config, store, stage)} for stage in _RECIPES
    }
    own = read_config(written_sample(tmp_path))
    return modules | {
        stage: {recipe.module for config in (own, SIMULATED) for recipe in recipes(config, store, stage)}
        for stage in EVENT_STAGES
    }


@pytest.mark.parametrize("task", STAGES_OF_TASKS)
def test_the_digest_covers_what_the_task_calls(
    task: str, graph: grimp.ImportGraph, made_by: dict[str, set[str]]
) -> None:
    covered = set(BOOKKEEPING)
    for stage in STAGES_OF_TASKS[task]:
        for module in made_by[stage]:
            covered |= {module} | graph.find_upstream_modules(module)
    called = {module for module in graph.find_modules_directly_imported_by(task) if module.startswith("core")}
    assert called <= covered


def test_every_stage_has_its_task(made_by: dict[str, set[str]]) -> None:
    assert all(made_by.values())
    assert {stage for stages in STAGES_OF_TASKS.values() for stage in stages} == set(made_by)
