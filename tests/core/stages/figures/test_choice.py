"""Figures by kind, pair and form; what there is none of is refused with what there is."""

import pytest

from core.errors import ConfigError
from core.figures.kinds import KINDS, kind_of
from core.stages.figures import all_figure_recipes
from core.stages.figures.choice import chosen_figures, forms_of
from core.stages.figures.figure import FigureRecipe
from tests.core.stages.analyses import Analysis


@pytest.fixture(scope="module")
def found(joint: Analysis) -> list[FigureRecipe]:
    return all_figure_recipes(joint.config, joint.store)


def test_every_figure_is_of_a_kind(found: list[FigureRecipe]) -> None:
    assert {kind_of(figure.name) for figure in found} <= KINDS.keys()


def test_kinds_and_pairs_are_chosen(joint: Analysis, found: list[FigureRecipe]) -> None:
    assert chosen_figures(joint.config, found, (), ()) == found
    names = [figure.name for figure in chosen_figures(joint.config, found, ["limits", "pdf"], ())]
    assert sorted(names) == ["limits-tautau.png", "limits.png", "pdf-tautau-20.png"]
    of_pair = chosen_figures(joint.config, found, (), ["Tau/20"])
    assert of_pair
    assert all(figure.name.endswith("-tautau-20.png") for figure in of_pair)


@pytest.mark.parametrize(
    ("kinds", "pairs", "said"),
    [
        (["limit"], [], "--kind limit: no kind of figure; there are limits, "),
        ([], ["bb/50"], "--pair bb/50: not a pair of this analysis; there are tautau/20"),
        (["limits"], ["tautau/20"], "no figure of kind limits and pair tautau/20 can be drawn .* there are those of"),
        (["observed"], [], "no figure of kind observed can be drawn"),
    ],
)
def test_what_there_is_none_of_is_refused(
    joint: Analysis, found: list[FigureRecipe], kinds: list[str], pairs: list[str], said: str
) -> None:
    with pytest.raises(ConfigError, match=said):
        chosen_figures(joint.config, found, kinds, pairs)


def test_forms_come_with_commas() -> None:
    assert forms_of("pdf, PNG,pdf") == ("pdf", "png")
    with pytest.raises(ConfigError, match="'jpg' is no form of figures; there are png, pdf, svg"):
        forms_of("png,jpg")
    with pytest.raises(ConfigError, match="'' is no form"):
        forms_of("")
