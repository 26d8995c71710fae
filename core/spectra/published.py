"""Spectra of the published analysis (arXiv:2511.19385): a pickled dict `[channel][mass]["Energy" | "EdNdE"]`.

They are spectra at Earth, averaged over the three flavours, so that every species has the same one; oscillation does
not move them any more. EdNdE = dN/dlnE per species and annihilation on the nodes x = E/m of PPPC, whose lines are half
Gaussians.
"""

import math
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from core.channels import FLAVOURS, Channel, canonical_channel
from core.errors import InputError, PhysicsError
from core.legacy import load_pickled
from core.spectra.grid import LOG10_X, Array, X, shared_among_nodes, trapezoid_widths
from core.spectra.pppc import split_line
from core.spectra.spectrum import ProducedSpectra
from core.spectra.table import SpectrumTable


def read_published_spectra(path: Path) -> SpectrumTable:
    """Return the spectra in a file; InputError names what the dict lacks or holds wrongly."""
    content = load_pickled(path)
    pairs: dict[Channel, dict[float, ProducedSpectra]] = defaultdict(dict)
    for name, masses in _mapping(path, "the file", content).items():
        channel = _channel(path, name)
        for mass_name, columns in _mapping(path, f"channel {name}", masses).items():
            where = f"channel {name}, mass {mass_name}"
            mass = _mass(path, where, mass_name)
            pairs[channel][mass] = _produced(path, where, channel, mass, _mapping(path, where, columns))
    if not pairs:
        raise InputError(f"{path}: holds no channel")
    return SpectrumTable(f"the published spectra in {path}", dict(pairs), at_earth=True)


def _mapping(path: Path, where: str, content: object) -> Mapping[object, object]:
    if not isinstance(content, dict):
        raise InputError(f"{path}: {where} holds a {type(content).__name__}, expected a dict")
    return content


def _channel(path: Path, name: object) -> Channel:
    try:
        return canonical_channel(str(name))
    except PhysicsError as error:
        raise InputError(f"{path}: {error}") from error


def _mass(path: Path, where: str, name: object) -> float:
    try:
        mass = float(str(name))
    except ValueError as error:
        raise InputError(f"{path}: {where}: that is no mass in GeV") from error
    if not (math.isfinite(mass) and mass > 0.0):
        raise InputError(f"{path}: {where}: that is no mass in GeV")
    return mass


def _produced(
    path: Path, where: str, channel: Channel, mass: float, columns: Mapping[object, object]
) -> ProducedSpectra:
    energy, density = (_column(path, where, columns, name) for name in ("Energy", "EdNdE"))
    if len(energy) != len(density) or len(energy) < 2:
        raise InputError(f"{path}: {where}: Energy has {len(energy)} values and EdNdE {len(density)}")
    if not (np.diff(energy) > 0.0).all() or energy[0] <= 0.0 or energy[-1] > mass * (1.0 + 1e-6):
        raise InputError(f"{path}: {where}, column Energy: must rise from above 0 to at most the mass")
    if (density < 0.0).any():
        raise InputError(f"{path}: {where}, column EdNdE: is negative, no number of neutrinos is")
    log10_x: Array = np.log10(energy / mass)
    log10_x = log10_x.round(9)
    continuum, line = split_line(log10_x, density * math.log(10.0))
    counts = shared_among_nodes(continuum * trapezoid_widths(log10_x), 10.0**log10_x, X)
    n_species = len(FLAVOURS)
    return ProducedSpectra(channel, mass, LOG10_X, np.tile(counts, (n_species, 1)), np.full(n_species, line))


def _column(path: Path, where: str, columns: Mapping[object, object], name: str) -> Array:
    if name not in columns:
        raise InputError(f"{path}: {where} has no column {name}; it has {', '.join(map(str, columns))}")
    try:
        values = np.asarray(columns[name], dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(f"{path}: {where}, column {name}: holds no numbers") from error
    if values.ndim != 1 or not np.isfinite(values).all():
        raise InputError(f"{path}: {where}, column {name}: must be a list of finite numbers")
    return values
