"""Numbers in a frame by name."""

from types import SimpleNamespace

import pytest

from core.errors import InputError
from core.events.quantities import Quantity, quantity

FRAME = {"Passed": True, "Count": 3, "Score": 0.5, "Map": {"a": 1.5}, "Fit": SimpleNamespace(zenith=1.0), "Null": None}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Passed", 1.0),
        ("Count", 3.0),
        ("Score", 0.5),
        ("Map[a]", 1.5),
        ("Map[absent]", None),
        ("Fit.zenith", 1.0),
        ("Absent", None),
        ("Absent.zenith", None),
        ("Null", None),
    ],
)
def test_value(text: str, value: float | None) -> None:
    assert quantity(text).value_in(FRAME) == value


@pytest.mark.parametrize("text", ["Key", "Key_1.zenith", "Key[an entry, with signs]"])
def test_text_reads_back(text: str) -> None:
    assert str(quantity(text)) == text


def test_parts_of_a_text() -> None:
    assert quantity(" Key[entry] ") == Quantity("Key", None, "entry")
    assert quantity("Key.energy") == Quantity("Key", "energy")


@pytest.mark.parametrize("text", ["", "Key[", "Key.", "Key[a].b", "Key.a.b", "[a]", ".a", "Key.Energy"])
def test_text_that_names_nothing_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="names no quantity"):
        quantity(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Count.zenith", "Count is a int, which has no 'zenith'"),
        ("Count[a]", "Count is a int, a map is due to have the entry 'a'"),
        ("Map", "Map is a dict, a number is due"),
        ("Fit", "Fit is a SimpleNamespace, a number is due"),
    ],
)
def test_object_of_another_kind_is_named(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        quantity(text).value_in(FRAME)
