"""The folded response and the likelihood SED, read by their descriptions alone."""

import io

import numpy as np
import pytest
from astropy.table import Table

from core.errors import PhysicsError
from core.export.energy_files import CONFIDENCE, folded_csv, sed_bytes, sed_rows
from core.pdfs.energy_cells import EnergyCells, FluxTemplate
from tests.core.export.made_results import BACKGROUND, Z, origin

SIGMA = 1e-6  # cm⁻² s⁻¹: error of the flux of every template
EDGES = ((10.0, 20.0), (20.0, 40.0))


def cells(excess: float = 1.0) -> EnergyCells:
    """Two cells of many events; all templates have the same excess."""
    templates = tuple(FluxTemplate(name, *edges, 1e9) for name in ("nue", "numu", "nutau") for edges in EDGES)
    background = np.full(2, BACKGROUND)
    per_flux = excess * np.sqrt(BACKGROUND / 2.0) / SIGMA * np.array([1.0, -1.0])
    return EnergyCells(templates, background, background, np.tile(per_flux, (6, 1)), np.zeros(6))


def test_a_stranger_limits_a_spectrum_by_the_folded_response() -> None:
    """All fluxes at 1/6: the sum has the error of one."""
    text = folded_csv(cells(), origin())
    names, *lines = (line for line in text.splitlines() if not line.startswith("#"))
    assert names.split(",")[:4] == ["cell", "background_events", "events", "nue_10_20"]
    table = np.array([line.split(",") for line in lines], dtype=float)
    change = table[:, 3:] @ np.full(6, 1.0 / 6.0) / table[:, 1]
    strengths = np.linspace(0.0, 3.0 * SIGMA, 3001)
    fall = -2.0 * np.log1p(np.outer(strengths, change)) @ table[:, 2]
    assert np.interp(Z**2, fall, strengths) == pytest.approx(Z * SIGMA, rel=1e-3)
    assert "licence: CC-BY-4.0" in text


def test_the_sed_has_a_row_a_bin_and_its_limit() -> None:
    table = Table.read(io.BytesIO(sed_bytes(sed_rows(cells()), origin())), format="fits", hdu=1)
    assert table.meta["SED_TYPE"] == "likelihood"
    assert table.meta["UL_CONF"] == CONFIDENCE
    assert "CC-BY-4.0" in " ".join(table.meta["comments"])
    assert table["e_min"].tolist() == [10.0, 20.0]
    assert str(table["ref_flux"].unit) in {"1 / (s cm2)", "1 / (cm2 s)"}
    for row in table:
        assert row["ref_flux"] == pytest.approx(Z * SIGMA, rel=1e-3)
        limit = np.interp(-(Z**2) / 2.0, row["dloglike_scan"][::-1], row["norm_scan"][::-1])
        assert limit == pytest.approx(1.0, rel=0.01)
        assert row["norm_err"] == pytest.approx(1.0 / Z, rel=1e-3)
        assert row["ref_npred"] == pytest.approx(1e9 * Z * SIGMA, rel=1e-3)
        width = row["e_max"] - row["e_min"]
        assert row["ref_dnde"] == pytest.approx(row["ref_flux"] / width)


def test_bins_of_which_nothing_is_seen_are_left_out() -> None:
    with pytest.raises(PhysicsError, match="no bin of energy"):
        sed_rows(cells(0.0))
