"""A row of sensitivities: numbers of events become strengths and fluxes, errors add in quadrature."""

import math
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from core.dark_matter.processes import PROCESSES
from core.errors import InputError
from core.glossary import GLOSSARY
from core.inference.sensitivity import Sensitivity
from core.inference.sensitivity_product import (
    SignalScale,
    expected_in_cells,
    sensitivity_of_trials,
    sensitivity_row,
    sensitivity_table,
    total_flux_per_strength,
)
from core.spectra.spectrum import Spectrum
from tests.small_analysis import injected_counts, ratio_cells, trials

SCALE = SignalScale(2e22, 2e20, 1e17, limitation="migration only", sample="own")
NODES = np.geomspace(1.0, 20.0, 10)
N_EACH = 400


def signal_trials() -> pa.Table:
    """Trials with up to 5 standard deviations of n_s injected."""
    counts = [*injected_counts(), *(round(f * injected_counts()[1]) for f in (4.0, 5.0))]
    return pa.concat_tables([trials("tautau", 20.0, number, N_EACH) for number in counts])


@pytest.fixture(scope="module")
def found() -> Sensitivity:
    return sensitivity_of_trials(trials(), signal_trials(), "test_statistic_signed")


def row_of(found: Sensitivity, scale: SignalScale = SCALE) -> dict[str, object]:
    (row,) = sensitivity_row(found, scale, {"statistic": "joint"}).to_pylist()
    return row


def test_events_are_a_cross_section_and_a_flux(found: Sensitivity) -> None:
    row, n_s = row_of(found), found.sensitivity
    assert row["n_s_sensitivity"] == n_s.n_s
    assert row["sigma_v_sensitivity"] == pytest.approx(n_s.n_s / 2e22)
    assert row["flux_sensitivity"] == pytest.approx(n_s.n_s / 2e22 * 1e17)
    relative = math.hypot(n_s.error / n_s.n_s, 0.01)
    assert row["sigma_v_sensitivity_error"] == pytest.approx(relative * n_s.n_s / 2e22)


def test_an_open_edge_of_a_band_stays_open(found: Sensitivity) -> None:
    row = row_of(found)
    for name, edge in found.band.items():
        expected = None if edge is None else pytest.approx(edge.n_s / 2e22)
        assert row[f"sigma_v_band_{name}"] == expected
    assert row["sigma_v_band_lo95"] is None


def test_every_column_is_of_the_glossarys_type(found: Sensitivity) -> None:
    table = sensitivity_row(found, SCALE, {"statistic": "joint", "background": "data"})
    for name, column in zip(table.column_names, table.columns, strict=True):
        assert column.type == GLOSSARY[name].dtype
    assert table["limitation"].to_pylist() == ["migration only"]


def test_of_decay_strengths_are_rates_with_a_lifetime(found: Sensitivity) -> None:
    row = row_of(found, replace(SCALE, process=PROCESSES["decay"]))
    assert not [name for name in row if "sigma_v" in name]
    assert row["lifetime_sensitivity"] == pytest.approx(2e22 / found.sensitivity.n_s)


def test_twice_the_events_per_strength_are_half_the_strength(found: Sensitivity) -> None:
    near = row_of(found, replace(SCALE, n_s_per_strength=4e22, n_s_per_strength_error=4e20))
    for name in ("sigma_v_sensitivity", "sigma_v_sensitivity_error", "sigma_v_band_hi68", "sigma_v_cls_median"):
        assert near[name] == pytest.approx(row_of(found)[name] / 2.0)


def test_the_table_of_a_pair_has_the_closed_form_beside_the_trials() -> None:
    table = sensitivity_table(trials(), signal_trials(), ratio_cells(), SCALE, "data")
    (row,) = table.to_pylist()
    error = row["n_s_sensitivity_error"]
    assert row["n_s_sensitivity_closed_form"] == pytest.approx(row["n_s_sensitivity"], abs=4.0 * error)
    assert (row["n_background_trials"], row["n_signal_trials"]) == (trials().num_rows, N_EACH * 6)


def test_the_flux_is_of_all_sources_and_species() -> None:
    """Two galaxies of 1e19, one neutrino of each of six species per annihilation, at 20 GeV: J n / (8π m²)."""
    sources = pa.table({"source": ["A", "B"], "j_factor": [1e19, 1e19]})
    line = Spectrum(NODES, np.zeros_like(NODES), ((20.0, 1.0),))
    spectra = dict.fromkeys(("nue", "numu", "nutau", "nuebar", "numubar", "nutaubar"), line)
    expected = 2e19 * 6.0 / (8.0 * math.pi * 20.0**2)
    assert total_flux_per_strength(sources, 20.0, spectra) == pytest.approx(expected)


def test_cells_tell_their_scale() -> None:
    cells = pa.table({"ratio": [1.0, 2.0], "n_s_per_sigma_v": [3e22, 3e22]})
    assert expected_in_cells(cells) == 3e22
    with pytest.raises(InputError, match="the table has no column n_s_per_sigma_v or n_s_per_decay_rate"):
        expected_in_cells(cells.select(["ratio"]))
