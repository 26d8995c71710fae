"""Histograms of angles: shares whatever their counts, radians whatever their unit, each source once."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import InputError
from core.published.histograms import read_background_pdfs, read_signal_pdfs
from core.published.imported import ALL_SOURCES
from tests.core.published.conftest import EDGES, Saved, histogram


def written(folder: Path, content: Any) -> Path:
    path = folder / "h.npy"
    np.save(path, content, allow_pickle=True)
    return path


@settings(max_examples=25, deadline=None)
@given(counts=st.lists(st.floats(0.0, 1e6), min_size=1, max_size=40).filter(lambda each: sum(each) > 0.0))
def test_probabilities_are_shares_of_the_counts_in_any_number_of_bins(
    tmp_path_factory: pytest.TempPathFactory, counts: list[float]
) -> None:
    edges = np.linspace(0.0, np.pi, len(counts) + 1)
    path = written(tmp_path_factory.mktemp("h"), {"b": {10: {"Counts": counts, "Bins": edges}}})
    (product,) = read_signal_pdfs(path).products
    found = product.table["signal_probability"].to_numpy()
    assert found.sum() == pytest.approx(1.0)
    np.testing.assert_allclose(found * np.sum(counts), counts, rtol=1e-9, atol=1e-9)
    np.testing.assert_array_equal(product.table["entries"].to_numpy(), counts)


def test_degrees_and_radians_are_the_same_histogram(saved: Saved) -> None:
    in_degrees = histogram(3, 4) | {"Bins": np.linspace(0.0, 180.0, 37)}
    tables = [read_signal_pdfs(saved(f"{name}.npy", {"b": {10: each}})).products[0].table
              for name, each in (("rad", histogram(3, 4)), ("deg", in_degrees))]  # fmt: skip
    for column in ("angle_low", "angle_high"):
        np.testing.assert_allclose(tables[0][column].to_numpy(), tables[1][column].to_numpy(), atol=1e-12)
    np.testing.assert_allclose(tables[0]["angle_low"].to_numpy(), EDGES[:-1], atol=1e-12)


def test_edges_off_by_rounding_are_taken_and_by_more_are_not(saved: Saved) -> None:
    for scale, is_taken in ((1.0 + 1e-7, True), (1.0 + 1e-5, False)):
        path = saved("h.npy", {"b": {10: histogram(0) | {"Bins": EDGES * scale}}})
        if is_taken:
            assert read_signal_pdfs(path).n_rows == 36
        else:
            with pytest.raises(InputError, match=r"0 to pi \(rad\) or 0 to 180 \(deg\) is due"):
                read_signal_pdfs(path)


def test_a_pair_has_the_rows_of_all_its_sources_in_the_order_of_the_file(saved: Saved) -> None:
    content = {
        "Draco": {"b": {10: histogram(0), 20: histogram(1)}},
        "Fornax": {"b": {20: histogram(2)}, "Tau": {10: histogram(3)}},
    }
    read = read_background_pdfs(saved("b.npy", content))
    sources = {
        (product.key.keys["channel"], product.key.keys["mass"]): list(
            dict.fromkeys(product.table["source"].to_pylist())
        )
        for product in read.products
    }
    assert sources == {("bb", 10.0): ["Draco"], ("bb", 20.0): ["Draco", "Fornax"], ("tautau", 10.0): ["Fornax"]}
    assert read.n_rows == 4 * 36


def test_of_the_signal_one_histogram_is_for_all_sources(saved: Saved) -> None:
    (product,) = read_signal_pdfs(saved("s.npy", {"b": {10: histogram(0)}})).products
    assert set(product.table["source"].to_pylist()) == {ALL_SOURCES}


@pytest.mark.parametrize("names", [("Draco", "draco"), ("Ursa Major II", "ursa_major_ii")])
def test_a_source_by_two_spellings_is_refused(saved: Saved, names: tuple[str, str]) -> None:
    content = {name: {"b": {10: histogram(0)}} for name in names}
    with pytest.raises(InputError, match="are one source: it stands there twice"):
        read_background_pdfs(saved("b.npy", content))


def test_a_source_without_a_name_is_refused(saved: Saved) -> None:
    with pytest.raises(InputError, match="a source has no name"):
        read_background_pdfs(saved("b.npy", {"  ": {"b": {10: histogram(0)}}}))
