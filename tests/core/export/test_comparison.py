"""Curves under the published naming are read back by the reader of the published files."""

from pathlib import Path

import pytest

from core.export.comparison import comparison_name, own_curves, published_curves
from core.published.limit_files import is_comparison, read_comparison
from core.published.limits import published_limits
from tests.core.export.made_results import SIGMAS, origin, rows


def written(folder: Path, files: dict[str, str]) -> list[Path]:
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return sorted(folder.iterdir())


def test_own_curves_come_back(tmp_path: Path) -> None:
    files = own_curves(
        rows()["sensitivity"], "sigma_v_sensitivity", "dwarfnu-public-3y", "2026", "dSph-sensitivity", 0.9, origin()
    )
    assert list(files) == [
        "tautau_dwarfnu-public-3y_2026_dSph-sensitivity_CL90.csv",
        "bb_dwarfnu-public-3y_2026_dSph-sensitivity_CL90.csv",
    ]
    first = next(path for path in written(tmp_path, files) if path.name.startswith("tautau"))
    (product,) = read_comparison(first).products
    assert product.key.keys["channel"] == "tautau"
    assert product.key.keys["confidence_level"] == 0.9
    assert product.table["mass"].to_pylist() == [20.0, 50.0]
    expected = [1.3 * SIGMAS["tautau", mass] for mass in (20.0, 50.0)]
    assert product.table["sigma_v"].to_pylist() == pytest.approx(expected, rel=1e-6)
    assert "licence: CC-BY-4.0" in files[first.name]


def test_rows_without_a_value_are_left_out() -> None:
    assert own_curves(rows()["sensitivity"], "sigma_v_band_lo68", "a", "2026", "b", 0.9, origin()) == {}


def test_those_of_others_come_with_their_papers(tmp_path: Path) -> None:
    files = published_curves(published_limits(), ["bb", "tautau"])
    assert {name.split("_")[0] for name in files} == {"bb", "tautau"}
    for path in written(tmp_path, files):
        assert is_comparison(path)
        assert read_comparison(path).products[0].table.num_rows > 0
    assert all("# cite: " in text for text in files.values())


def test_a_name_holds_what_a_file_may() -> None:
    assert comparison_name("bb", "Ice Cube/x", "2017/2019", "Galactic Centre, NFW", 0.95) == (
        "bb_Ice-Cube-x_2017_Galactic-Centre-NFW_CL95.csv"
    )
