"""Neutrinos from annihilation into a pair, generated with Pythia 8.

A colour-singlet spin-0 resonance of mass 2 m decays at rest into the pair. Initial-state radiation is off, final-state
radiation on, the weak shower on above m = 100 GeV; taus of the pair are unpolarised, those of a W or Z polarised by it;
muons, pions, kaons (K_L too) and neutrons decay, for nothing is absorbed in a dwarf galaxy. Pythia 8: Bierlich et al.,
SciPost Phys. Codebases 8 (2022), arXiv:2203.11601; weak shower: Christiansen & Sjöstrand, arXiv:1401.5238.

Pythia is an extra of this package, needed here alone: the analysis reads the table that was made with it.
"""

import importlib
import importlib.metadata
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np

from core.dark_matter.channels import CHANNELS, FLAVOURS, LINE_CHANNELS, PDG_CODES, Channel
from core.errors import InputError, PhysicsError
from core.spectra.generator_settings import (
    ENERGY_TOLERANCE,
    PAIR_CODES,
    RESONANCE,
    WEAK_SHOWER_ABOVE,
    generator_settings,
)
from core.spectra.grid import N_NODES, Array, X, node_counts
from core.spectra.thresholds import refuse_closed

LINE_TOLERANCE = 1e-9
N_SPECIES = len(FLAVOURS)
STABLE_PRODUCTS = frozenset({11, 12, 14, 16, 22, 2212})

_SPECIES_INDEX = {PDG_CODES[flavour]: index for index, flavour in enumerate(FLAVOURS)}


@dataclass(frozen=True)
class GeneratedSpectrum:
    """What one run of the generator leaves: neutrinos in the intervals between the nodes of x, species by species.

    `n_neutrinos` and `sum_of_x`: (6, n_nodes - 1); `n_line`: (6,), neutrinos with x = 1. `event_moments`: (6, 4), sums
    over events of (neutrinos, neutrinos², Σx, (Σx)²), for the statistical errors of multiplicity and energy; the line
    is in them. `largest_energy_error`: of Σ E over all stable products, relative to 2 m. `n_rejected`: events that
    Pythia gave up, or left with a hadron that it could not decay.
    """

    channel: Channel
    mass: float
    n_events: int
    seeds: tuple[int, ...]
    n_neutrinos: Array
    sum_of_x: Array
    n_line: Array
    event_moments: Array
    largest_energy_error: float
    n_rejected: int

    def counts(self) -> Array:
        """Return the continuum's counts on the nodes, (6, n_nodes), of all events together."""
        return node_counts(self.n_neutrinos, self.sum_of_x)

    def multiplicity(self) -> tuple[Array, Array]:
        """Return neutrinos per event with the statistical error, each (6,), line included."""
        return _mean_and_error(self.event_moments[:, 0], self.event_moments[:, 1], self.n_events)

    def energy_fraction(self) -> tuple[Array, Array]:
        """Return each species' share of the energy 2 m with the statistical error, each (6,), line included."""
        mean, error = _mean_and_error(self.event_moments[:, 2], self.event_moments[:, 3], self.n_events)
        return mean / 2.0, error / 2.0


@dataclass
class _Tally:
    n_neutrinos: Array = field(default_factory=lambda: np.zeros((N_SPECIES, N_NODES - 1)))
    sum_of_x: Array = field(default_factory=lambda: np.zeros((N_SPECIES, N_NODES - 1)))
    n_line: Array = field(default_factory=lambda: np.zeros(N_SPECIES))
    event_moments: Array = field(default_factory=lambda: np.zeros((N_SPECIES, 4)))
    largest_energy_error: float = 0.0

    def add(self, species: list[int], x: list[float], events: list[int]) -> None:
        """Count the neutrinos of one batch: species index, x and number of the event within the batch, each (n,)."""
        index, share, event = np.array(species, dtype=int), np.array(x), np.array(events, dtype=int)
        if not len(index):
            return
        cell = index + N_SPECIES * event
        n_cells = N_SPECIES * (int(event.max()) + 1)
        number = np.bincount(cell, minlength=n_cells).reshape(-1, N_SPECIES)
        energy = np.bincount(cell, weights=share, minlength=n_cells).reshape(-1, N_SPECIES)
        moments = (number.sum(0), (number**2).sum(0), energy.sum(0), (energy**2).sum(0))
        self.event_moments += np.stack(moments, axis=1)
        line = share > 1.0 - LINE_TOLERANCE
        self.n_line += np.bincount(index[line], minlength=N_SPECIES)
        index, share = index[~line], np.maximum(share[~line], X[0])
        interval = np.searchsorted(X, share, side="right") - 1
        np.add.at(self.n_neutrinos, (index, interval), 1.0)
        np.add.at(self.sum_of_x, (index, interval), share)


