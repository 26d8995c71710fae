"""A HEPData submission: its documents, and what HEPData's own validator says of it."""

from pathlib import Path

import pytest
import yaml

from core.dark_matter.processes import PROCESSES
from core.export.hepdata import HEPDATA_COLUMNS, submission_files
from tests.core.export.hepdata_reader import hepdata_takes
from tests.core.export.made_results import SIGMAS, origin, rows

DESCRIBED = dict.fromkeys(HEPDATA_COLUMNS, "what it is")


def files() -> dict[str, str]:
    tables = rows() | {"counts_limit": [row for row in rows()["counts_limit"] if row["method"] == "atmospheric_trials"]}
    return submission_files(tables, DESCRIBED, PROCESSES["annihilation"], origin())


def test_a_table_has_masses_and_a_column_of_strengths_each() -> None:
    table = yaml.safe_load(files()["sensitivity_tautau.yaml"])
    (mass,) = table["independent_variables"]
    assert [value["value"] for value in mass["values"]] == [20.0, 50.0]
    columns = {column["header"]["name"]: column["values"] for column in table["dependent_variables"]}
    assert len(columns) == 2, "a column without any number is left out"
    values = [value["value"] for value in columns[r"$\langle\sigma v\rangle$, sensitivity"]]
    assert values == pytest.approx([1.3 * SIGMAS["tautau", mass] for mass in (20.0, 50.0)], rel=1e-6)


def test_a_missing_number_among_others_is_a_dash() -> None:
    given = rows()["sensitivity"]
    given[0]["sigma_v_band_lo68"] = 1e-21
    made = submission_files({"sensitivity": given}, DESCRIBED, PROCESSES["annihilation"], origin())
    columns = yaml.safe_load(made["sensitivity_tautau.yaml"])["dependent_variables"]
    assert [value["value"] for value in columns[1]["values"]] == [1e-21, "-"]


def test_every_table_says_where_it_comes_from() -> None:
    head, *tables = yaml.safe_load_all(files()["submission.yaml"])
    assert "A. Author, 2026" in head["comment"]
    assert head["data_license"]["name"] == "CC-BY-4.0"
    assert {table["data_file"] for table in tables} == files().keys() - {"submission.yaml"}
    assert all("0123abcd" in table["location"] and "IceCube" in table["description"] for table in tables)


def test_hepdata_takes_it(tmp_path: Path) -> None:
    for name, text in files().items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert hepdata_takes(tmp_path)
    (tmp_path / "sensitivity_tautau.yaml").write_text("independent_variables: 3\n", encoding="utf-8")
    assert not hepdata_takes(tmp_path)
