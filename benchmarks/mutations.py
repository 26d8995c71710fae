"""Wounds of files: of any bytes, and of the text, the table or the pickled dict that they hold."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from core.events.i3.writer import frame_of_slots

# A frame: its stream, its version, and of each key the class and the bytes.
Written = tuple[str, int, Mapping[str, tuple[str, bytes]]]

TELLING_BYTES = [b"\0", b"\x01", b"\xff", b"\xff" * 4, b"\xff" * 8, b"\xff\xff\0\0", b"\x7f\xff\xff\xff", bytes(8)]
# What a program, a spreadsheet or a person may have put where a number or a word was.
TELLING_WORDS = [
    "", "nan", "inf", "-inf", "-1", "0", "1e400", "-1e-400", "1e308", "9" * 400, "1_000", "0x10", "١٢", "1,5", "½",
    "--", '"', "'", "#", "a,b", "a;b", "\t", "\ufeff", "\x00", "\x1b[31m", "None", "true", "[", "]", "{", "}", "=",
    "1" * 5000, "[" * 500, "-9223372036854775809", "18446744073709551616", "1-2", "12:30:00", "=1+1", "\u2028",
]  # fmt: skip
WORD = re.compile(r"[^\s,;|=\[\]{}]+")
NUMBERS = [np.nan, np.inf, -np.inf, -1.0, 0.0, 1e308, -1e308, 5e-324, 1e-300, 2.0**63, -(2.0**63), 7.5, 60000.0]


def mutated(data: bytes, rng: np.random.Generator) -> bytes:
    """Return the bytes with one to three wounds: bits flipped, bytes replaced, cut out, doubled, or all cut off."""
    for _ in range(rng.integers(1, 4)):
        at = int(rng.integers(0, max(len(data), 1)))
        length = int(rng.integers(1, 40))
        kind = rng.integers(0, 6)
        if kind == 0 and data:
            data = data[:at] + bytes([data[at] ^ 1 << int(rng.integers(0, 8))]) + data[at + 1 :]
        elif kind == 1:
            telling = TELLING_BYTES[rng.integers(0, len(TELLING_BYTES))]
            data = data[:at] + telling + data[at + len(telling) :]
        elif kind == 2:
            data = data[:at] + rng.bytes(length) + data[at + length :]
        elif kind == 3:
            data = data[:at] + data[at + length :]
        elif kind == 4:
            data = data[:at] + data[at : at + length] * int(rng.integers(2, 6)) + data[at + length :]
        elif rng.random() < 0.2:
            data = data[:at]
    return data


def mutated_inside(frames: Sequence[Written], rng: np.random.Generator) -> bytes:
    """Return an i3 file in which objects of one frame are wounded and the checksums are right again."""
    chosen = int(rng.integers(0, len(frames)))
    parts = []
    for index, (stream, version, slots) in enumerate(frames):
        wounded = dict(slots)
        if index == chosen and wounded:
            keys = sorted(wounded)
            for key in rng.choice(keys, min(len(keys), 4), replace=False):
                type_name, blob = wounded[key]
                wounded[key] = type_name, mutated(blob, rng) or b"\0"
        parts.append(frame_of_slots(stream, wounded, version))
    return b"".join(parts)


def mutated_text(text: str, rng: np.random.Generator) -> bytes:
    """Return a text with one to three wounds of words, lines, marks between columns, or its encoding."""
    for _ in range(rng.integers(1, 4)):
        text = TEXT_WOUNDS[rng.integers(0, len(TEXT_WOUNDS))](text, rng)
    encoding = ("utf-8", "utf-8", "utf-8", "utf-8-sig", "utf-16", "latin-1")[rng.integers(0, 6)]
    return text.encode(encoding, "replace")


def _another_word(text: str, rng: np.random.Generator) -> str:
    words = list(WORD.finditer(text))
    if not words:
        return TELLING_WORDS[rng.integers(0, len(TELLING_WORDS))]
    chosen = words[rng.integers(0, len(words))]
    return text[: chosen.start()] + TELLING_WORDS[rng.integers(0, len(TELLING_WORDS))] + text[chosen.end() :]


def _words_changed(text: str, rng: np.random.Generator) -> str:
    words = [word.group() for word in WORD.finditer(text)]
    return text.replace(*(words[index] for index in rng.integers(0, len(words), 2)), 1) if words else text


def _lines_changed(text: str, rng: np.random.Generator) -> str:
    lines = text.split("\n")
    first, second = rng.integers(0, len(lines), 2)
    kind = rng.integers(0, 4)
    if kind == 0:
        lines[first], lines[second] = lines[second], lines[first]
    elif kind == 1:
        lines.insert(int(first), lines[second])
    elif kind == 2:
        del lines[first]
    else:
        lines[first] = lines[first][: int(rng.integers(0, len(lines[first]) + 1))]
    return "\n".join(lines)


def _marks_changed(text: str, rng: np.random.Generator) -> str:
    marks = [",", ";", "\t", " ", "|", ".", "\n", "\r\n", "\r", '"', "=", "[", "]"]
    old, new = (marks[index] for index in rng.integers(0, len(marks), 2))
    return text.replace(old, new, -1 if rng.random() < 0.5 else 1)


TEXT_WOUNDS: tuple[Callable[[str, np.random.Generator], str], ...] = (
    _another_word,
    _another_word,
    _words_changed,
    _lines_changed,
    _marks_changed,
)


def mutated_array(array: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return a structured array with a value, a type, a name or its shape changed."""
    kind = rng.integers(0, 6)
    names = list(array.dtype.names or ())
    name = names[rng.integers(0, len(names))]
    if kind == 0:
        return array[[other for other in names if other != name]]
    if kind == 1:
        return array.reshape((1, -1)) if rng.random() < 0.5 else array[:0]
    types = ["f2", "i1", "u8", ">f8", "c16", "S4", "U4", "M8[s]", "?", "(2,)f8", "f8", "V3"]
    dtype = [(other, array.dtype[other]) for other in names]
    if kind == 2:
        dtype[names.index(name)] = (name, types[rng.integers(0, len(types))])
        changed = np.zeros(len(array), dtype)
        for other in names:
            if other != name:
                changed[other] = array[other]
        return changed
    if kind == 3:
        odd = "x" * 50 + "\n"
        return array.astype([(odd if other == name else other, array.dtype[other]) for other in names])
    wounded = array.copy()
    with np.errstate(all="ignore"):
        values = np.array(NUMBERS).astype(array.dtype[name])
    wounded[name][rng.integers(0, len(array), 2)] = values[rng.integers(0, len(values), 2)]
    return wounded


