"""The canonical event table and its Parquet files: whole or refused, by the name of the column."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.errors import InputError
from core.events.columns import (
    DATA_SCHEMA,
    MC_SCHEMA,
    count_duplicates,
    empty_event_table,
    event_table,
    read_event_parquet,
)


@pytest.mark.parametrize("kind", ["data", "mc"])
def test_parquet_file_reads_back(tmp_path: Path, measured: pa.Table, simulated: pa.Table, kind: str) -> None:
    events = {"data": measured, "mc": simulated}[kind]
    pq.write_table(events.append_column("spare", pa.array(range(events.num_rows))), tmp_path / "a.parquet")
    found = read_event_parquet(tmp_path / "a.parquet", kind)
    assert found.equals(events)
    assert found.schema == {"data": DATA_SCHEMA, "mc": MC_SCHEMA}[kind]


def test_renamed_column_is_named_with_what_it_may_be(tmp_path: Path, measured: pa.Table) -> None:
    names = ["reco_declination" if name == "reco_dec" else name for name in measured.schema.names if name != "run"]
    pq.write_table(measured.drop_columns(["run"]).rename_columns(names), tmp_path / "a.parquet")
    with pytest.raises(
        InputError, match=r"lacks the columns run, reco_dec \(is it reco_declination\?\); it has season"
    ):
        read_event_parquet(tmp_path / "a.parquet", "data")


def test_columns_that_may_be_null_may_be_missing(tmp_path: Path, simulated: pa.Table) -> None:
    pq.write_table(simulated.drop_columns(["event_class", "flavour", "atmospheric_rate"]), tmp_path / "a.parquet")
    found = read_event_parquet(tmp_path / "a.parquet", "mc")
    assert found["flavour"].null_count == found.num_rows
    assert found.schema == MC_SCHEMA


def test_narrower_numbers_are_widened(tmp_path: Path, measured: pa.Table) -> None:
    narrow = measured.set_column(1, "run", measured["run"].cast(pa.int32()))
    pq.write_table(narrow, tmp_path / "a.parquet")
    assert read_event_parquet(tmp_path / "a.parquet", "data").equals(measured)


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("reco_energy", 0.0, "reco_energy is 0.0 in 1 of 20"),
        ("reco_dec", np.nan, "reco_dec is nan in 1 of 20"),
        ("true_energy", -1.0, "true_energy is -1.0 in 1 of 20"),
        ("weight", np.inf, "weight is inf in 1 of 20"),
        ("reco_ra", None, "reco_ra is null in 1 of 20"),
    ],
)
def test_impossible_value_is_named(simulated: pa.Table, column: str, value: float | None, message: str) -> None:
    columns = simulated.to_pydict()
    columns[column][3] = value
    with pytest.raises(InputError, match=message):
        event_table("mc", columns)


def test_column_of_another_type_is_named(measured: pa.Table) -> None:
    with pytest.raises(InputError, match="column run cannot be read as int64"):
        event_table("data", measured.to_pydict() | {"run": ["a"] * 20})


def test_what_is_no_parquet_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_text("nothing")
    with pytest.raises(InputError, match="cannot read events from"):
        read_event_parquet(tmp_path / "a.parquet", "data")


def test_empty_tables_have_the_schema() -> None:
    assert empty_event_table("mc").schema == MC_SCHEMA
    with pytest.raises(InputError, match="unknown kind of events 'exp': known are data, mc"):
        empty_event_table("exp")


def test_events_that_come_twice_are_counted(measured: pa.Table) -> None:
    assert count_duplicates(measured) == 0
    assert count_duplicates(pa.concat_tables([measured, measured.slice(3, 5)])) == 5
