"""Digests change with what they stand for and with nothing else."""

from io import BytesIO
from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.products.digests import digest_of_bytes, digest_of_file, digest_of_parameters, digest_of_tables

SCHEMA = pa.schema(
    {"n_events": pa.int64(), "energy": pa.float64(), "source": pa.string(), "is_line": pa.bool_(),
     "effective_area": pa.list_(pa.float64())}
)  # fmt: skip
REAL = st.floats(allow_nan=False)
ROW = st.fixed_dictionaries(
    {
        "n_events": st.none() | st.integers(-(2**63), 2**63 - 1),
        "energy": st.none() | REAL,
        "source": st.none() | st.text(max_size=3),
        "is_line": st.none() | st.booleans(),
        "effective_area": st.none() | st.lists(st.none() | REAL, max_size=3),
    }
)
ROWS = st.lists(ROW, max_size=6)


def table(rows: list[dict[str, object]]) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=SCHEMA)


@settings(max_examples=30, deadline=None)
@given(rows=ROWS, cuts=st.lists(st.integers(0, 6), max_size=3))
def test_how_rows_are_cut_does_not_enter(rows: list[dict[str, object]], cuts: list[int]) -> None:
    whole = table(rows)
    borders = [0, *sorted(min(cut, len(rows)) for cut in cuts), len(rows)]
    pieces = [whole.slice(low, high - low) for low, high in pairwise(borders)]
    assert digest_of_tables(pieces) == digest_of_tables([whole])
    assert digest_of_tables([pa.concat_tables(pieces)]) == digest_of_tables([whole])
    assert digest_of_tables([pa.concat_tables(pieces).combine_chunks()]) == digest_of_tables([whole])


@settings(max_examples=30, deadline=None)
@given(rows=ROWS)
def test_a_parquet_file_keeps_the_digest(rows: list[dict[str, object]]) -> None:
    whole, file = table(rows), BytesIO()
    pq.write_table(whole.replace_schema_metadata({"a": "b"}), file, row_group_size=2)
    assert digest_of_tables([pq.read_table(file)]) == digest_of_tables([whole])


@settings(max_examples=50, deadline=None)
@given(rows=ROWS, others=ROWS)
def test_tables_share_a_digest_only_if_they_are_equal(
    rows: list[dict[str, object]], others: list[dict[str, object]]
) -> None:
    same = str(table(rows).to_pylist()) == str(table(others).to_pylist())
    assert (digest_of_tables([table(rows)]) == digest_of_tables([table(others)])) is same


NEARLY_EQUAL = [
    ("n_events", [0], [None]),
    ("energy", [0.0], [-0.0]),
    ("energy", [0.0], [None]),
    ("is_line", [False], [None]),
    ("source", [""], [None]),
    ("source", ["ab", "c"], ["a", "bc"]),
    ("source", ["a", ""], ["", "a"]),
    ("source", ["é"], ["e"]),
    ("effective_area", [[]], [None]),
    ("effective_area", [[0.0]], [[None]]),
    ("effective_area", [[1.0, 2.0], [3.0]], [[1.0], [2.0, 3.0]]),
    ("effective_area", [[1.0], None], [None, [1.0]]),
]


@pytest.mark.parametrize(("name", "values", "others"), NEARLY_EQUAL)
def test_values_that_are_nearly_equal_differ(name: str, values: list[object], others: list[object]) -> None:
    dtype = SCHEMA.field(name).type
    tables = [pa.table({name: pa.array(column, dtype)}) for column in (values, others)]
    assert digest_of_tables(tables[:1]) != digest_of_tables(tables[1:])


def test_name_type_and_order_of_columns_enter() -> None:
    tables = [
        pa.table({"energy": [1.0], "mass": [1.0]}),
        pa.table({"mass": [1.0], "energy": [1.0]}),
        pa.table({"energy": [1.0], "livetime": [1.0]}),
        pa.table({"energy": [1.0], "mass": pa.array([1.0], pa.float32())}),
        pa.table({"energy": [1.0]}),
        pa.table({"energy": pa.array([], pa.float64())}),
        pa.table({"energy": pa.array([], pa.int64())}),
    ]
    assert len({digest_of_tables([one]) for one in tables}) == len(tables)


def test_the_order_of_parameters_does_not_enter() -> None:
    assert digest_of_parameters({"a": 1, "b": [2, 3]}) == digest_of_parameters({"b": [2, 3], "a": 1})
    assert digest_of_parameters({"a": 1, "b": [2, 3]}) != digest_of_parameters({"a": 1, "b": [3, 2]})
    assert digest_of_parameters({"a": 1.0}) != digest_of_parameters({"a": 1.5})


def test_bytes_and_files(tmp_path: Path) -> None:
    """BLAKE2b with 16 bytes: RFC 7693."""
    (tmp_path / "file").write_bytes(b"abc")
    assert digest_of_file(tmp_path / "file") == digest_of_bytes(b"abc") == "cf4ab791c62b8d2b2109c90275287816"
