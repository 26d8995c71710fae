"""Text of every program, and files that are none: read as meant, or refused in one line."""

import codecs
import os
from contextlib import suppress
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.configuration.config import read_config
from core.dark_matter.sources import EMBEDDED_CATALOGUE, read_catalogue
from core.errors import ConfigError, InputError
from core.events.livetime import read_good_runs
from core.events.skylab import read_skylab
from core.files import read_array, read_parquet, read_text, text_rows
from core.published.file_types import Declared, read_published
from core.published.limit_files import read_comparison
from core.published.limits import published_limits
from core.spectra.user_columns import read_columns

CATALOGUE = """source,ra_deg,dec_deg,distance_kpc,half_light_radius_arcmin,log10_j_factor_0.5deg
Draco,260.05,57.92,76,10,18.8
Segue 1,151.77,16.08,23,4.4,19.4
"""
LIMITS = "10,1e-23\n20,2e-23\n"
SPECTRUM = "energy,dn_de\n1,0.5\n2,0.25\n"
# How a program may write the same table.
FORMS = {
    "as it is": lambda text: text.encode(),
    "byte order mark": lambda text: codecs.BOM_UTF8 + text.encode(),
    "UTF-16": lambda text: text.encode("utf-16"),
    "CRLF": lambda text: text.replace("\n", "\r\n").encode(),
    "CR": lambda text: text.replace("\n", "\r").encode(),
    "semicolons": lambda text: text.replace(",", ";").encode(),
    "decimal commas": lambda text: decimal_commas(text).encode(),
    "tabs": lambda text: text.replace(",", "\t").encode(),
    "comments": lambda text: ("# made by hand\n   # indented\n" + text.replace("\n", "  # why\n")).encode(),
}


def decimal_commas(text: str) -> str:
    head, _, body = text.replace(",", ";").partition("\n")
    return f"{head}\n{body.replace('.', ',')}"


@pytest.mark.parametrize("form", FORMS)
def test_a_catalogue_is_the_same_whoever_wrote_it(tmp_path: Path, form: str) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(FORMS[form](CATALOGUE))
    found = read_catalogue(path)
    assert found["source"].tolist() == ["Draco", "Segue 1"]
    assert found["ra_deg"].tolist() == [260.05, 151.77]
    assert found["log10_j_factor_0.5deg"].tolist() == [18.8, 19.4]


@pytest.mark.parametrize("form", FORMS)
def test_limits_and_spectra_are_the_same_whoever_wrote_them(tmp_path: Path, form: str) -> None:
    for text in (LIMITS, "mass,sigma_v\n" + LIMITS):
        path = tmp_path / "bb_C_2021_GC_CL90.csv"
        path.write_bytes(FORMS[form](text))
        (product,) = read_comparison(path).products
        assert product.table["mass"].to_pylist() == [10.0, 20.0]
        assert product.table["sigma_v"].to_pylist() == [1e-23, 2e-23]
    (tmp_path / "mine.csv").write_bytes(FORMS[form](SPECTRUM))
    assert [float(value) for value in read_columns(tmp_path / "mine.csv").values["dn_de"]] == [0.5, 0.25]


def test_limits_in_the_other_order_are_told_by_their_header(tmp_path: Path) -> None:
    (tmp_path / "bb_C_2021_GC_CL90.csv").write_text("sigma_v;mass\n1e-23;10\n")
    (product,) = read_comparison(tmp_path / "bb_C_2021_GC_CL90.csv").products
    assert (product.table["mass"].to_pylist(), product.table["sigma_v"].to_pylist()) == ([10.0], [1e-23])


@pytest.mark.parametrize("form", ["byte order mark", "UTF-16", "CRLF", "CR", "semicolons"])
def test_the_table_of_comparisons_is_the_same_whoever_wrote_it(tmp_path: Path, form: str) -> None:
    text = "experiment,year,target,channel,mass,sigma_v,confidence_level,note,reference\nA,2020,GC,bb,10,1e-23,0.9,,x\n"
    (tmp_path / "a.csv").write_bytes(FORMS[form](text))
    (limit,) = published_limits(tmp_path / "a.csv")
    assert (limit.experiment, limit.mass.tolist()) == ("A", [10.0])