def generate(
    channel: Channel,
    mass: float,
    n_events: int,
    seed: int = 0,
    boson_width: float | None = None,
    further_settings: Sequence[str] = (),
) -> GeneratedSpectrum:
    """Return the neutrinos of `n_events` annihilations of particles of this mass into this channel.

    With `boson_width` (GeV) the bosons of WW, ZZ and hh have the mass at which their channel opens, to within that
    width, instead of a mass from their resonance: next to the threshold such a pair is at rest, and its decays are
    those of any other mass before the boost. `further_settings` are lines for Pythia after `generator_settings`, to
    study what a treatment does.

    The stream of random numbers depends on (channel, mass, seed) alone: work is split by seed and summed with
    `merged`. Raises PhysicsError for a closed channel, for nunu (generate its three flavours), or when energy is not
    conserved to 1e-6; InputError when Pythia is not installed or refuses to start.
    """
    if channel not in PAIR_CODES:
        raise PhysicsError(f"channel {channel!r} is not generated: known are {', '.join(PAIR_CODES)}")
    refuse_closed(channel, mass)
    if channel in LINE_CHANNELS and mass <= WEAK_SHOWER_ABOVE:
        return _line_alone(channel, mass, n_events, seed)
    settings = [*generator_settings(channel, mass, boson_width), *further_settings]
    pythia, _process = _started_pythia(channel, mass, seed, settings)
    tally, n_done, n_rejected = _Tally(), 0, 0
    while n_done < n_events:
        n_batch = min(1000, n_events - n_done)
        n_rejected += _run_batch(pythia, mass, n_batch, tally)
        n_done += n_batch
        if n_rejected > max(100, n_events // 10):
            raise PhysicsError(f"Pythia rejects too many events of {channel} at {mass:g} GeV: {n_rejected} of {n_done}")
    return GeneratedSpectrum(
        channel,
        mass,
        n_events,
        (seed,),
        tally.n_neutrinos,
        tally.sum_of_x,
        tally.n_line,
        tally.event_moments,
        tally.largest_energy_error,
        n_rejected,
    )


def merged(parts: list[GeneratedSpectrum]) -> GeneratedSpectrum:
    """Return the sum of runs of one channel and mass with different seeds; PhysicsError if they are not that."""
    pairs = Counter((part.channel, part.mass) for part in parts)
    seeds = [seed for part in parts for seed in part.seeds]
    if len(pairs) != 1:
        raise PhysicsError(f"only runs of one channel and mass can be summed, here are {list(pairs)}")
    if len(set(seeds)) != len(seeds):
        raise PhysicsError(f"the same seed twice would count the same events twice: {sorted(seeds)}")
    summed: dict[str, Any] = {
        name: np.sum([getattr(part, name) for part in parts], axis=0)
        for name in ("n_neutrinos", "sum_of_x", "n_line", "event_moments")
    }
    return GeneratedSpectrum(
        channel=parts[0].channel,
        mass=parts[0].mass,
        n_events=sum(part.n_events for part in parts),
        seeds=tuple(seeds),
        largest_energy_error=max(part.largest_energy_error for part in parts),
        n_rejected=sum(part.n_rejected for part in parts),
        **summed,
    )


def pythia_version() -> str:
    """Return the version of the generator; InputError when it is not installed."""
    return importlib.metadata.version(_pythia_module().__name__)


def _pythia_module() -> Any:
    try:
        return importlib.import_module("pythia8mc")
    except ImportError as error:
        raise InputError("Pythia 8 is not installed: it is the extra 'pythia' (uv sync --extra pythia)") from error


def _started_pythia(channel: Channel, mass: float, seed: int, settings: Sequence[str]) -> tuple[Any, Any]:
    module = _pythia_module()
    pythia = module.Pythia("", False)
    seed_line = f"Random:seed = {_pythia_seed(channel, mass, seed)}"
    quiet = ["Print:quiet = on", "Random:setSeed = on", seed_line]
    for line in [*quiet, *settings]:
        if not pythia.readString(line):
            raise InputError(f"Pythia refuses the setting {line!r}")
    process = _resonance_process(module)
    pythia.setSigmaPtr(process)
    if not pythia.init():
        raise InputError(f"Pythia does not start for {channel} at {mass:g} GeV (seed {seed})")
    return pythia, process


def _pythia_seed(channel: Channel, mass: float, seed: int) -> int:
    """Return a seed in Pythia's range, 1 to 900,000,000, that is another for each (channel, mass, seed)."""
    words = [seed, CHANNELS.index(channel), zlib.crc32(repr(float(mass)).encode())]
    return 1 + int(np.random.SeedSequence(words).generate_state(1, np.uint64)[0] % 900_000_000)


def _resonance_process(module: Any) -> Any:
    """Return the process e⁺e⁻ → resonance with unit cross section, which puts the resonance at rest."""

    class ResonanceAtRest(module.Sigma1Process):  # type: ignore[misc]
        def sigmaHat(self) -> float:  # noqa: N802
            return 1.0

        def setIdColAcol(self) -> None:  # noqa: N802
            self.setId(-11, 11, RESONANCE)
            self.setColAcol(0, 0, 0, 0, 0, 0)

        def name(self) -> str:
            return "resonance at rest"

        def code(self) -> int:
            return 9001

        def inFlux(self) -> str:  # noqa: N802
            return "ffbarSame"

        def resonanceA(self) -> int:  # noqa: N802
            return RESONANCE

    return ResonanceAtRest()


def _stable_products(pythia: Any) -> list[tuple[int, float]] | None:
    """Return code and energy (GeV) of what an event ends in; None if something is left that should have decayed.

    Of one event in a million Pythia leaves a broad resonance that came out too light for its decays.
    """
    products = [(particle.id(), particle.e()) for particle in pythia.event.particles() if particle.status() > 0]
    is_whole = all(code in _SPECIES_INDEX or abs(code) in STABLE_PRODUCTS for code, _ in products)
    return products if is_whole else None


def _run_batch(pythia: Any, mass: float, n_batch: int, tally: _Tally) -> int:
    """Generate and count a batch of events; return how many attempts Pythia rejected."""
    species: list[int] = []
    shares: list[float] = []
    events: list[int] = []
    n_good, n_rejected = 0, 0
    while n_good < n_batch:
        products = _stable_products(pythia) if pythia.next() else None
        if products is None:
            n_rejected += 1
            if n_rejected > 10 * n_batch:
                raise PhysicsError(f"Pythia gives no events at {mass:g} GeV: {n_rejected} attempts rejected")
            continue
        for code, energy in products:
            if code in _SPECIES_INDEX:
                species.append(_SPECIES_INDEX[code])
                shares.append(energy / mass)
                events.append(n_good)
        total = sum(energy for _, energy in products)
        tally.largest_energy_error = max(tally.largest_energy_error, _energy_error(total, mass))
        n_good += 1
    tally.add(species, shares, events)
    return n_rejected


def _energy_error(total_energy: float, mass: float) -> float:
    error = abs(total_energy / (2.0 * mass) - 1.0)
    if not error <= ENERGY_TOLERANCE:
        raise PhysicsError(f"an event at {mass:g} GeV has the energy {total_energy:.9g} GeV instead of {2.0 * mass:g}")
    return error


def _line_alone(channel: Channel, mass: float, n_events: int, seed: int) -> GeneratedSpectrum:
    """Return a neutrino pair that nothing shifts: without the weak shower it keeps its energy."""
    tally = _Tally()
    for code in PAIR_CODES[channel]:
        tally.n_line[_SPECIES_INDEX[code]] = n_events
        tally.event_moments[_SPECIES_INDEX[code]] = n_events
    arrays = {item.name: getattr(tally, item.name) for item in fields(tally)}
    return GeneratedSpectrum(channel=channel, mass=mass, n_events=n_events, seeds=(seed,), n_rejected=0, **arrays)


def _mean_and_error(total: Array, total_of_squares: Array, n_events: int) -> tuple[Array, Array]:
    mean = total / n_events
    variance = np.maximum(total_of_squares / n_events - mean**2, 0.0)
    return mean, np.sqrt(variance / n_events)
