"""The response of any telescope from tables in a folder: area by zenith, migration, angular error, background.

Files are those of `FILES`, described in docs/inputs.md. The response that comes out is by declination, averaged over
the sidereal day, in the bins of the South Pole, where cos zenith is -sin(dec): all that follows is the same for any
place.
It holds for an exposure that is even over the day, and where migration and angular error follow from class and energy
alone, as these tables give them.
"""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

from core.dark_matter.channels import FLAVOURS, listed
from core.errors import InputError
from core.events.classes import EVENT_CLASSES, INTERACTIONS
from core.events.counts import binned_events
from core.files import MOST_CONFIGURATION, read_text
from core.products.digests import digest_of_file
from core.response.model import SPECIES_SHAPE, Response
from core.response.shipping import write_response
from core.response.sidereal import declination_shares, time_shares
from core.spectra.user_columns import UserColumns, read_columns
from core.units import DAY, DEGREE, SQUARE_METRE

Reals = NDArray[np.float64]
Integers = NDArray[np.int64]

DETECTOR, AREA = "detector.toml", "effective_area.csv"
MIGRATION, ANGLE, COUNTS = "energy_migration.csv", "angular_error.csv", "event_counts.csv"
FILES = (DETECTOR, AREA, MIGRATION, ANGLE, COUNTS)
KEYS = ("name", "latitude_deg", "livetime_days")
# Bands of sin(dec): of true directions, between whose centres areas are interpolated, and of reconstructed ones.
TRUE_EDGES: Reals = np.linspace(-1.0, 1.0, 81)
RECO_EDGES: Reals = np.linspace(-1.0, 1.0, 21)
SAME = 1e-6  # relative, of an edge that stands in two rows
MOST_ANGLE_DEG = 85.0  # of a median: near 90 deg a kernel says nothing of a direction
MOST_DAYS = 36_525.0
MOST_AREA = 1e9  # m2, more than any neutrino telescope reaches


@dataclass(frozen=True)
class Telescope:
    """What `detector.toml` tells: a name, the latitude (rad, north positive) and the livetime (s)."""

    name: str
    latitude: float
    livetime: float


def is_telescope(folder: Path) -> bool:
    """Return whether a folder describes a telescope by tables."""
    return (folder / DETECTOR).is_file()


def write_telescope(folder: Path, output: Path, names: tuple[str, str]) -> tuple[Telescope, tuple[Path, Path]]:
    """Write response and counts of the telescope in a folder into another, under two names; return it and the files.

    Raises InputError, naming file, row and column, for what no telescope has; nothing is written then.
    """
    telescope = read_telescope(folder / DETECTOR)
    counts, energies = declination_counts(folder / COUNTS, telescope.latitude)
    response = telescope_response(folder, telescope)
    if len(energies) != len(response.reco_energy_edges) or not np.allclose(energies, response.reco_energy_edges, SAME):
        raise InputError(f"{folder / COUNTS}: its reconstructed energies are not those of {folder / MIGRATION}")
    origin = {"source": f"tables of {telescope.name}", "livetime": f"{telescope.livetime:.0f} s"}
    origin |= {name: digest_of_file(folder / name) for name in FILES}
    table = binned_events(counts, energies, RECO_EDGES).replace_schema_metadata(origin)
    paths = output / names[0], output / names[1]
    try:
        output.mkdir(parents=True, exist_ok=True)
        write_response(response, paths[0], origin)
        pq.write_table(table, paths[1])
    except OSError as error:
        raise InputError(f"cannot write into {output}: {error.strerror or error}") from error
    return telescope, paths


