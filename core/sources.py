"""The dwarf galaxies that are searched: where they are and how bright annihilating dark matter makes them.

The embedded catalogue gives J factors within 0.1, 0.2 and 0.5 deg, each value with its paper; mostly Pace & Strigari
2019 (arXiv:1802.06811), collected by the Local Volume Database.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from core.config import APERTURES_DEG, SourceSettings
from core.errors import InputError
from core.units import ARCMINUTE, DEGREE

EMBEDDED_CATALOGUE = Path(__file__).parent / "catalogue" / "dwarfs.csv"
NEEDED_COLUMNS = ("source", "ra_deg", "dec_deg", "distance_kpc", "half_light_radius_arcmin")


def catalogue_path(settings: SourceSettings) -> Path:
    """Return the file that the settings name."""
    return EMBEDDED_CATALOGUE if settings.catalogue == "embedded" else Path(settings.catalogue)


def read_catalogue(path: Path) -> pd.DataFrame:
    """Return a catalogue of dwarf galaxies with the columns of the embedded one.

    Takes our own CSV format or the published analysis' source list: 18 columns without header (name, RA and Dec in
    deg, half-light radius in arcmin with errors, log10 J within 0.1, 0.2, 0.5 and 10 deg with errors). Raises
    InputError if the file is neither, or if a value is not a number.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot read the source catalogue {path}: {getattr(error, 'strerror', error)}") from error
    first_line = next((line for line in text.splitlines() if line.strip() and not line.startswith("#")), "")
    if first_line.startswith("source,"):
        catalogue = pd.read_csv(path, comment="#", skipinitialspace=True)
    elif first_line.count(",") == len(_published_columns()) - 1:
        catalogue = pd.read_csv(path, comment="#", skipinitialspace=True, names=_published_columns())
        catalogue = catalogue.assign(distance_kpc=np.nan, j_factor_reference=f"source list {path.name}")
    else:
        raise InputError(
            f"{path} is not a source catalogue: its first line has neither the header source,ra_deg,dec_deg,... "
            "nor the 18 columns of the published source list"
        )
    return _checked(catalogue, path)


def _published_columns() -> list[str]:
    columns = ["source", "ra_deg", "dec_deg"]
    names = ["half_light_radius_arcmin", *(f"log10_j_factor_{aperture}deg" for aperture in (*APERTURES_DEG, 10))]
    return columns + [f"{name}{ending}" for name in names for ending in ("", "_error_low", "_error_high")]


def _checked(catalogue: pd.DataFrame, path: Path) -> pd.DataFrame:
    missing = [name for name in NEEDED_COLUMNS if name not in catalogue]
    if missing:
        raise InputError(f"{path} lacks the columns {', '.join(missing)}; it has {', '.join(catalogue.columns)}")
    for name in catalogue.columns.drop(["source"]):
        if name.endswith(("_deg", "_kpc", "deg", "_arcmin", "_error_low", "_error_high")):
            numbers = pd.to_numeric(catalogue[name], errors="coerce")
            bad = catalogue[~np.isfinite(numbers) & catalogue[name].notna()]
            if len(bad):
                row = bad.iloc[0]
                raise InputError(f"{path}: {name} of {row['source']} is {str(row[name])!r}, which is not a number")
            catalogue[name] = numbers
    for name, low, high in (("ra_deg", 0.0, 360.0), ("dec_deg", -90.0, 90.0)):
        outside = catalogue[~catalogue[name].between(low, high)]
        if len(outside):
            row = outside.iloc[0]
            raise InputError(f"{path}: {name} of {row['source']} is {row[name]}; allowed is {low:g} to {high:g}")
    repeated = catalogue[catalogue["source"].duplicated()]
    if len(repeated):
        raise InputError(f"{path} names {repeated.iloc[0]['source']} twice")
    return catalogue


def select_sources(catalogue: pd.DataFrame, settings: SourceSettings) -> pa.Table:
    """Return the `sources` product: the galaxies that the settings select, brightest first.

    From the embedded catalogue galaxies without a J factor within 0.1 deg are left out: theirs are incomplete sets. In
    a catalogue of the user's a selected galaxy without the J factor asked for is refused with InputError.
    """
    unknown = sorted(set(settings.exclude) - set(catalogue["source"]))
    if unknown:
        raise InputError(f"sources.exclude names {', '.join(unknown)}, which the catalogue does not hold")
    keep = ~catalogue["source"].isin(settings.exclude)
    if "host" in catalogue:
        keep &= catalogue["host"].isin(settings.hosts)
    if "poorly_constrained" in catalogue and not settings.poorly_constrained:
        keep &= catalogue["poorly_constrained"] != "yes"
    name = f"log10_j_factor_{settings.j_aperture_deg:g}deg"
    if settings.catalogue == "embedded":
        keep &= catalogue["log10_j_factor_0.1deg"].notna()
    selected = catalogue[keep]
    if selected.empty:
        raise InputError("no source is left: widen sources.hosts or shorten sources.exclude")
    without = selected[selected[name].isna()] if name in selected else selected
    if len(without):
        raise InputError(
            f"J factor of {without.iloc[0]['source']} within {settings.j_aperture_deg:g} deg is not a number: "
            "give one, add the galaxy to sources.exclude, or choose another sources.j_aperture_deg"
        )
    return _sources_table(selected.sort_values(name, ascending=False, kind="stable"), name, settings.j_aperture_deg)


def _sources_table(selected: pd.DataFrame, name: str, j_aperture_deg: float) -> pa.Table:
    references = selected.get("j_factor_reference", pd.Series("", index=selected.index))
    log10_j_factor = selected[name].to_numpy(dtype=float)
    return pa.table(
        {
            "source": pa.array(selected["source"], pa.string()),
            "ra": selected["ra_deg"].to_numpy(dtype=float) * DEGREE,
            "dec": selected["dec_deg"].to_numpy(dtype=float) * DEGREE,
            "distance_kpc": selected["distance_kpc"].to_numpy(dtype=float),
            "half_light_radius": selected["half_light_radius_arcmin"].to_numpy(dtype=float) * ARCMINUTE,
            "log10_j_factor": log10_j_factor,
            "log10_j_factor_error_low": selected[f"{name}_error_low"].to_numpy(dtype=float),
            "log10_j_factor_error_high": selected[f"{name}_error_high"].to_numpy(dtype=float),
            "j_factor": 10.0**log10_j_factor,
            "j_aperture": np.full(len(selected), j_aperture_deg * DEGREE),
            "reference": pa.array(references, pa.string()),
        }
    )
