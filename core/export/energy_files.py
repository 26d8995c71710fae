"""What limits any other spectrum: the response folded by flavour and energy, and a likelihood a bin of energy.

The latter is a "likelihood SED" as gamma-astro-data-formats.readthedocs.io has it: a row a bin, ΔlnL against a norm. It
takes one bin at a time to shine; reconstructed energies are broad, so that bins share events and sums over them count
these twice. The folded response has no such flaw.
"""

import io
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import PhysicsError
from core.export.provenance import Provenance
from core.likelihood.strength_curve import StrengthCurve
from core.pdfs.energy_cells import EnergyCells

Reals = NDArray[np.float64]

CONFIDENCE = 0.9
NORMS: Reals = np.linspace(0.0, 6.0, 61)  # in units of the 90 % limit of a bin


def folded_csv(cells: EnergyCells, origin: Provenance) -> str:
    """Return the folded response as CSV: a row a cell, a column a template, cm² s, named flavour_low_high (GeV)."""
    names = [f"{one.flavour}_{one.energy_low:.6g}_{one.energy_high:.6g}" for one in cells.templates]
    lines = [",".join(["cell", "background_events", "events", *names])]
    for cell, (background, events, excess) in enumerate(
        zip(cells.background, cells.events, cells.excess.T, strict=True)
    ):
        lines.append(",".join([str(cell), f"{background:.8g}", f"{events:.8g}", *(f"{value:.5g}" for value in excess)]))
    return origin.comment("# ") + "\n".join(lines) + "\n"


def sed_rows(cells: EnergyCells) -> list[dict[str, Any]]:
    """Return a row a bin of energy with the columns of a likelihood SED; fluxes are of all flavours in equal parts.

    Bins of which the sample sees too little for a limit are left out. PhysicsError if none is left.
    """
    edges = sorted({(one.energy_low, one.energy_high) for one in cells.templates})
    rows = []
    for low, high in edges:
        own = [i for i, one in enumerate(cells.templates) if (one.energy_low, one.energy_high) == (low, high)]
        excess = cells.excess[own].sum(axis=0) / len(own)
        events_per_flux = sum(cells.templates[i].events_per_flux for i in own) / len(own)
        information = float(np.sum(excess**2 / cells.background))
        if information * (cells.events.sum() / max(events_per_flux, 1e-300)) ** 2 > 1.0:
            curve = StrengthCurve(excess / cells.background, cells.events)
            rows.append(_sed_row(low, high, curve, events_per_flux, information))
    if not rows:
        raise PhysicsError("no bin of energy can be told from the background: there is no likelihood by energy")
    return rows


def _sed_row(
    low: float, high: float, curve: StrengthCurve, events_per_flux: float, information: float
) -> dict[str, Any]:
    flux = curve.upper_limit(CONFIDENCE)
    fall = curve.fall(NORMS * flux)
    return {
        "e_min": low,
        "e_max": high,
        "e_ref": float(np.sqrt(low * high)),
        "ref_dnde": flux / (high - low),
        "ref_eflux": flux * low * high / (high - low) * float(np.log(high / low)),
        "ref_flux": flux,
        "ref_npred": flux * events_per_flux,
        "norm": curve.best / flux,
        "norm_err": 1.0 / np.sqrt(information) / flux,
        "norm_ul": 1.0,
        "ts": float(fall[0]),
        "loglike": 0.5 * float(fall[0]),
        "norm_scan": NORMS,
        "dloglike_scan": 0.5 * (fall[0] - fall),
    }


UNITS: Mapping[str, str] = {
    "e_min": "GeV",
    "e_max": "GeV",
    "e_ref": "GeV",
    "ref_dnde": "1 / (GeV cm2 s)",
    "ref_eflux": "GeV / (cm2 s)",
    "ref_flux": "1 / (cm2 s)",
}


def sed_bytes(rows: Sequence[Mapping[str, Any]], origin: Provenance) -> bytes:
    """Return a likelihood SED as a FITS file; where it comes from stands in COMMENT cards."""
    from astropy.io import fits
    from astropy.table import Table

    table = Table({name: np.array([row[name] for row in rows]) for name in rows[0]})
    for name, unit in UNITS.items():
        table[name].unit = unit
    unit = fits.table_to_hdu(table)
    unit.name = "SED"
    unit.header["SED_TYPE"] = "likelihood"
    unit.header["UL_CONF"] = CONFIDENCE
    for line in origin.lines():
        unit.header["COMMENT"] = line.encode("ascii", "replace").decode("ascii")
    content = io.BytesIO()
    fits.HDUList([fits.PrimaryHDU(), unit]).writeto(content)
    return content.getvalue()