def read_telescope(path: Path) -> Telescope:
    """Return what a `detector.toml` tells; InputError for another."""
    try:
        told = tomllib.loads(read_text(path, MOST_CONFIGURATION))
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path} is not a TOML file: {error}") from error
    if sorted(told) != sorted(KEYS):
        raise InputError(f"{path}: has the keys {listed(told) or 'none'}; {listed(KEYS)} are due")
    if not isinstance(told["name"], str) or not told["name"].strip():
        raise InputError(f"{path}: name = {told['name']!r}; a name is due")
    for key, low, high in (("latitude_deg", -90.0, 90.0), ("livetime_days", 0.0, MOST_DAYS)):
        value = told[key]
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise InputError(f"{path}: {key} = {value!r}; a number from {low:g} to {high:g} is due")
    if not told["livetime_days"]:
        raise InputError(f"{path}: livetime_days = 0; days above 0 are due")
    return Telescope(told["name"], float(told["latitude_deg"]) * DEGREE, float(told["livetime_days"]) * DAY)


def telescope_response(folder: Path, telescope: Telescope) -> Response:
    """Return the response by declination, in the bins of the South Pole, of the tables in a folder."""
    energies, zeniths, by_zenith = effective_area(folder / AREA)
    reco, migration = energy_migration(folder / MIGRATION, energies)
    kappa = angular_kappa(folder / ANGLE, energies)
    centres = 0.5 * (TRUE_EDGES[1:] + TRUE_EDGES[:-1])
    # In the bins of the Pole the direction of cos zenith c has the declination of sine -c.
    area = by_zenith @ time_shares(np.arcsin(-centres), zeniths, telescope.latitude).T
    kept = migration.sum(axis=-1)
    area *= kept[:, :, None]  # events that no bin of reconstructed energy holds are not selected
    migration = np.divide(migration, kept[..., None], out=np.zeros_like(migration), where=kept[..., None] > 0.0)
    n_energies, n_reco, n_bands = len(energies) - 1, len(reco) - 1, len(RECO_EDGES) - 1
    kernels = np.broadcast_to(kappa[:, :, None], (*SPECIES_SHAPE, n_energies, n_reco)).copy()
    shape = (*SPECIES_SHAPE, n_energies)
    return Response(
        true_energy_edges=energies,
        true_cos_zenith_edges=TRUE_EDGES,
        reco_energy_edges=reco,
        reco_cos_zenith_edges=RECO_EDGES,
        angular_energy_edges=energies,
        effective_area=area,
        effective_area_error=np.zeros_like(area),
        energy_migration=np.broadcast_to(migration, (*shape, n_reco)).copy(),
        energy_migration_error=np.zeros((*shape, n_reco)),
        kappa_core=kernels,
        kappa_core_error=np.zeros_like(kernels),
        kappa_tail=kernels,
        kappa_tail_error=np.zeros_like(kernels),
        tail_fraction=np.zeros_like(kernels),
        tail_fraction_error=np.zeros_like(kernels),
        true_zenith_energy_factor=np.ones((*shape, n_bands, n_reco)),
        reco_zenith_energy_factor=np.ones((*shape, n_reco, n_bands)),
        true_reco_zenith_factor=np.ones((*shape, n_bands, n_bands)),
        livetime=telescope.livetime,
    )


def effective_area(path: Path) -> tuple[Reals, Reals, Reals]:
    """Return edges of energy (GeV) and of cos zenith, and the area (6, 2, 2, nE, nz) cm² of a table.

    A table without a column `interaction` gives the area of all interactions: it stands as that of CC here.
    """
    table = read_columns(path)
    names = ("flavour", "event_class", *_ends("energy"), *_ends("cos_zenith"), "effective_area_m2")
    _require(table, names, ("interaction",))
    (energies, energy), (zeniths, zenith) = _bins(table, "energy"), _bins(table, "cos_zenith")
    _refuse_part_of_sky(table, zeniths)
    flavour, event_class = _words(table, "flavour", FLAVOURS), _words(table, "event_class", EVENT_CLASSES)
    is_told = "interaction" in table.values
    interaction = _words(table, "interaction", INTERACTIONS) if is_told else np.zeros(len(energy), np.int64)
    values = table.numbers("effective_area_m2", 0.0, MOST_AREA, f"0 to {MOST_AREA:g} m2") * SQUARE_METRE
    n_interactions = len(INTERACTIONS) if is_told else 1
    shape = (len(FLAVOURS), n_interactions, len(EVENT_CLASSES), len(energies) - 1, len(zeniths) - 1)
    area = _grid(table, (flavour, interaction, event_class, energy, zenith), shape, values)
    if not area.any():
        raise InputError(f"{path}: effective_area_m2 is 0 in every row")
    missing = ((0, 0), (0, len(INTERACTIONS) - n_interactions), (0, 0), (0, 0), (0, 0))
    return energies, zeniths, np.pad(area, missing)


