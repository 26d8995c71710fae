"""The glossary: one word, one meaning, one unit."""

import re
from pathlib import Path

import pyarrow as pa
import pytest

from core.glossary import GLOSSARY, KEYS, Column, columns
from core.glossary.observed import OBSERVED

TYPES = {pa.string(), pa.int64(), pa.float64(), pa.bool_(), pa.list_(pa.float64()), pa.list_(pa.int64())}
UNIT = re.compile(r"(GeV|cm|s|sr|rad|kpc|d|deg|yr)-?\d?")


@pytest.mark.parametrize("column", GLOSSARY.values(), ids=lambda column: column.name)
def test_a_word_is_whole(column: Column) -> None:
    assert GLOSSARY[column.name] is column
    assert re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", column.name)
    assert column.dtype in TYPES
    assert column.meaning
    assert not column.meaning.endswith(".")
    unit = re.sub(r"log10\((.*)\)", r"\1", column.unit)
    assert all(UNIT.fullmatch(factor) for factor in unit.split())
    if not pa.types.is_floating(column.dtype) and not pa.types.is_list(column.dtype):
        assert column.unit == ""


def test_two_words_of_one_meaning_differ_in_unit() -> None:
    words = [(column.meaning, column.unit) for column in GLOSSARY.values()]
    assert len(set(words)) == len(words)


def test_no_word_is_defined_twice() -> None:
    """A second definition would silently replace the first."""
    names = re.findall(r'Column\(\s*"(\w+)"', Path(columns.__file__).read_text(encoding="utf-8"))
    names += [column.name for column in OBSERVED]
    assert len(names) == len(set(names))
    of_decay = set(GLOSSARY) - set(names)
    assert of_decay == {name.replace("sigma_v", "decay_rate") for name in names if "sigma_v" in name} - {"decay_rate"}


def test_what_is_per_decay_rate_has_the_unit_of_a_rate() -> None:
    assert GLOSSARY["n_s_per_decay_rate"].unit == "s"
    assert GLOSSARY["decay_rate_band_hi95"].unit == "s-1"
    assert not any("cross section" in column.meaning for name, column in GLOSSARY.items() if "decay_rate" in name)


def test_an_error_has_the_unit_of_its_value() -> None:
    errors = {name: f"{name}_error" for name in GLOSSARY if f"{name}_error" in GLOSSARY}
    assert errors
    assert all(GLOSSARY[error].unit == GLOSSARY[value].unit for value, error in errors.items())


def test_keys_are_words_of_the_glossary_that_can_stand_in_a_path() -> None:
    assert all(GLOSSARY[key].dtype in {pa.string(), pa.int64(), pa.float64()} for key in KEYS)
