"""Published dicts: round values come back in our words and units; malformed and hostile ones are refused by place."""

import math
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.errors import InputError
from core.published.cross_sections import read_cross_sections
from core.published.file_types import Declared, kind_of, read_published
from core.published.histograms import read_background_pdfs, read_signal_pdfs
from core.published.spectra import read_spectra
from tests.core.published.conftest import EDGES, Saved, histogram

BAND = {"Med": 4e-24, "Up1": 8e-24, "Low1": 2e-24, "Up2": 1.6e-23, "Low2": 1e-24}
SPECTRUM = {"Energy": 10 * 10.0 ** np.linspace(-3.0, 0.0, 61), "EdNdE": np.full(61, 0.2)}
WHOLE: dict[str, Any] = {
    "spectra": {"b": {10: SPECTRUM}},
    "background-pdf": {"Draco": {"b": {10: histogram(0, 1, 2, 3)}}, "Fornax": {"b": {10: histogram(35)}}},
    "signal-pdf": {"Tau": {20.0: histogram(0, 3), 50: histogram(1)}},
    "cross-sections": {"Nu": {5: {"Cross Section": BAND, "Threshold": dict.fromkeys(BAND, 3.0)}}},
}


class Malicious:
    """A pickle that would leave a file when loaded."""

    def __init__(self, target: Path):
        self.target = target

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (f"touch {self.target}",)


@pytest.mark.parametrize("kind", WHOLE)
def test_the_kind_is_told_by_the_content(saved: Saved, kind: str) -> None:
    path = saved("anything.npy", WHOLE[kind])
    assert kind_of(path) == kind
    (read,) = read_published([path], Declared())
    assert read.kind == kind
    assert read.recipes()[0][0].parameters["files"][0]["name"] == "anything.npy"


def test_background_histograms_come_back_by_source(saved: Saved) -> None:
    (product,) = read_background_pdfs(saved("b.npy", WHOLE["background-pdf"])).products
    assert product.key.stage == "source_background_pdf"
    assert product.key.keys == {"channel": "bb", "mass": 10.0}
    rows = product.table.to_pylist()
    assert len(rows) == 72
    assert rows[0] == {
        "source": "Draco",
        "angle_low": 0.0,
        "angle_high": pytest.approx(math.pi / 36),
        "background_probability": 0.25,
        "entries": 25.0,
    }
    assert rows[71]["source"] == "Fornax"
    assert rows[71]["background_probability"] == 1.0
    assert rows[71]["angle_high"] == pytest.approx(math.pi)


def test_a_signal_histogram_serves_all_sources_and_degrees_become_radians(saved: Saved) -> None:
    content = {"Tau": {20.0: {"Counts": histogram(0, 3)["Counts"].tolist(), "Bins": np.degrees(EDGES)}}}
    (product,) = read_signal_pdfs(saved("s.npy", content)).products
    assert product.key.stage == "source_signal_pdf"
    assert set(product.table["source"].to_pylist()) == {"all"}
    assert product.table["signal_probability"].to_pylist()[:5] == [0.5, 0.0, 0.0, 0.5, 0.0]
    assert product.table["angle_high"].to_numpy() == pytest.approx(EDGES[1:])


def test_spectra_keep_their_number_of_neutrinos(saved: Saved) -> None:
    (product,) = read_spectra(saved("s.npy", WHOLE["spectra"])).products
    table = product.table.to_pandas()
    of_one = table[(table["flavour"] == "numu") & ~table["is_line"]]
    number = np.trapezoid(of_one["dn_de"] * of_one["energy"], np.log(of_one["energy"]))
    assert number == pytest.approx(0.2 * 3.0 * np.log(10.0), rel=1e-6)
    assert np.array_equal(of_one["dn_de"], of_one["dn_de_production"])