def energy_migration(path: Path, energies: Reals) -> tuple[Reals, Reals]:
    """Return edges of reconstructed energy (GeV) and the probability of each, (2 classes, nE, nr).

    Rows sum to 1 at most; what lacks are events that no bin holds.
    """
    table = read_columns(path)
    _require(table, ("event_class", *_ends("energy"), *_ends("reco_energy"), "probability"))
    (found, energy), (reco, place) = _bins(table, "energy"), _bins(table, "reco_energy")
    _refuse_other(path, found, energies)
    values = table.numbers("probability", 0.0, 1.0, "0 to 1")
    shape = (len(EVENT_CLASSES), len(energies) - 1, len(reco) - 1)
    migration = _grid(table, (_words(table, "event_class", EVENT_CLASSES), energy, place), shape, values)
    sums = migration.sum(axis=-1)
    if (sums > 1.0 + 1e-3).any():
        raise InputError(f"{path}: the probabilities of an energy sum to {sums.max():.4g}; up to 1 is allowed")
    return reco, migration


def angular_kappa(path: Path, energies: Reals) -> Reals:
    """Return the concentration of the kernel of each class and energy, (2, nE), whose median angle a table gives."""
    table = read_columns(path)
    _require(table, ("event_class", *_ends("energy"), "median_angle_deg"))
    found, energy = _bins(table, "energy")
    _refuse_other(path, found, energies)
    values = table.numbers("median_angle_deg", 0.01, MOST_ANGLE_DEG, f"0.01 to {MOST_ANGLE_DEG:g} deg")
    shape = (len(EVENT_CLASSES), len(energies) - 1)
    places = (_words(table, "event_class", EVENT_CLASSES), energy)
    return kappa_of_median(_grid(table, places, shape, values) * DEGREE)


def kappa_of_median(angle: Reals) -> Reals:
    """Return the concentration κ of a von Mises-Fisher kernel of which half lies within an angle (rad, below π/2).

    1 - exp(-κ(1 - cos ψ)) = (1 - exp(-2κ))/2, solved by repeating κ = -ln((1 + exp(-2κ))/2)/(1 - cos ψ).
    """
    opening = 2.0 * np.sin(0.5 * angle) ** 2
    kappa = np.log(2.0) / opening
    for _ in range(500):
        kappa = (np.log(2.0) - np.log1p(np.exp(-2.0 * kappa))) / opening
    return np.asarray(kappa)


def declination_counts(path: Path, latitude: float) -> tuple[NDArray[np.int64], Reals]:
    """Return events (2 classes, nr, nb) in the bins of the South Pole, and their edges of reconstructed energy (GeV).

    A table has them by cos zenith; within a band they are taken as even in zenith and azimuth. They are rounded to
    whole events so that each class and energy keeps its number.
    """
    table = read_columns(path)
    _require(table, ("event_class", *_ends("reco_energy"), *_ends("reco_cos_zenith"), "n_events"))
    (energies, energy), (zeniths, zenith) = _bins(table, "reco_energy"), _bins(table, "reco_cos_zenith")
    _refuse_part_of_sky(table, zeniths)
    values = table.numbers("n_events", 0.0, 1e15, "events, 0 or more")
    places = (_words(table, "event_class", EVENT_CLASSES), energy, zenith)
    found = _grid(table, places, (len(EVENT_CLASSES), len(energies) - 1, len(zeniths) - 1), values)
    # Bands of the Pole's cos zenith, which is -sin(dec), rise from north to south.
    shares = declination_shares(zeniths, RECO_EDGES, latitude)[:, ::-1]
    counts = whole_events(found @ shares)
    if not counts.any():
        raise InputError(f"{path}: holds no event: there is no background to estimate")
    return counts, energies


