"""The dwarf galaxies that are searched: where they are and how bright dark matter makes them.

The embedded catalogue gives J factors within 0.1, 0.2 and 0.5 deg, each value with its paper; mostly Pace & Strigari
2019 (arXiv:1802.06811), collected by the Local Volume Database.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.dark_matter.catalogue_files import catalogue_table, missing_columns
from core.dark_matter.processes import FACTOR_SYMBOLS, PROCESSES, ProcessName
from core.errors import InputError, PhysicsError
from core.units import ARCMINUTE, DEGREE

if TYPE_CHECKING:
    import pandas as pd


APERTURES_DEG = (0.1, 0.2, 0.5, 10.0)
MIXED_APERTURES = ("max", "min")
EMBEDDED_CATALOGUE = Path(__file__).parent / "catalogue" / "dwarfs.csv"
NEEDED_COLUMNS = ("source", "ra_deg", "dec_deg", "distance_kpc", "half_light_radius_arcmin")
# Galaxies have J of about 14 to 24, D of 15 to 21: what lies far outside is no logarithm, or of another unit.
LOG10_FACTOR_RANGE = (10.0, 30.0)
GREATEST_RADIUS_ARCMIN = 20.0 * 60.0  # three times that of Sagittarius; what is wider is of another unit
DISTANCE_RANGE_KPC = (1.0, 1e5)
GREATEST_ERROR = 10.0  # of log10 of a factor
ENDINGS = ("", "_error_low", "_error_high")
WITHOUT_CONTESTED = "without all contested galaxies"  # a variant of an analysis, as `robustness` names it
FACTOR_COLUMNS = ("log10_j_factor_", "log10_d_factor_")
# Nearer than this (rad) to a celestial pole a source looks nearly the same at every right ascension: alone, it would
# need more events than the public sample has to be found.
POLAR = 0.25 * DEGREE


class SourceSelection(Protocol):
    """Which galaxies of a catalogue are searched: what `core.configuration.SourceSettings` says, without its module."""

    @property
    def catalogue(self) -> str:
        """ "embedded", or the path of a catalogue."""

    @property
    def j_aperture_deg(self) -> float | str:
        """Radius (deg) of the cone of J or D factors; "max" or "min": the widest or narrowest that each galaxy has."""

    @property
    def hosts(self) -> tuple[str, ...]:
        """Only satellites of these galaxies, where the catalogue names hosts."""

    @property
    def poorly_constrained(self) -> bool:
        """Whether galaxies whose factor is known to no better than a factor of ten are taken too."""

    @property
    def exclude(self) -> tuple[str, ...]:
        """Names of galaxies to leave out."""

    @property
    def subhalo_boost(self) -> float | Mapping[str, float]:
        """What subhalos make of J factors: one factor for all galaxies, or by name, 1 for the others."""

    @property
    def exclude_contested(self) -> bool:
        """Whether galaxies of which a paper contests that dark matter dominates them are left out."""


def catalogue_path(settings: SourceSelection) -> Path:
    """Return the file that the settings name."""
    return EMBEDDED_CATALOGUE if settings.catalogue == "embedded" else Path(settings.catalogue)


def read_catalogue(path: Path) -> pd.DataFrame:
    """Return a catalogue of dwarf galaxies with the columns of the embedded one.

    Takes our own columns in text, ECSV, FITS, VOTable or Parquet, or the published analysis' source list: 18 columns
    without header (name, RA and Dec in deg, half-light radius in arcmin with errors, log10 J within 0.1, 0.2, 0.5 and
    10 deg with errors). A half-light radius that is not given is taken as 0: the galaxy is a point. Raises InputError
    if the file is neither, if a row has more or fewer values than the first line, or if a value is not a number or not
    possible.
    """
    published = _published_columns()
    catalogue = catalogue_table(path, published)
    if list(catalogue.columns) == published:
        catalogue = catalogue.assign(distance_kpc=np.nan, j_factor_reference=f"source list {path.name}")
    return _checked(catalogue, path)


def _published_columns() -> list[str]:
    columns = ["source", "ra_deg", "dec_deg"]
    names = ["half_light_radius_arcmin", *(f"log10_j_factor_{aperture:g}deg" for aperture in APERTURES_DEG)]
    return columns + [f"{name}{ending}" for name in names for ending in ENDINGS]


def _allowed(catalogue: pd.DataFrame) -> dict[str, tuple[float, float]]:
    """Return (lowest, highest) possible value by column."""
    allowed = {
        "ra_deg": (0.0, 360.0),
        "dec_deg": (-90.0, 90.0),
        "half_light_radius_arcmin": (0.0, GREATEST_RADIUS_ARCMIN),
    }
    allowed["distance_kpc"] = DISTANCE_RANGE_KPC
    for factor in FACTOR_COLUMNS:
        names = [name for name in catalogue.columns if name.startswith(factor)]
        allowed |= dict.fromkeys((name for name in names if name.endswith("deg")), LOG10_FACTOR_RANGE)
        allowed |= dict.fromkeys((name for name in names if name.endswith(ENDINGS[1:])), (0.0, GREATEST_ERROR))
    return allowed


def _checked(catalogue: pd.DataFrame, path: Path) -> pd.DataFrame:
    import pandas as pd

    if missing := missing_columns(list(catalogue.columns), NEEDED_COLUMNS):
        raise InputError(f"{path} lacks the columns {missing}; it has {', '.join(catalogue.columns)}")
    names = [str(name).strip() if isinstance(name, str) else "" for name in catalogue["source"]]
    if not all(names):
        raise InputError(f"{path} holds a galaxy without a name; give every row one in the column source")
    for name in catalogue.columns.drop(["source"]):
        if name.endswith(("_deg", "_kpc", "deg", "_arcmin", "_error_low", "_error_high")):
            numbers = pd.to_numeric(catalogue[name], errors="coerce")
            bad = catalogue[~np.isfinite(numbers) & catalogue[name].notna()]
            if len(bad):
                row = bad.iloc[0]
                raise InputError(f"{path}: {name} of {row['source']} is {str(row[name])!r}, which is not a number")
            catalogue[name] = numbers
    catalogue["half_light_radius_arcmin"] = catalogue["half_light_radius_arcmin"].fillna(0.0)
    for name, (low, high) in _allowed(catalogue).items():
        possible = catalogue[name].between(low, high)
        if name.startswith(("distance", *FACTOR_COLUMNS)):
            possible |= catalogue[name].isna()
        if not possible.all():
            row = catalogue[~possible].iloc[0]
            raise InputError(f"{path}: {name} of {row['source']} is {row[name]}; allowed is {low:g} to {high:g}")
    catalogue["source"] = pd.Series(names, catalogue.index, dtype=object)
    folded = catalogue["source"].map(folded_name)
    repeated = folded[folded.duplicated()]
    if len(repeated):
        named = catalogue["source"][folded == repeated.iloc[0]].tolist()
        also = f", as {named[0]!r} and {named[1]!r}" if named[0] != named[1] else ""
        raise InputError(f"{path} names {named[0]} twice{also}")
    return catalogue


def folded_name(name: str) -> str:
    """Return a name as it is compared with others: without differences of letter case, blanks, hyphens or accents."""
    plain = unicodedata.normalize("NFKD", str(name)).casefold()
    return "".join(letter for letter in plain if letter.isalnum())


def select_sources(
    catalogue: pd.DataFrame, settings: SourceSelection, process: ProcessName = "annihilation"
) -> pa.Table:
    """Return the `sources` product: the galaxies that the settings select, brightest first.

    Of annihilation with their J factors, of decay with their D factors, which the embedded catalogue does not have.
    From the embedded catalogue galaxies without a J factor within 0.1 deg are left out: theirs are incomplete sets.
    With `exclude_contested` those go of which the catalogue names a paper that doubts what they are (`contested_by`).
    In a catalogue of the user's a selected galaxy without the factor asked for is refused with InputError. Errors of
    factors that a catalogue does not give are NaN. Factors are multiplied with what `subhalo_boost` says.
    """
    factor = PROCESSES[process].factor
    boost = settings.subhalo_boost if isinstance(settings.subhalo_boost, Mapping) else {}
    for setting, names in (("exclude", settings.exclude), ("subhalo_boost", boost)):
        if unknown := sorted(set(names) - set(catalogue["source"])):
            raise InputError(f"sources.{setting} names {', '.join(unknown)}, which the catalogue does not hold")
    keep = ~catalogue["source"].isin(settings.exclude)
    if "host" in catalogue:
        keep &= catalogue["host"].isin(settings.hosts)
    if "poorly_constrained" in catalogue and not settings.poorly_constrained:
        keep &= catalogue["poorly_constrained"] != "yes"
    if settings.exclude_contested:
        keep &= _contested_by(catalogue) == ""
    if settings.catalogue == "embedded":
        keep &= catalogue["log10_j_factor_0.1deg"].notna()
    within = catalogue.assign(**_within_aperture(catalogue, factor, settings.j_aperture_deg))
    within[f"log10_{factor}"] += np.log10(_boosts(catalogue, settings))
    selected = within[keep]
    if selected.empty:
        raise InputError("no source is left: widen sources.hosts, or leave out fewer galaxies")
    name, aperture = f"log10_{factor}", settings.j_aperture_deg
    without = selected[selected[name].isna()]
    if len(without):
        where = "any aperture" if isinstance(aperture, str) else f"{aperture:g} deg"
        raise InputError(
            f"{FACTOR_SYMBOLS[factor]} factor of {without.iloc[0]['source']} within {where} is not a number: give one, "
            "add the galaxy to sources.exclude, or choose another sources.j_aperture_deg"
        )
    ordered = selected.sort_values(name, ascending=False, kind="stable")
    return sources_table(ordered, name, ordered["aperture_deg"].to_numpy(), process)


def _boosts(catalogue: pd.DataFrame, settings: SourceSelection) -> NDArray[np.float64]:
    """Return what subhalos make of the factor of each galaxy, (n_galaxies,)."""
    boost = settings.subhalo_boost
    if not isinstance(boost, Mapping):
        return np.full(len(catalogue), boost)
    return catalogue["source"].map(lambda name: boost.get(name, 1.0)).to_numpy(dtype=float)


def _contested_by(catalogue: pd.DataFrame) -> pd.Series:
    """Return the paper that contests each galaxy, "" where there is none."""
    import pandas as pd

    if "contested_by" not in catalogue:
        return pd.Series("", index=catalogue.index)
    return catalogue["contested_by"].astype(object).fillna("").astype(str)


def _within_aperture(catalogue: pd.DataFrame, factor: str, aperture: float | str) -> dict[str, NDArray[np.float64]]:
    """Return the columns log10_<factor>, its errors and aperture_deg, NaN where a galaxy has no such value.

    "max" takes the widest aperture that a galaxy has a value for, "min" the narrowest. InputError for decay without a
    column of D factors.
    """
    import pandas as pd

    mixed = aperture in MIXED_APERTURES
    wanted = APERTURES_DEG if mixed else (float(aperture),)
    known = [value for value in wanted if f"log10_{factor}_{value:g}deg" in catalogue]
    if factor == "d_factor" and not known:
        raise InputError(
            f"decay needs D factors: the catalogue has no column log10_d_factor_{wanted[-1]:g}deg; add it, log10 of "
            "GeV cm^-2, to a catalogue of your own"
        )
    unknown = pd.Series(np.nan, index=catalogue.index)
    # Of several the last one stays that a galaxy has a value for.
    found = {f"log10_{factor}{ending}": np.full(len(catalogue), np.nan) for ending in ENDINGS}
    found["aperture_deg"] = np.full(len(catalogue), np.nan if mixed else float(aperture))
    for value in known if aperture != "min" else reversed(known):
        column = f"log10_{factor}_{value:g}deg"
        here = catalogue[column].notna().to_numpy()
        for ending in ENDINGS:
            given = catalogue.get(column + ending, unknown).to_numpy(dtype=float)
            found[f"log10_{factor}{ending}"] = np.where(here, given, found[f"log10_{factor}{ending}"])
        found["aperture_deg"] = np.where(here, value, found["aperture_deg"])
    return found


def aperture_warnings(sources: pa.Table) -> list[str]:
    """Return what a person should know of a `sources` product whose factors are within different apertures."""
    radii, numbers = np.unique(np.round(sources["j_aperture"].to_numpy() / DEGREE, 6), return_counts=True)
    if len(radii) < 2:
        return []
    each = ", ".join(f"{number} within {radius:g} deg" for radius, number in zip(radii, numbers, strict=True))
    return [f"the apertures differ ({each}): these factors do not compare, and wider ones weigh more"]


def check_directions(sources: pa.Table) -> None:
    """Raise PhysicsError if no source of a `sources` product can be told from a background even in right ascension.

    A source at a celestial pole looks the same at every right ascension: its signal less the average of it is nothing.
    One near it, or among others that are not, stands in the result with what little it tells.
    """
    dec = sources["dec"].to_numpy()
    if bool(np.all(0.5 * np.pi - np.abs(dec) < POLAR)):
        raise PhysicsError(
            f"source {sources['source'][0].as_py()} lies at a celestial pole ({dec[0] / DEGREE:+.4g} deg): its signal "
            'is even in right ascension, as the background is; add other sources, or take background = "known"'
        )


def sources_table(
    selected: pd.DataFrame,
    name: str,
    j_aperture_deg: float | NDArray[np.float64],
    process: ProcessName = "annihilation",
) -> pa.Table:
    """Return rows of a catalogue as the `sources` product.

    `name`: the column of log10 J, of decay of log10 D, beside which its errors stand; `j_aperture_deg`: its aperture,
    for all rows or each.
    """
    import pandas as pd

    factor, log10_factor = PROCESSES[process].factor, selected[name].to_numpy(dtype=float)
    references = selected.get(f"{factor}_reference", pd.Series("", index=selected.index))
    unknown = pd.Series(np.nan, index=selected.index)
    return pa.table(
        {
            "source": pa.array(selected["source"], pa.string()),
            "ra": selected["ra_deg"].to_numpy(dtype=float) * DEGREE,
            "dec": selected["dec_deg"].to_numpy(dtype=float) * DEGREE,
            "distance_kpc": selected["distance_kpc"].to_numpy(dtype=float),
            "half_light_radius": selected["half_light_radius_arcmin"].to_numpy(dtype=float) * ARCMINUTE,
            f"log10_{factor}": log10_factor,
            f"log10_{factor}_error_low": selected.get(f"{name}_error_low", unknown).to_numpy(dtype=float),
            f"log10_{factor}_error_high": selected.get(f"{name}_error_high", unknown).to_numpy(dtype=float),
            factor: 10.0**log10_factor,
            "j_aperture": np.full(len(selected), j_aperture_deg * DEGREE),
            "contested_by": pa.array(_contested_by(selected), pa.string()),
            "reference": pa.array(references.astype(object).fillna("").astype(str), pa.string()),
            "process": pa.array([process] * len(selected), pa.string()),
        }
    )
