"""Signal and cells of one sky: windows that cut bins, names of cells, cells that carry no information."""

import numpy as np
import pyarrow as pa
import pytest

from core.errors import PhysicsError
from core.pdfs.one_sky import energies_in_window, events_of_signal_pdf, ratio_cells, signal_on_sky, sky_cell_columns
from core.response import EVENT_CLASSES
from tests.core.pdfs.public_pairs import public_pair

EDGES = np.array([5.0, 10.0, 20.0, 50.0])


@pytest.mark.parametrize(
    ("window", "inside"),
    [
        (None, [True, True, True]),
        ((10.0, 20.0), [False, True, False]),
        ((9.0, 20.0), [True, True, False]),
        ((10.0, 21.0), [False, True, True]),
        ((0.0, 1000.0), [True, True, True]),
        ((12.0, 13.0), [False, True, False]),
    ],
)
def test_a_window_is_widened_to_the_bins_that_it_cuts(window: tuple[float, float] | None, inside: list[bool]) -> None:
    assert energies_in_window(EDGES, window).tolist() == inside


@pytest.mark.parametrize("window", [(0.0, 5.0), (50.0, 80.0)])
def test_a_window_beside_the_sample_is_refused(window: tuple[float, float]) -> None:
    with pytest.raises(PhysicsError, match=r"holds no reconstructed energy of the sample: 5\.00 to 50\.00 GeV"):
        energies_in_window(EDGES, window)


def test_cells_are_named_by_class_energy_and_pixel_in_this_order() -> None:
    columns = sky_cell_columns(EDGES, np.array([True, False, True]), nside=1)
    n_pixels, n_cells = 12, 2 * 2 * 12
    assert columns["pixel"].tolist() == list(range(n_pixels)) * 4
    assert columns["reco_energy_low"].tolist() == ([5.0] * n_pixels + [20.0] * n_pixels) * 2
    assert columns["reco_energy_high"][0] == 10.0
    assert columns["event_class"].to_pylist() == [EVENT_CLASSES[0]] * 24 + [EVENT_CLASSES[1]] * 24
    assert len(columns["nside"]) == n_cells


@pytest.mark.parametrize("nside", [4, 8])
def test_every_expected_event_is_somewhere_on_the_sky(nside: int) -> None:
    expected = public_pair("tautau", 20.0).expected
    signal = signal_on_sky(expected, nside)
    total = expected.acceptance.total.n_s_per_strength
    assert signal.shape == (2, 8, 12 * nside**2)
    assert signal.min() >= 0.0
    assert signal.sum() == pytest.approx(total, rel=1e-3)


def signal_table(signal: list[float], low: float = 5.0, high: float = 10.0) -> pa.Table:
    n = len(signal)
    return pa.table(
        {
            "reco_energy_low": [low] * n,
            "reco_energy_high": [high] * n,
            "signal_probability": signal,
            "signal_average_probability": [1.0 / n] * n,
            "background_probability": [1.0 / n] * n,
            "n_s_per_sigma_v": [1e22] * n,
        }
    )


BACKGROUND = pa.table({"reco_energy_low": [5.0, 10.0], "reco_energy_high": [10.0, 20.0], "n_events": [300, 700]})


def test_events_are_those_of_the_energies_that_the_signal_spans() -> None:
    assert events_of_signal_pdf(signal_table([0.5, 0.5]), BACKGROUND) == 300
    assert events_of_signal_pdf(signal_table([0.5, 0.5], 5.0, 20.0), BACKGROUND) == 1000


def test_cells_carry_scale_and_information() -> None:
    """Two cells with R - 1 = ±1/2: I = 1/4, and 4 is the variance of n_s of one event."""
    table = ratio_cells(signal_table([0.75, 0.25]), BACKGROUND, "data", 16)
    assert table["n_events"].to_pylist() == [300, 300]
    assert set(table["n_s_per_sigma_v"].to_pylist()) == {1e22}
    assert table["fisher_information"][0].as_py() == pytest.approx(0.25)
    assert table["n_s_uncertainty"][0].as_py() == pytest.approx(np.sqrt(300.0 * 4.0))


def test_a_signal_that_is_as_even_as_the_background_is_refused() -> None:
    with pytest.raises(PhysicsError, match="cannot be told from the background were it all of the sample's 300 events"):
        ratio_cells(signal_table([0.5 + 1e-4, 0.5 - 1e-4]), BACKGROUND, "data", 16)