def whole_events(expected: Reals) -> NDArray[np.int64]:
    """Return whole numbers (..., n) next to those given, each row with the sum, rounded, of what was given."""
    whole = np.floor(expected).astype(np.int64)
    n_more = np.rint(expected.sum(axis=-1)).astype(np.int64) - whole.sum(axis=-1)
    order = np.argsort(np.argsort(-(expected - whole), axis=-1, kind="stable"), axis=-1)
    return np.asarray(whole + (order < n_more[..., None]))


def _ends(name: str) -> tuple[str, str]:
    return f"{name}_low", f"{name}_high"


def _require(table: UserColumns, names: Sequence[str], optional: Sequence[str] = ()) -> None:
    missing = [name for name in names if name not in table.values]
    unknown = [name for name in table.values if name not in (*names, *optional)]
    if missing or unknown:
        said = f"lacks {listed(missing)}" if missing else f"has {listed(unknown)}, which says nothing here"
        raise InputError(f"{table.path}: {said}; the columns {listed(names)} are due")


def _words(table: UserColumns, name: str, known: tuple[str, ...]) -> Integers:
    """Return the index of each row's word among the known ones, (n_rows,)."""
    for row, word in enumerate(table.values[name]):
        if word not in known:
            raise InputError(table.complaint(row, name, listed(known)))
    return np.array([known.index(word) for word in table.values[name]], dtype=np.int64)


def _bins(table: UserColumns, name: str) -> tuple[Reals, Integers]:
    """Return the edges of a column's bins, which follow one another, and the bin of each row, (n_rows,)."""
    is_energy = "energy" in name
    least, most, allowed = (1e-3, 1e9, "GeV, above 0") if is_energy else (-1.0, 1.0, "-1 to 1")
    low, high = (table.numbers(end, least, most, allowed) for end in _ends(name))
    edges = np.unique(low)
    ends = np.append(edges[1:], high.max())
    place = np.searchsorted(edges, low)
    if not np.allclose(high, ends[place], SAME, SAME) or not (ends > edges).all():
        row = int(np.argmax(~np.isclose(high, ends[place], SAME, SAME)))
        raise InputError(table.complaint(row, f"{name}_high", f"{ends[place[row]]:g}: bins follow one another"))
    return np.append(edges, ends[-1]), np.asarray(place, dtype=np.int64)


def _refuse_part_of_sky(table: UserColumns, edges: Reals) -> None:
    if edges[0] > -1.0 + SAME or edges[-1] < 1.0 - SAME:
        raise InputError(
            f"{table.path}: cos zenith runs from {edges[0]:g} to {edges[-1]:g}; all directions, -1 to 1, are due: "
            "give bands without exposure with 0"
        )


def _refuse_other(path: Path, found: Reals, energies: Reals) -> None:
    if len(found) != len(energies) or not np.allclose(found, energies, SAME):
        raise InputError(
            f"{path}: has {len(found) - 1} bins of energy, {found[0]:g} to {found[-1]:g} GeV; those of {AREA} are "
            f"{len(energies) - 1}, {energies[0]:g} to {energies[-1]:g} GeV"
        )


def _grid(table: UserColumns, places: tuple[Integers, ...], shape: tuple[int, ...], values: Reals) -> Reals:
    """Return values by their places in a grid; InputError unless each cell has one row."""
    cells = np.ravel_multi_index(places, shape)
    n_cells = int(np.prod(shape))
    if not np.array_equal(np.sort(cells), np.arange(n_cells)):
        n_found = len(np.unique(cells))
        raise InputError(
            f"{table.path}: has {len(cells)} rows in {n_found} of {n_cells} cells; one row in each cell is due"
        )
    grid = np.zeros(n_cells)
    grid[cells] = values
    return grid.reshape(shape)