def test_cross_sections_become_sensitivities_with_their_bands(saved: Saved) -> None:
    (product,) = read_cross_sections(saved("xs.npy", WHOLE["cross-sections"])).products
    assert product.key.keys == {"channel": "nunu", "mass": 5.0, "seed": 0}
    (row,) = product.table.to_pylist()
    assert [row[f"sigma_v_{name}"] for name in ("band_lo95", "band_lo68", "sensitivity", "band_hi68", "band_hi95")] == [
        1e-24,
        2e-24,
        4e-24,
        8e-24,
        1.6e-23,
    ]
    assert row["threshold"] == 3.0
    assert row["n_s_sensitivity"] is None
    assert "imported" in row["limitation"]


def test_a_plain_number_is_a_sensitivity_without_bands(saved: Saved) -> None:
    (product,) = read_cross_sections(saved("xs.npy", {"b": {"100": np.float64(2e-23)}})).products
    (row,) = product.table.to_pylist()
    assert row["sigma_v_sensitivity"] == 2e-23
    assert row["sigma_v_band_hi95"] is None


def test_observed_values_are_not_called_sensitivities(saved: Saved) -> None:
    with pytest.raises(InputError, match="observed cross sections"):
        read_cross_sections(saved("upper_limit_cross_section.npy", {"b": {100: 2e-23}}))


def in_bin(**changes: Any) -> dict[str, Any]:
    return {"Draco": {"b": {10: histogram(0) | changes}}}


@pytest.mark.parametrize(
    ("kind", "content", "said"),
    [
        ("background-pdf", in_bin(Counts=np.ones(35)), "Counts has 35 values and Bins 37"),
        ("background-pdf", in_bin(Counts=np.ones((36, 1))), "column Counts: must be a list of finite"),
        ("background-pdf", in_bin(Counts=np.full(36, np.nan)), "source Draco, channel b, mass 10, column Counts: must"),
        ("background-pdf", in_bin(Counts=np.zeros(36)), "must not be negative, nor zero in all"),
        ("background-pdf", in_bin(Counts=-np.ones(36)), "must not be negative"),
        ("background-pdf", in_bin(Bins=EDGES[::-1]), "column Bins: must rise"),
        ("background-pdf", in_bin(Bins=EDGES / 2), "runs from 0 to 1.5708; 0 to pi"),
        ("background-pdf", {"Draco": {"quark": {10: histogram(0)}}}, "source Draco: unknown channel 'quark'"),
        ("background-pdf", {"Draco": {"b": {10: {"Counts": [1.0]}}}}, "has no column Bins; it has Counts"),
        ("background-pdf", {}, "holds no source"),
        ("background-pdf", {"Draco": {}}, "source Draco holds no channel"),
        ("signal-pdf", {"b": {10: histogram(0), "10": histogram(1)}}, "stands there twice"),
        ("signal-pdf", {"b": {10: histogram(0)}, "bb": {10.0: histogram(1)}}, "stands there twice"),
        ("signal-pdf", {"b": {-5: histogram(0)}}, "mass -5: that is no mass"),
        ("signal-pdf", {"b": [histogram(0)]}, "channel b holds a list, expected a dict"),
        ("spectra", {"b": {10: SPECTRUM | {"Energy": SPECTRUM["Energy"][::-1]}}}, "column Energy: must rise"),
        ("spectra", {"W": {50: {n: v * 5 for n, v in SPECTRUM.items()}}}, "WW is closed"),
        ("cross-sections", {"b": {10: float("nan")}}, "channel b, mass 10 is nan"),
        ("cross-sections", {"b": {10: "many"}}, "is 'many'; a number above zero"),
        ("cross-sections", {"b": {10: {"Cross Section": {"Med": 1e-24}}}}, "Cross Section lacks Low2, Low1, Up1, Up2"),
        ("cross-sections", {"b": {10: {"Cross Section": BAND | {"Up1": -1.0}}}}, "Cross Section, Up1 is -1.0"),
        ("cross-sections", {"b": {10: {"Cross Section": BAND | {"Up1": 1e-30}}}}, "does not hold"),
        ("cross-sections", {"b": {10: {"Threshold": BAND}}}, "has no Cross Section; it has Threshold"),
    ],
)
def test_what_is_malformed_is_named_by_file_and_keys(saved: Saved, kind: str, content: Any, said: str) -> None:
    path = saved("wrong.npy", np.array(content, dtype=object))
    with pytest.raises(InputError, match=r"wrong\.npy: ") as refused:
        read_published([path], Declared(kind=kind))
    assert said in str(refused.value)