def mutated_table(table: pa.Table, rng: np.random.Generator) -> pa.Table:
    """Return a table with a column changed in name, type or values, left out or doubled, or rows left out."""
    index = int(rng.integers(0, table.num_columns))
    field, column = table.schema.field(index), table.column(index)
    kind = rng.integers(0, 8)
    if kind == 0:
        return table.remove_column(index)
    if kind == 1:
        return table.append_column(field, column)
    if kind == 2:
        return table.slice(0, int(rng.integers(0, table.num_rows)))
    if kind == 3:
        return pa.concat_tables([table, table.slice(int(rng.integers(0, table.num_rows)))])
    if kind == 4:
        types = [pa.string(), pa.float32(), pa.int8(), pa.bool_(), pa.list_(pa.float64()), pa.null(), pa.binary()]
        return table.set_column(index, field.name, pa.nulls(table.num_rows, types[rng.integers(0, len(types))]))
    if kind == 5:
        return table.set_column(index, field.name, pa.array([f"w{row}" for row in range(table.num_rows)]))
    return _with_values(table, index, rng)


def _with_values(table: pa.Table, index: int, rng: np.random.Generator) -> pa.Table:
    field, values = table.schema.field(index), table.column(index).to_pylist()
    for row in rng.integers(0, len(values), 2).tolist():
        values[row] = _another_value(values[row], rng)
    try:
        return table.set_column(index, field.name, pa.array(values, field.type))
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        return table.set_column(index, field.name, pa.array([str(value) for value in values]))


def _another_value(value: Any, rng: np.random.Generator) -> Any:
    if isinstance(value, list) and value:
        changed = list(value)
        changed[rng.integers(0, len(changed))] = NUMBERS[rng.integers(0, len(NUMBERS))]
        return changed if rng.random() < 0.7 else changed[: len(changed) // 2]
    if isinstance(value, str):
        return TELLING_WORDS[rng.integers(0, len(TELLING_WORDS))]
    found = NUMBERS[rng.integers(0, len(NUMBERS))]
    return int(found) if isinstance(value, int) and np.isfinite(found) else found


def mutated_tree(content: Any, rng: np.random.Generator, depth: int = 0) -> Any:
    """Return nested dicts of arrays with one of them, somewhere, changed in key, kind or value."""
    if isinstance(content, dict) and content and (depth < 1 or rng.random() < 0.8):
        keys = list(content)
        key = keys[rng.integers(0, len(keys))]
        kind = rng.random()
        if kind < 0.1:
            return {other: content[other] for other in keys if other != key}
        if kind < 0.25:
            odd = ["", None, -1.0, float("nan"), 3, (1, 2), "b\n", "1e400", b"x", 2**70]
            return {(odd[rng.integers(0, len(odd))] if other == key else other): content[other] for other in keys}
        return content | {key: mutated_tree(content[key], rng, depth + 1)}
    if isinstance(content, np.ndarray) and rng.random() < 0.6:
        wounded = content.astype(np.float64)
        wounded[rng.integers(0, len(wounded))] = NUMBERS[rng.integers(0, len(NUMBERS))]
        return wounded
    array = np.arange(3.0)
    odd_things = [
        None, "text", {}, [], array, array[:0], array.reshape(1, 3), np.array(["a"]), np.array(1.0), float("nan"), -1,
        content if isinstance(content, dict) else {"Energy": content}, 1j, np.array([1j]), True, [[1.0], [2.0, 3.0]],
        2**80, array.astype("M8[s]"), b"bytes",
    ]  # fmt: skip
    return odd_things[rng.integers(0, len(odd_things))]
