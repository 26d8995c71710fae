"""Figures of a pair: those of the densities that its statistic has, with trials and energies."""

from pathlib import Path
from shutil import copytree

import pytest

from core.products.store import ProductStore
from core.stages.figures import all_figure_recipes, figure_recipes
from core.stages.figures.figure import FigureContext, FigureRecipe
from core.stages.figures.pairs import figures
from tests.core.stages.analyses import Analysis

ALWAYS = {"energy-range-tautau-20.png", "source-counts-tautau-20.png", "pdf-tautau-20.png"}
TRIALS = "test-statistic-tautau-20.png"
RECOVERY = "recovery-tautau-20.png"


def by_name(analysis: Analysis) -> dict[str, FigureRecipe]:
    return {figure.name: figure for figure in figures(FigureContext(analysis.config, analysis.store))}


def test_one_likelihood_of_one_sky_is_drawn_on_the_sky(joint: Analysis) -> None:
    found = by_name(joint)
    assert set(found) == {*ALWAYS, "sky-tautau-20.png", TRIALS, RECOVERY}
    assert {product.stage for product in found["pdf-tautau-20.png"].inputs} == {"signal_pdf", "ratio_cells", "sources"}


@pytest.mark.parametrize("name", ["j_weighted", "one_sky"])
def test_a_fit_a_source_is_drawn_by_source(name: str, request: pytest.FixtureRequest) -> None:
    found = by_name(request.getfixturevalue(name))
    assert set(found) == {*ALWAYS, TRIALS, RECOVERY}
    shown = {product.stage for product in found["pdf-tautau-20.png"].inputs}
    assert shown == {"source_background_pdf", "source_signal_pdf", "sources"}


def test_separate_skies_are_said_to_be_separate(j_weighted: Analysis, one_sky: Analysis) -> None:
    caveats = [by_name(analysis)["pdf-tautau-20.png"].draw.keywords["caveats"] for analysis in (j_weighted, one_sky)]
    assert caveats[0] != caveats[1]
    assert all(caveats)


def test_trials_are_drawn_with_all_numbers_of_injected_events(any_statistic: Analysis) -> None:
    figure = by_name(any_statistic)[TRIALS]
    shown = [product.stage for product in figure.inputs]
    assert shown.count("signal_trials") == len(any_statistic.recipes("signal_trials"))
    assert (shown[0], shown[-1]) == ("background_trials", "sensitivity")


def test_a_run_draws_those_of_a_pair_that_were_drawn_before(joint: Analysis, tmp_path: Path) -> None:
    copytree(joint.store.root, tmp_path / "products")
    store = ProductStore(tmp_path / "products", joint.store.analysis)
    everything = [figure.name for figure in all_figure_recipes(joint.config, store)]
    of_pairs = set(by_name(joint))
    asked = [figure.name for figure in figure_recipes(joint.config, store)]
    assert asked == [name for name in everything if name not in of_pairs]
    store.write_figure(TRIALS, b"drawn once")
    assert [figure.name for figure in figure_recipes(joint.config, store)] == [*asked, TRIALS]


def test_figures_of_a_pair_can_be_drawn_from_their_products(joint: Analysis) -> None:
    for name in ("energy-range-tautau-20.png", TRIALS, RECOVERY):
        assert by_name(joint)[name].draw(joint.store).axes
