"""The line above the pages: it offers what stands, marks what is looked at, and each choice is an address."""

import pytest

from core.products.recipe import ProductKey
from core.products.store import ProductStore
from dashboards.address import Address
from dashboards.chooser import Chooser
from dashboards.library import Library, Snapshot
from dashboards.pages import PAGES
from dashboards.view import View

PAIRS = (("bb", 10.0), ("bb", 12.5), ("bb", 1234567.0), ("bb", 1234568.0), ("tautau", 5.0), ("tautau", 20.0))


def view_at(address: Address, pairs: tuple[tuple[str, float], ...] = PAIRS, seeds: tuple[int, ...] = (1, 2)) -> View:
    """A view of sensitivities that are only names: nothing of them is read."""
    products = [ProductKey("sensitivity", {"channel": c, "mass": m, "seed": s}) for c, m in pairs for s in seeds]
    store = ProductStore("nowhere")
    return View(Library("nowhere"), Snapshot(store, {}, {"sensitivity": tuple(products)}), address)


@pytest.fixture
def went() -> list[Address]:
    return []


@pytest.fixture
def chooser(went: list[Address]) -> Chooser:
    """At 20 GeV of tautau, the first of two seeds and of two analyses."""
    made = Chooser(went.append)
    made.offer(view_at(Address("mine", "limits", "tautau", 20.0, 1)), ["mine", "other"])
    return made


def test_what_stands_is_offered_with_what_is_looked_at_chosen(chooser: Chooser, went: list[Address]) -> None:
    menus = chooser.menus
    assert {name: menu.value for name, menu in menus.items()} == {
        "analysis": "mine", "channel": "tautau", "mass": 20.0, "seed": 1,
    }  # fmt: skip
    assert menus["channel"].options == ["bb", "tautau"]
    assert menus["mass"].options == {"5": 5.0, "20": 20.0}
    assert menus["seed"].options == [1, 2]
    assert went == []  # offering is no choice


def test_masses_that_differ_late_are_both_offered(chooser: Chooser) -> None:
    chooser.offer(view_at(Address("mine", "limits", "bb", 12.5, 1)), ["mine"])
    assert list(chooser.menus["mass"].options.values()) == [10.0, 12.5, 1234567.0, 1234568.0]
    assert list(chooser.menus["mass"].options) == ["10", "12.5", "1234567", "1234568"]


@pytest.mark.parametrize(("mass", "nearest"), [(5.0, 10.0), (20.0, 12.5)])
def test_another_channel_is_shown_at_the_mass_nearest_in_ratio(
    chooser: Chooser, went: list[Address], mass: float, nearest: float
) -> None:
    chooser.offer(view_at(Address("mine", "limits", "tautau", mass, 1)), ["mine"])
    chooser.menus["channel"].value = "bb"
    assert went == [Address("mine", "limits", "bb", nearest, 1)]


def test_another_analysis_forgets_pair_and_seed_and_keeps_the_page(chooser: Chooser, went: list[Address]) -> None:
    chooser.menus["analysis"].value = "other"
    assert went == [Address("other", "limits")]


def test_a_seed_or_mass_changes_nothing_else(chooser: Chooser, went: list[Address]) -> None:
    chooser.menus["seed"].value = 2
    chooser.menus["mass"].value = 5.0
    assert went == [Address("mine", "limits", "tautau", 20.0, 2), Address("mine", "limits", "tautau", 5.0, 1)]


def test_each_button_leads_to_its_page_where_the_pair_can_be_chosen_if_it_has_one(
    chooser: Chooser, went: list[Address]
) -> None:
    for name, page in PAGES.items():
        chooser.buttons[name].clicks += 1
        assert went.pop() == Address("mine", name, "tautau", 20.0, 1)
        chooser.offer_pages(Address("mine", name, "tautau", 20.0, 1))
        assert [other for other, button in chooser.buttons.items() if button.color == "primary"] == [name]
        assert chooser.question.object == page.question
        disabled = {other for other, menu in chooser.menus.items() if menu.disabled}
        assert disabled == (set() if page.is_of_pair else {"channel", "mass"})


def test_of_a_page_that_does_not_exist_nothing_is_marked_or_asked(chooser: Chooser) -> None:
    chooser.offer_pages(Address("mine", "<script>", "tautau", 20.0, 1))
    assert {button.color for button in chooser.buttons.values()} == {"default"}
    assert chooser.question.object == ""


def test_without_pairs_or_seeds_there_is_nothing_to_choose(chooser: Chooser, went: list[Address]) -> None:
    chooser.offer(view_at(Address("mine"), ()), ["mine"])
    assert [name for name, menu in chooser.menus.items() if menu.visible] == []
    chooser.offer(view_at(Address("mine", "limits", "bb", 10.0, 1), PAIRS[:1], (1,)), ["mine"])
    assert [name for name, menu in chooser.menus.items() if menu.visible] == ["channel", "mass"]
    assert went == []
