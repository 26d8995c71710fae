"""The table with which a run ends."""

from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from core.configuration.config import Config
from core.products.store import ProductStore
from core.stages.registry import STAGES, recipes
from core.stages.stage import make_product
from flows.closing_table import print_closing_table
from flows.given import Given
from tests.core.stages.analyses import STATISTICS, Analysis, made_once


def printed(config: Config, store: ProductStore) -> str:
    written = StringIO()
    print_closing_table(config, store, Console(file=written, width=200, soft_wrap=True))
    return written.getvalue()


@pytest.fixture(scope="module", params=STATISTICS)
def analysis(request: pytest.FixtureRequest, shared_folder: Path) -> Analysis:
    return made_once(shared_folder, request.param)


def test_a_row_has_the_numbers_of_the_product(analysis: Analysis) -> None:
    row, said = analysis.row("sensitivity"), printed(analysis.config, analysis.store)
    assert f"{row['sigma_v_sensitivity']:.2e}" in said
    assert f"{row['n_s_sensitivity']:.1f} ± {row['n_s_sensitivity_error']:.1f}" in said
    assert f"{row['flux_sensitivity']:.2e}" in said
    assert "sensitivity at 90 % CL, dwarf galaxies only (published hypothesis), seed 1" in said
    assert "refused" not in said


def test_the_title_tells_the_statistic_and_the_end_where_to_look(analysis: Analysis) -> None:
    said = printed(analysis.config, analysis.store)
    assert ("j_weighted" in said) is (analysis.config.statistic.name == "j_weighted")
    assert "SIMULATED" not in said
    for place in ("products: ", "figures:  ", "look:     dwarfnu dashboard"):
        assert place in said


def test_the_end_names_the_file_that_was_given(analysis: Analysis) -> None:
    written, given = StringIO(), Given(Path("my own.toml"))
    console = Console(file=written, width=200, soft_wrap=True)
    print_closing_table(analysis.config, analysis.store, console, given)
    assert "look:     dwarfnu dashboard 'my own.toml'" in written.getvalue()


def test_a_result_that_is_not_fresh_is_named_and_not_shown(analysis: Analysis) -> None:
    trials = analysis.config.trials.model_copy(update={"n_signal": 600})
    said = printed(analysis.config.model_copy(update={"trials": trials}), analysis.store)
    assert "not shown: sensitivity channel=tautau mass=20 seed=1 is stale" in said
    assert f"{analysis.row('sensitivity')['sigma_v_sensitivity']:.2e}" not in said


def test_refused_pairs_are_named_by_their_reason(tmp_path: Path) -> None:
    config = Config(products=str(tmp_path), pairs={"tautau": (200.0,)}, statistic={"window": "published"})
    store = ProductStore(tmp_path)
    for stage in ("sources", "spectra", "response", "acceptance"):
        for recipe in recipes(config, store, stage):
            make_product(STAGES[stage], store, recipe)
    assert "refused: tautau/200: tautau at 200 GeV is not served: window (57.0, 272.0) GeV holds no" in printed(
        config, store
    )
