"""Some hundred of the hostile files of each format, and wounds that the readers once did not survive."""

import warnings
from pathlib import Path

import pyarrow as pa
import pytest

from benchmarks import measure
from benchmarks.file_kinds import KINDS, Kind, unsound
from benchmarks.hostile_files import HEADING, Part, attacked, files_of, numbers_of, record_of, row_of
from tests.core.events.conftest import make_sample

FORMS = sorted({kind.form for kind in KINDS})


def files_table(column: str, value: float) -> pa.Table:
    events = make_sample("mc", 3)
    position = events.schema.get_field_index(column)
    return events.set_column(position, column, pa.array([value] * 3))


def part_of(kind: Kind, n_files: int) -> Part:
    with warnings.catch_warnings():
        return attacked(kind, range(n_files))


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
def test_wounded_files_are_read_or_refused_by_our_errors(form: str) -> None:
    kinds = [kind for kind in KINDS if kind.form == form]
    parts = [part_of(kind, 2 + int(60 * min(kind.share, 1.0)) // len(kinds)) for kind in kinds]
    assert [fault for part in parts for fault in part.faults] == []
    n_files, n_read = (sum(getattr(part, name) for part in parts) for name in ("n_files", "n_read"))
    # What is damaged in an i3 file is left out and told in its accounts: none is refused whole.
    assert n_read == n_files if form == "i3" else n_read < n_files, "no wound was found"
    assert n_read > 0 or form == "npz", "not one good file among them: what is read is no file of the kind"


def test_a_file_of_a_number_is_the_same_again_and_others_differ() -> None:
    for kind in KINDS[:3]:
        assert files_of(kind, 3) == files_of(kind, 3)
        assert files_of(kind, 3) != files_of(kind, 4)


def test_what_no_event_can_have_is_found() -> None:
    good = files_table("true_dec", 0.5)
    assert unsound(good) is None
    assert "true_dec holds 2.0" in str(unsound(files_table("true_dec", 2.0)))
    assert "weight holds inf" in str(unsound(files_table("weight", float("inf"))))


def test_a_row_of_the_record_replaces_that_of_its_format_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    report = tmp_path / "benchmarks.md"
    report.write_text("# Another\n\n| a | b |\n| --- | --- |\n| i3 | 7 |\n", encoding="utf-8")
    monkeypatch.setattr(measure, "REPORT", report)
    assert measure.recorded_rows(HEADING) == {}
    for form, n_read in (("i3", 1500), ("npy", 3), ("i3", 20)):
        part = Part(2000, n_read, [], 1.5, 250.0, 0.25)
        measure.write_part(record_of(measure.recorded_rows(HEADING) | {form: row_of(form, part)}))
    found = measure.recorded_rows(HEADING)
    assert found["npy"] == ["npy", "2,000", "3", "1,997", "0", "1.5", "250", "0.25"]
    assert found["i3"][2] == "20"
    assert "4,000 files" in report.read_text(encoding="utf-8")
    assert "| i3 | 7 |" in report.read_text(encoding="utf-8")


def test_more_than_fifty_thousand_files_are_made_in_all() -> None:
    assert sum(map(numbers_of, KINDS)) > 50_000
    assert {kind.form for kind in KINDS} >= {"i3", "npy", "npz", "parquet", "csv", "toml", "dat", "pickle"}
