"""Every window of a grid against sums by hand."""

import sys
import tracemalloc

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.errors import InputError, PhysicsError
from core.events.public_release import RECO_ENERGY_EDGES, public_counts
from core.glossary import GLOSSARY
from core.signal.acceptance import source_acceptance
from core.signal.energy_range import (
    binned_background_energies,
    energy_range_of_histograms,
    energy_range_table,
    energy_windows,
    reconstructed_signal,
)
from tests.core.response.response_cases import uneven_response
from tests.core.signal.test_acceptance import MASS, falling_spectra, sources

COUNTS = arrays(np.float64, 6, elements=st.floats(0.0, 1e6, allow_subnormal=False))


@given(signal=COUNTS, background=COUNTS)
def test_windows_are_the_sums_of_their_bins(signal: np.ndarray, background: np.ndarray) -> None:
    edges = np.arange(7.0)
    signal[2], background[2] = 1.0, 4.0
    windows = energy_windows(edges, signal, background)
    assert len(windows.low) == 21
    rows = zip(windows.low, windows.high, windows.n_signal, windows.n_background, strict=True)
    for low, high, n_signal, n_background in rows:
        inside = slice(int(low), int(high))
        assert n_signal == pytest.approx(signal[inside].sum(), abs=1e-9 * signal.sum())
        assert n_background == pytest.approx(background[inside].sum(), abs=1e-9 * background.sum())


def test_optimum_of_round_numbers() -> None:
    windows = energy_windows(np.array([0.0, 1.0, 2.0, 3.0]), np.array([1.0, 4.0, 4.0]), np.array([100.0, 8.0, 8.0]))
    assert (windows.low[windows.optimum], windows.high[windows.optimum]) == (1.0, 3.0)
    assert windows.signal_over_sqrt_background[windows.optimum] == pytest.approx(2.0)
    assert windows.plateau().sum() == 1
    assert windows.plateau(0.5).sum() == 3


def test_a_window_without_background_has_no_figure_of_merit_and_is_never_the_best() -> None:
    windows = energy_windows(np.arange(4.0), np.array([1.0, 1.0, 0.0]), np.array([4.0, 0.0, 0.0]))
    merit = windows.signal_over_sqrt_background
    assert np.isnan(merit[(windows.low == 1.0) & (windows.high == 2.0)]).all()
    assert merit[(windows.low == 2.0)] == 0.0
    assert windows.n_background[windows.optimum] == 4.0
    table = energy_range_table(windows)
    assert table["signal_over_sqrt_background"].null_count == int(np.isnan(merit).sum())


def test_the_plateau_is_within_a_hundredth_of_the_best() -> None:
    signal, background = np.array([1.0, 0.019, 0.0]), np.array([1.0, 0.02, 1.0])
    table = energy_range_of_histograms(np.arange(4.0), signal, background).to_pandas()
    plateau = table[table["is_plateau"]]
    assert plateau[["window_low", "window_high"]].to_numpy().tolist() == [[0.0, 1.0], [0.0, 2.0]]
    least = plateau["signal_over_sqrt_background"].min()
    assert 0.99 < least / table["signal_over_sqrt_background"].max() <= 1.0
    assert table[table["is_optimal"]]["is_plateau"].all()


def test_the_narrowest_of_equal_windows_is_the_optimum() -> None:
    windows = energy_windows(np.arange(4.0), np.array([0.0, 1.0, 0.0]), np.array([0.0, 1.0, 0.0]))
    assert (windows.low[windows.optimum], windows.high[windows.optimum]) == (1.0, 2.0)


def calls_of_a_scan(n_bins: int) -> int:
    """Calls, compiled or not, that the windows of a grid take."""
    generator, n_calls = np.random.default_rng(1), 0

    def count(_: object, event: str, __: object) -> None:
        nonlocal n_calls
        n_calls += event in ("call", "c_call")

    edges, signal, background = np.arange(n_bins + 1.0), generator.uniform(size=n_bins), generator.uniform(size=n_bins)
    sys.setprofile(count)
    try:
        table = energy_range_of_histograms(edges, signal, background)
    finally:
        sys.setprofile(None)
    assert table.num_rows == n_bins * (n_bins + 1) // 2
    return n_calls


def test_no_work_is_done_window_by_window() -> None:
    """125,250 windows take about the calls of 36: the rest is in whole arrays, of which few stand at a time."""
    assert calls_of_a_scan(500) <= calls_of_a_scan(8) + 20 < 500
    tracemalloc.start()
    calls_of_a_scan(500)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 16 * 8 * 125_250


@pytest.mark.parametrize(
    ("signal", "background", "named"),
    [
        ([1.0, -1.0], [1.0, 1.0], "signal -1"),
        ([1.0, 1.0], [1.0, float("nan")], "background nan"),
        ([1.0], [1.0, 1.0], "edges"),
        ([0.0, 0.0], [1.0, 1.0], "no window"),
        ([1.0, 1.0], [0.0, 0.0], "no window"),
    ],
)
def test_windows_of_nonsense_are_refused(signal: list[float], background: list[float], named: str) -> None:
    with pytest.raises(PhysicsError, match=named):
        energy_windows(np.array([1.0, 2.0, 3.0]), np.array(signal), np.array(background))


def test_signal_by_reconstructed_energy_keeps_all_events() -> None:
    listed = sources(0.3, -1.1)
    found = source_acceptance(uneven_response(), falling_spectra(), listed, MASS)
    by_energy = reconstructed_signal(uneven_response(), found, listed["dec"].to_numpy(), np.full(2, 0.01))
    assert by_energy.sum() == pytest.approx(found.total.n_s_per_strength, rel=1e-12)


def test_measured_counts_by_reconstructed_energy() -> None:
    edges, n_events = binned_background_energies(public_counts())
    np.testing.assert_allclose(edges, RECO_ENERGY_EDGES)
    assert n_events.sum() == 40902


def test_background_with_gaps_is_refused() -> None:
    gap = pa.table({"reco_energy_low": [1.0, 3.0], "reco_energy_high": [2.0, 4.0], "n_events": [1, 1]})
    with pytest.raises(InputError, match="gaps"):
        binned_background_energies(gap)


def test_table_has_a_row_a_window_and_one_optimum() -> None:
    edges, n_events = binned_background_energies(public_counts())
    table = energy_range_of_histograms(edges, np.ones(8), n_events)
    assert table.num_rows == 36
    assert table["is_optimal"].to_numpy(zero_copy_only=False).sum() == 1
    for name in table.column_names:
        assert table.schema.field(name).type == GLOSSARY[name].dtype, name