@pytest.mark.parametrize("form", ["byte order mark", "CRLF"])
def test_published_trials_are_the_same_whoever_wrote_them(tmp_path: Path, form: str) -> None:
    text = "# Draco_ns \t Draco_TS \t ns \t TS\n1\t0.5\t1\t0.5\n"
    (tmp_path / "trials.txt").write_bytes(FORMS[form](text))
    (found,) = read_published([tmp_path / "trials.txt"], Declared(channel="bb", mass=10.0))
    assert found.products[0].table["n_s"].to_pylist() == [1.0]


def test_a_configuration_may_have_a_byte_order_mark(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_bytes(codecs.BOM_UTF8 + b"seed = 4\r\n")
    assert read_config(tmp_path / "a.toml").seed == 4


def test_commas_that_may_be_decimal_are_named(tmp_path: Path) -> None:
    (tmp_path / "bb_C_2021_GC_CL90.csv").write_text("10,5,1e-23\n")
    with pytest.raises(InputError, match=r"3 values between commas; .*if commas are decimal, part the columns by ;"):
        read_comparison(tmp_path / "bb_C_2021_GC_CL90.csv")


def test_names_in_capitals_and_of_other_catalogues_are_taken_and_others_suggested(tmp_path: Path) -> None:
    text = CATALOGUE.replace("source,ra_deg,dec_deg", "NAME,RAJ2000,DEJ2000")
    text = text.replace("260.05,57.92", "17:20:12.0,+57:55:12").replace("16.08", "16d04m48s")
    (tmp_path / "a.csv").write_text(text)
    found = read_catalogue(tmp_path / "a.csv")
    np.testing.assert_allclose(found["ra_deg"].tolist(), [260.05, 151.77])
    np.testing.assert_allclose(found["dec_deg"].tolist(), [57.92, 16.08])
    (tmp_path / "a.csv").write_text(CATALOGUE.replace("distance_kpc,half_light_radius_arcmin", "Dist,rhalf"))
    with pytest.raises(InputError, match=r"lacks the columns distance_kpc \(is it dist\?\), half.* \(is it rhalf\?\)"):
        read_catalogue(tmp_path / "a.csv")


@pytest.mark.parametrize(("form", "suffix"), [("ascii.ecsv", "ecsv"), ("fits", "fits"), ("votable", "vot")])
def test_tables_of_astronomers_are_read_in_their_units(tmp_path: Path, form: str, suffix: str) -> None:
    from astropy import units
    from astropy.table import QTable

    table = QTable({"source": ["Draco"], "ra_deg": [4.5387] * units.rad, "dec_deg": [57.92] * units.deg,
                    "distance_kpc": [0.076] * units.Mpc, "half_light_radius_arcmin": [600.0] * units.arcsec,
                    "log10_j_factor_0.5deg": [18.8]})  # fmt: skip
    table.write(tmp_path / f"a.{suffix}", format=form)
    (row,) = read_catalogue(tmp_path / f"a.{suffix}").to_dict("records")
    assert row["source"] == "Draco"
    found = [row[name] for name in ("ra_deg", "dec_deg", "distance_kpc", "half_light_radius_arcmin")]
    np.testing.assert_allclose(found, [np.degrees(4.5387), 57.92, 76.0, 10.0])


def test_a_catalogue_may_be_a_parquet_table(tmp_path: Path) -> None:
    pd.read_csv(EMBEDDED_CATALOGUE, comment="#").to_parquet(tmp_path / "a.parquet")
    pd.testing.assert_frame_equal(
        read_catalogue(tmp_path / "a.parquet")[["source", "ra_deg", "log10_j_factor_0.5deg"]],
        read_catalogue(EMBEDDED_CATALOGUE)[["source", "ra_deg", "log10_j_factor_0.5deg"]],
    )


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"PK\x03\x04abc", "a spreadsheet"), (b"a\xe4b,c\n", "is not UTF-8"), (b"a\0b,c", "zero bytes"), (b"", "no rows")],
)
def test_what_is_no_text_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(InputError, match=said):
        read_catalogue(tmp_path / "a.csv")


