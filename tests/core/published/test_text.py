"""Published text: source lists by aperture, comparison limits by the name of their file."""

from pathlib import Path

import numpy as np
import pytest

from core.configuration.inputs import SourceSettings
from core.dark_matter.sources import read_catalogue, select_sources
from core.errors import InputError
from core.products.files import with_keys
from core.published.file_types import Declared, kind_of, read_published
from core.published.limit_files import read_comparison
from core.published.limits import imported_limits
from core.published.source_list import read_source_list
from core.units import DEGREE

NARROW = "Near, 180, -30, 60, 1, 1, 18, 0.1, 0.2, 19, 0.3, 0.4, nan, nan, nan, nan, nan, nan"
WIDE = "Far, 90, 45, 6, 1, 1, nan, nan, nan, 17, 0.1, 0.1, 17.5, 0.2, 0.2, 18.25, 0.5, 0.6"


@pytest.fixture
def source_list(tmp_path: Path) -> Path:
    path = tmp_path / "sources.txt"
    path.write_text(f"{NARROW}\n{WIDE}\n", encoding="utf-8")
    return path


def rows(path: Path, j_type: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = read_source_list(path, j_type).products[0].table.to_pylist()
    return found


def test_an_aperture_takes_the_sources_that_have_it(source_list: Path) -> None:
    assert kind_of(source_list) == "source-list"
    (only,) = rows(source_list, "0.1")
    assert only["source"] == "Near"
    assert only["ra"] == pytest.approx(np.pi)
    assert only["half_light_radius"] == pytest.approx(DEGREE)
    assert [only[f"log10_j_factor{end}"] for end in ("", "_error_low", "_error_high")] == [18.0, 0.1, 0.2]
    assert only["j_aperture"] == pytest.approx(0.1 * DEGREE)
    assert [row["source"] for row in rows(source_list, "0.2")] == ["Near", "Far"]
    assert "1 without such a J factor left out: Near" in read_source_list(source_list, "10").warnings[0]


@pytest.mark.parametrize(
    ("j_type", "near", "far"), [("max", (0.2, 19.0), (10.0, 18.25)), ("min", (0.1, 18.0), (0.2, 17.0))]
)
def test_widest_and_narrowest_mix_apertures_and_say_so(
    source_list: Path, j_type: str, near: tuple[float, float], far: tuple[float, float]
) -> None:
    found = {row["source"]: row for row in rows(source_list, j_type)}
    for name, (aperture, log10_j) in {"Near": near, "Far": far}.items():
        assert found[name]["j_aperture"] == pytest.approx(aperture * DEGREE)
        assert found[name]["j_factor"] == pytest.approx(10.0**log10_j)
    assert read_source_list(source_list, j_type).warnings[0].startswith(f"J_type {j_type} mixes apertures (1 within")


def test_the_real_list_is_read_whole(real_data: Path) -> None:
    path = real_data / "catalogue" / "dwarfs_18_columns.txt"
    lines = [line.split(",") for line in path.read_text(encoding="utf-8").splitlines()]
    for j_type, column in (("0.1", 6), ("0.2", 9), ("0.5", 12)):
        written = {cells[0].strip(): float(cells[column]) for cells in lines if cells[column].strip() != "nan"}
        assert {row["source"]: row["log10_j_factor"] for row in rows(path, j_type)} == written
    assert len(rows(path, "max")) == len(lines) == 55
    with pytest.raises(InputError, match="no source has a J factor within 10 deg"):
        read_source_list(path, "10")


def test_the_list_feeds_the_analysis_with_the_same_sources(real_data: Path, tmp_path: Path) -> None:
    path = real_data / "catalogue" / "dwarfs_18_columns.txt"
    imported = read_source_list(path, "0.5").products[0].table
    catalogue = read_catalogue(path)
    without = tuple(catalogue["source"][catalogue["log10_j_factor_0.5deg"].isna()])
    selected = select_sources(catalogue, SourceSettings(catalogue=str(path), exclude=without))
    assert imported.drop_columns(["distance_kpc"]).equals(selected.drop_columns(["distance_kpc"]))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (NARROW.replace(",", ";"), "has 18 columns, its first line has another"),
        (f"{NARROW}\n{WIDE.rpartition(',')[0]}", "line 2 has 17 values"),
        (NARROW.replace("180", "east"), "ra_deg of Near is 'east'"),
        (NARROW.replace("-30", "nan"), "dec_deg of Near is nan"),
    ],
)
def test_malformed_lists_are_refused(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "sources.txt"
    path.write_text(text + "\n", encoding="utf-8")
    with pytest.raises(InputError, match=said):
        read_published([path], Declared(kind="source-list"))
    with pytest.raises(InputError, match=r"J_type '0\.3' is unknown; allowed are 0\.1"):
        read_source_list(path, "0.3")


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("bb_IceCube_2016_GC_CL90.csv", ("bb", "IceCube", "2016", "GC", 0.9)),
        ("TauTau_Super-K_2020_GC_NFW_CL95.csv", ("tautau", "Super-K", "2020", "GC_NFW", 0.95)),
        ("tautau_Fermi_LAT_2015_dSph_CL0.95.csv", ("tautau", "Fermi_LAT", "2015", "dSph", 0.95)),
        ("WW_VERITAS_2017_dSph_CL95.csv", ("WW", "VERITAS", "2017", "dSph", 0.95)),
        ("NuNu_ANTARES_2020_GC_CL90.csv", ("nunu", "ANTARES", "2020", "GC", 0.9)),
    ],
)
def test_the_name_of_a_comparison_tells_what_it_is(tmp_path: Path, name: str, key: tuple[object, ...]) -> None:
    path = tmp_path / name
    path.write_text("100.0, 2e-24\n10.0, 1e-24\n", encoding="utf-8")
    assert kind_of(path) == "comparison"
    (product,) = read_comparison(path).products
    assert tuple(product.key.keys.values()) == key
    (limit,) = imported_limits(with_keys(product.table, product.key.keys))
    assert limit.channel == key[0]
    assert limit.mass.tolist() == [10.0, 100.0]
    assert limit.sigma_v.tolist() == [1e-24, 2e-24]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("qq_IceCube_2016_GC_CL90.csv", "1,1\n", "begins with an unknown channel 'qq'"),
        ("bb_IceCube_GC.csv", "1,1\n", "the name of a comparison limit tells what it is"),
        ("bb_IceCube_2016_GC_CL0.csv", "1,1\n", "a confidence level of 0"),
        ("bb_IceCube_2016_GC_CL90.csv", "", "holds no row"),
        ("bb_IceCube_2016_GC_CL90.csv", "1,1\n2;3\n", "line 2 has 1 values between commas"),
        ("bb_IceCube_2016_GC_CL90.csv", "1,1\n2,nan\n", "line 2: the cross section is 'nan'"),
        ("bb_IceCube_2016_GC_CL90.csv", "1,1\n-2,3\n", "line 2: the mass is '-2'"),
    ],
)
def test_malformed_comparisons_are_refused(tmp_path: Path, name: str, text: str, said: str) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as refused:
        read_published([path], Declared(kind="comparison"))
    assert str(path) in str(refused.value)
    assert said in str(refused.value)
