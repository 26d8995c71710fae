"""The right reason for what would be made again, of each kind there is, as plan and status name it."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from core.configuration.config import Config
from core.dark_matter.sources import EMBEDDED_CATALOGUE
from core.glossary import GLOSSARY
from core.products import staleness
from core.products.recipe import Recipe, State
from core.products.store import ProductStore
from core.stages.plan import plan_of
from core.stages.registry import STAGES, recipes
from core.stages.stage import make_product
from tests.core.stages.analyses import Analysis

STATISTICS = "core.stages.statistics"
Change = Callable[[Config, ProductStore, pytest.MonkeyPatch], Config]


@pytest.fixture
def analysis(joint: Analysis, tmp_path: Path) -> tuple[Config, ProductStore]:
    """An analysis that stands, for a test to change."""
    shutil.copytree(joint.store.root, tmp_path / "products")
    config = joint.config.model_copy(update={"products": str(tmp_path / "products")})
    return config, ProductStore(config.product_root, config.analysis, config.sample)


def with_setting(config: Config, group: str, **values: Any) -> Config:
    return config.model_copy(update={group: getattr(config, group).model_copy(update=values)})


def recipe_of_stage(config: Config, store: ProductStore, stage: str) -> Recipe:
    return recipes(config, store, stage)[0]


def a_setting(config: Config, _: ProductStore, __: pytest.MonkeyPatch) -> Config:
    return with_setting(config, "statistic", n_cells=32)


def a_seed(config: Config, _: ProductStore, __: pytest.MonkeyPatch) -> Config:
    return config.model_copy(update={"seed": 2})


def a_sample(config: Config, _: ProductStore, __: pytest.MonkeyPatch) -> Config:
    return config.model_copy(update={"sample": "simulated-7y"})


def more_trials(config: Config, _: ProductStore, __: pytest.MonkeyPatch) -> Config:
    return with_setting(config, "trials", n_signal=600)


def a_halo(config: Config, _: ProductStore, __: pytest.MonkeyPatch) -> Config:
    return with_setting(config, "halo", treatment="same_cross_section")


def other_code(config: Config, store: ProductStore, patch: pytest.MonkeyPatch) -> Config:
    """Acceptances that other code made: its digest was another one."""
    recipe = recipe_of_stage(config, store, "acceptance")
    with patch.context() as meanwhile:
        meanwhile.setattr(Recipe, "code_digest", property(lambda _: "that of other code"))
        make_product(STAGES["acceptance"], store, recipe)
    return config


def an_input(config: Config, store: ProductStore, _: pytest.MonkeyPatch) -> Config:
    """Counts that were made again, and came out otherwise."""
    recipe = recipe_of_stage(config, store, "event_counts")
    table = store.read("event_counts")
    more = pc.add(table["n_events"], pa.scalar(1, pa.int64()))
    store.write(recipe, table.set_column(table.column_names.index("n_events"), "n_events", more))
    return config


def a_library(config: Config, store: ProductStore, patch: pytest.MonkeyPatch) -> Config:
    """A response that was made with an earlier numpy."""
    recipe = recipe_of_stage(config, store, "response")
    with patch.context() as meanwhile:
        meanwhile.setattr(staleness, "installed_release", lambda name: "2.1" if name == "numpy" else version(name))
        make_product(STAGES["response"], store, recipe)
    return config


def a_deletion(config: Config, store: ProductStore, _: pytest.MonkeyPatch) -> Config:
    store.path("ratio_cells").unlink()
    return config


def damage(config: Config, store: ProductStore, _: pytest.MonkeyPatch) -> Config:
    path = store.path("background_pdf")
    path.write_bytes(path.read_bytes()[:-50])
    return config


def a_failure(config: Config, store: ProductStore, _: pytest.MonkeyPatch) -> Config:
    recipe = recipe_of_stage(config, store, "signal_pdf")
    store.path("signal_pdf").unlink()
    store.write_failure(recipe, "no memory left")
    return config


def a_column(config: Config, _: ProductStore, patch: pytest.MonkeyPatch) -> Config:
    """Positions of sources in half the digits from now on."""
    single = replace(GLOSSARY["dec"], dtype=pa.float32())
    patch.setattr(staleness, "GLOSSARY", {**GLOSSARY, "dec": single})
    return config


def a_catalogue(config: Config, store: ProductStore, _: pytest.MonkeyPatch) -> Config:
    """Sources of a file that was edited after they were made."""
    path = Path(store.root).parent / "mine.csv"
    shutil.copy(EMBEDDED_CATALOGUE, path)
    other = with_setting(config, "sources", catalogue=str(path))
    make_product(STAGES["sources"], store, recipe_of_stage(other, store, "sources"))
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join(lines[:-1]) + "\n", encoding="utf-8")
    return other


@pytest.mark.parametrize(
    ("change", "stage", "state", "words"),
    [
        (a_setting, "ratio_cells", State.STALE, "its parameters have changed (n_cells: 64 → 32)"),
        (a_setting, "sensitivity", State.STALE, "its input ratio_cells is stale"),
        (a_seed, "background_trials", State.MISSING, "not made yet"),
        (a_seed, "systematics", State.STALE, "its parameters have changed (seed: 1 → 2)"),
        (a_sample, "asimov", State.STALE, "sample: public-3y → simulated-7y"),
        (more_trials, "signal_trials", State.STALE, "its parameters have changed (n_trials: 500 → 600)"),
        (
            a_halo,
            "ratio_cells",
            State.STALE,
            f"it was made by {STATISTICS}.joint:make_cells, now {STATISTICS}.joint_with_halo:make_cells makes it",
        ),
        (other_code, "acceptance", State.STALE, "the code of core.stages.acceptance has changed"),
        (an_input, "background_pdf", State.STALE, "its input event_counts has changed"),
        (a_library, "response", State.STALE, f"made with numpy 2.1, now {version('numpy')}"),
        (a_deletion, "ratio_cells", State.MISSING, "not made yet"),
        (a_deletion, "asimov", State.STALE, "its input ratio_cells is missing or damaged"),
        (damage, "background_pdf", State.FAILED, "is damaged ("),
        (a_failure, "signal_pdf", State.FAILED, "no memory left"),
        (a_column, "sources", State.STALE, "its column dec is no longer what the glossary says"),
        (a_catalogue, "sources", State.STALE, "its parameters have changed (catalogue_digest: other content)"),
    ],
)
def test_the_reason_is_the_right_one(
    change: Change,
    stage: str,
    state: State,
    words: str,
    analysis: tuple[Config, ProductStore],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    config, store = analysis
    other = change(config, store, monkeypatch)
    planned = next(
        found for found in plan_of(other, ProductStore(store.root, config.analysis)).stages if found.stage == stage
    )
    (reason,) = planned.reasons
    assert reason.state is state
    assert words in reason.words
    assert reason.n_products == planned.n_to_make