def test_what_has_no_end_or_is_no_file_is_not_read(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="/dev/zero: is a device or socket, a file is due"):
        read_text(Path("/dev/zero"))
    with pytest.raises(InputError, match="is a folder, a file is due"):
        read_text(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputError, match="is a pipe"):
        read_text(tmp_path / "pipe")
    with (tmp_path / "large").open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(InputError, match="has 1,048,576 MiB, 1,024 MiB at most"):
        read_text(tmp_path / "large")
    with pytest.raises(InputError, match="null"):
        read_text(Path("a\0b"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("seed = " + "1" * 5000, "is not a TOML file"),
        ("seed = " + "[" * 1000 + "]" * 1000, "nested too deeply|seed = "),
        (".".join(["a"] * 20_000) + " = 1", "nested too deeply|unknown key a"),
        ('[sources]\ncatalogue = "a\\u0000b"', "holds no zero bytes"),
        ("[pairs]\nbb = [" + ",".join(f"{1 + n / 200:.3f}" for n in range(100_000)) + "]", "100,000 pairs of channel"),
        ("[pairs]\nbb = [" + "20," * 100_000 + "]", "100,000 pairs of channel"),
    ],
    ids=["digits", "depth", "parts", "zero byte", "masses", "one mass"],
)
@pytest.mark.timeout(20)
def test_a_configuration_that_nobody_means_is_refused_in_one_short_line(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "a.toml").write_text(text)
    with pytest.raises(ConfigError, match=said) as found:
        read_config(tmp_path / "a.toml")
    assert len(str(found.value)) < 2000


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(content=st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_any_bytes_are_a_catalogue_or_one_of_our_errors(tmp_path: Path, content: bytes) -> None:
    for name, reader in (
        ("list.csv", read_catalogue), ("bb_C_2021_GC_CL90.csv", read_comparison), ("mine.csv", read_columns),
        ("table.csv", published_limits), ("any.csv", lambda path: text_rows(read_text(path))),
    ):  # fmt: skip
        (tmp_path / name).write_bytes(content)
        with suppress(InputError):
            reader(tmp_path / name)


def torn_header(header: bytes) -> bytes:
    """A `.npy` file with a header that no numpy wrote."""
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"PK\x03\x04" + bytes(30), "is a zip archive"),
        (b"", "is no .npy file"),
        (b"run,event\n1,2\n", "is no .npy file"),
        (torn_header(b"{'descr': '<f8', 'fortran_order': (False\n"), "is no array of numbers"),
        (torn_header(b"{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000000,)}\n"), "is no array"),
        (torn_header(b"{'descr': [('a', '<f8', 1, 2, 3)], 'fortran_order': False, 'shape': (1,)}\n"), "is no array"),
        (torn_header(b"{'descr': '|O', 'fortran_order': False, 'shape': (1,)}\n" + bytes(8)), "is no array"),
        (b"\x93NUMPY\x07\x00", "is no array"),
    ],
)
def test_what_is_no_array_is_refused_in_one_line(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "array.npy"
    path.write_bytes(content)
    for mapped in (False, True):
        with pytest.raises(InputError, match=said) as refused:
            read_array(path, mapped)
        assert str(path) in str(refused.value)


def test_an_archive_of_arrays_is_told_by_every_reader_of_arrays(tmp_path: Path) -> None:
    np.savez(tmp_path / "both.npz", events=np.zeros(3))
    archive = (tmp_path / "both.npz").rename(tmp_path / "IC86_2013.npy")
    for read in (read_columns, lambda path: read_skylab(path, "data"), read_good_runs):
        with pytest.raises(InputError, match="is a zip archive"):
            read(archive)


def test_a_parquet_file_whose_texts_are_none_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "galaxies.parquet"
    pq.write_table(pa.table({"source": ["Draco", "Segue 1"]}), path, compression="none", use_dictionary=False)
    assert read_parquet(path)["source"].to_pylist() == ["Draco", "Segue 1"]
    path.write_bytes(path.read_bytes().replace(b"Draco", b"Dra\xe7o"))
    with pytest.raises(InputError, match="is no whole Parquet table"):
        read_parquet(path)
    with pytest.raises(InputError, match="is no whole Parquet table"):
        read_catalogue(path)