@pytest.mark.parametrize("kind", [None, *WHOLE])
def test_no_code_in_a_file_is_run(saved: Saved, tmp_path: Path, kind: str | None) -> None:
    trace = tmp_path / "trace"
    path = saved("hostile.npy", {"Draco": {"b": {10: {"Counts": Malicious(trace), "Bins": EDGES}}}})
    with pytest.raises(InputError, match=r"hostile\.npy: refused, for its pickle asks for"):
        read_published([path], Declared(kind=kind))
    assert not trace.exists()


@pytest.mark.filterwarnings("ignore")  # numpy warns of odd types before it refuses them
@pytest.mark.parametrize("kind", WHOLE)
def test_truncated_and_mutated_files_are_refused_or_read(saved: Saved, kind: str) -> None:
    path = saved("torn.npy", WHOLE[kind])
    whole = path.read_bytes()
    generator = np.random.default_rng(4)
    n_read = 0
    for end in generator.integers(0, len(whole), 40):
        path.write_bytes(whole[:end])
        with pytest.raises(InputError, match=r"torn\.npy"):
            read_published([path], Declared(kind=kind))
    for _ in range(150):
        changed = bytearray(whole)
        changed[generator.integers(len(whole))] = generator.integers(256)
        path.write_bytes(changed)
        with suppress(InputError):
            read_published([path], Declared(kind=kind))
            n_read += 1
    assert 0 < n_read < 150
    path.write_bytes(whole)
    assert read_published([path], Declared(kind=kind))


def test_events_are_sent_to_ingest(tmp_path: Path) -> None:
    np.save(tmp_path / "IC86_2011_exp.npy", np.zeros(3, dtype=[("run", "i8"), ("event", "i8"), ("ra", "f8")]))
    with pytest.raises(InputError, match=r"holds events or runs \(run, event, ra, ...\).*dwarfnu ingest"):
        read_published([tmp_path / "IC86_2011_exp.npy"], Declared())


@pytest.mark.parametrize(
    "content",
    [{}, {"b": {}}, [1.0, 2.0], {"b": {10: {"x": 1}}}, np.arange(3.0), {"b": 1.0}, {"b": {10: [[1.0], [2.0, 3.0]]}}],
)
def test_a_kind_that_is_not_told_is_asked_for(saved: Saved, content: Any) -> None:
    with pytest.raises(InputError, match=r"any\.npy: its content .* does not tell its kind: give --kind source-list"):
        kind_of(saved("any.npy", content))


def test_one_product_in_two_files_is_refused(saved: Saved) -> None:
    paths = [saved(name, WHOLE["signal-pdf"]) for name in ("one.npy", "two.npy")]
    with pytest.raises(InputError, match=r"two\.npy and .*one\.npy both hold source_signal_pdf channel=tautau mass=20"):
        read_published(paths, Declared())


@pytest.mark.parametrize("number", [np.array(3e-24), np.array([3e-24]), np.float64(3e-24), 3e-24])
def test_a_cross_section_may_stand_in_an_array_of_its_own(tmp_path: Path, number: object) -> None:
    np.save(tmp_path / "sensitivity.npy", {"b": {"10": number}})
    (found,) = read_published([tmp_path / "sensitivity.npy"], Declared())
    assert found.kind == "cross-sections"
    assert found.products[0].table["sigma_v_sensitivity"].to_pylist() == [3e-24]
    np.save(tmp_path / "sensitivity.npy", {"b": {"10": np.array([1e-24, 2e-24])}})
    with pytest.raises(InputError):
        read_published([tmp_path / "sensitivity.npy"], Declared())
