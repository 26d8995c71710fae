"""Tables of results for programs and papers."""

import csv
import io

from core.export.tables import LATEX_COLUMNS, csv_text, latex_number, latex_text, unit_lines
from tests.core.export.made_results import rows


def test_a_program_reads_every_number_back() -> None:
    given = rows()["sensitivity"]
    found = list(csv.DictReader(io.StringIO(csv_text(given))))
    assert [float(row["sigma_v_sensitivity"]) for row in found] == [row["sigma_v_sensitivity"] for row in given]
    assert {row["sigma_v_band_lo68"] for row in found} == {""}


def test_a_column_that_some_rows_lack_is_empty_there() -> None:
    assert csv_text([{"a": 1}, {"b": 2}]) == "a,b\n1,\n,2\n"


def test_columns_are_explained_as_the_glossary_has_them() -> None:
    lines = unit_lines(rows()["sensitivity"])
    assert "mass [GeV]: mass of the dark matter particle" in lines
    assert "sigma_v_sensitivity [cm3 s-1]: annihilation cross section at n_s_sensitivity" in lines


def test_a_paper_gets_a_row_a_pair_and_what_tells_rows_apart() -> None:
    text = latex_text(rows()["counts_limit"], LATEX_COLUMNS["counts_limit"], "sigma_v")
    assert text.startswith("\\begin{tabular}{lrlrr}")
    assert "atmospheric trials" in text
    assert text.count(r"\\") == 1 + 6
    assert "profile" not in text
    assert latex_text(rows()["sensitivity"], LATEX_COLUMNS["sensitivity"], "sigma_v").count("--") == 3


def test_numbers_of_latex() -> None:
    assert latex_number(1.234e-21) == r"$1.23\times10^{-21}$"
    assert latex_number(None) == "--"
