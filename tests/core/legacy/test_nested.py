"""Nested dicts of the published analysis: what is amiss is named with the file and the keys that lead there."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.errors import InputError
from core.legacy.nested import mapping_at, numbers_at, pairs_in, positive_at

FILE = Path("limits.npy")


def test_pairs_come_in_the_glossarys_words_with_where_they_stand() -> None:
    content = {"b": {"10": "x", 20: "y"}, "Tau": {np.float64(5.5): "z"}}
    assert list(pairs_in(FILE, content, "source Draco")) == [
        ("source Draco, channel b, mass 10", "bb", 10.0, "x"),
        ("source Draco, channel b, mass 20", "bb", 20.0, "y"),
        ("source Draco, channel Tau, mass 5.5", "tautau", 5.5, "z"),
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ([], "the file holds a list, expected a dict"),
        ({"b": 3.0}, "channel b holds a float, expected a dict"),
        ({"quark": {10: 1}}, "unknown channel 'quark'"),
        ({"b": {"heavy": 1}}, "channel b, mass heavy: that is no mass in GeV"),
        ({"b": {-5: 1}}, "channel b, mass -5: that is no mass in GeV"),
        ({"b": {"nan": 1}}, "mass nan: that is no mass in GeV"),
        ({"b": {10: 1, "10.0": 1}}, "bb at 10 GeV stands there twice, by two names"),
        ({"b": {10: 1}, "bb": {10: 1}}, "bb at 10 GeV stands there twice"),
        ({}, "the file holds no channel with a mass"),
        ({"b": {}}, "the file holds no channel with a mass"),
    ],
)
def test_what_is_no_pair_is_named(content: object, said: str) -> None:
    with pytest.raises(InputError, match=said) as raised:
        list(pairs_in(FILE, content))
    assert str(raised.value).startswith("limits.npy")


def test_columns_are_lists_of_finite_numbers() -> None:
    columns: dict[object, Any] = {
        "Counts": [1, 2],
        "text": ["a"],
        "nan": [1.0, np.nan],
        "square": [[1.0]],
        "ragged": [[1], 2],
    }
    assert numbers_at(FILE, "bb", columns, "Counts").tolist() == [1.0, 2.0]
    with pytest.raises(InputError, match="bb has no column Bins; it has Counts, text, nan"):
        numbers_at(FILE, "bb", columns, "Bins")
    with pytest.raises(InputError, match="bb has no column Bins; it has none"):
        numbers_at(FILE, "bb", {}, "Bins")
    for name in ("text", "ragged"):
        with pytest.raises(InputError, match=f"column {name}: holds no numbers"):
            numbers_at(FILE, "bb", columns, name)
    for name in ("nan", "square"):
        with pytest.raises(InputError, match=f"column {name}: must be a list of finite numbers"):
            numbers_at(FILE, "bb", columns, name)


@pytest.mark.parametrize("value", [0.0, -1.0, np.nan, np.inf, "x", None, [1.0, 2.0]])
def test_only_numbers_above_zero_are_positive(value: object) -> None:
    with pytest.raises(InputError, match="a number above zero is due"):
        positive_at(FILE, "Med", value)


def test_numbers_above_zero_are_taken() -> None:
    assert positive_at(FILE, "Med", np.float32(2.0)) == 2.0
    assert positive_at(FILE, "Med", "1e-24") == 1e-24
    assert mapping_at(FILE, "bb", {1: 2}) == {1: 2}
