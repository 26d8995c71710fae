"""A signal to be found: events of dark matter, drawn as those of the sample `simulated-7y` are."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.coordinates import equatorial_to_local
from core.dark_matter.channels import Flavour
from core.dark_matter.processes import process_of
from core.errors import InputError
from core.events.columns import empty_event_table
from core.response.continued import continued_response
from core.response.model import Response
from core.signal.acceptance import Acceptance, source_acceptance
from core.simulation.reconstruction import TrueEvents, turned
from core.simulation.sample import (
    Cells,
    finished_table,
    random_generator,
    random_key,
    reconstructed_columns,
)
from core.simulation.seasons import known_season, simulated_livetime, times_in_good_runs
from core.spectra.spectrum import Spectrum

Reals = NDArray[np.float64]
Integers = NDArray[np.int64]

# Room for the numbers of events in one part of a season; the first part are the atmospheric neutrinos.
EVENTS_OF_A_PART = 10_000_000


def simulated_response() -> Response:
    """Return what the events are drawn from, as far as a response has it: the effective area of all of them.

    Its livetime is that of all seasons. Migration and kernels are those of the public range alone.
    """
    continued = continued_response()
    return replace(continued.inside, effective_area=continued.effective_area, livetime=simulated_livetime())


def injected_signal(
    spectra: Mapping[Flavour, Spectrum],
    sources: pa.Table,
    mass: float,
    strength: float,
    season: str,
    seed: int = 0,
    part: int = 1,
) -> pa.Table:
    """Return data events of dark matter annihilating or decaying in the sources, a Poisson number from each.

    `spectra` at Earth, of all six species; `sources`: the `sources` product; `mass` in GeV; `strength`: ⟨σv⟩
    (cm³ s⁻¹), or the decay rate (s⁻¹) if the sources' process is decay. The expected numbers are those of
    core.signal.acceptance for the season's livetime; a source spreads its events around its centre, Gaussian, by its
    half-light radius per axis. Signals of one season differ by their `part`, 1 or more; events are numbered from
    10,000,000 times it. Raises InputError for an unknown season or a negative strength, PhysicsError where
    core.signal.acceptance does.
    """
    if not 0.0 <= strength < np.inf:
        raise InputError(f"{process_of(sources).strength} is {strength}: a finite value, not negative, is due")
    acceptance = source_acceptance(simulated_response(), spectra, sources, mass)
    generator = random_generator(random_key(seed, "signal", known_season(season)), part - 1)
    share = simulated_livetime((season,)) / simulated_livetime()
    n_events = generator.poisson(acceptance.n_s_per_strength * strength * share)
    source = np.repeat(np.arange(len(n_events)), n_events)
    if not len(source):
        return empty_event_table("data")
    runs, mjd = times_in_good_runs(season, generator.random(len(source)))
    ra, dec = (sources[name].to_numpy()[source] for name in ("ra", "dec"))
    radius = sources["half_light_radius"].to_numpy()[source] * np.sqrt(-2.0 * np.log1p(-generator.random(len(source))))
    colatitude, ra = turned(np.pi / 2.0 - dec, ra, np.cos(radius), 2.0 * np.pi * generator.random(len(source)))
    zenith, azimuth = equatorial_to_local(ra, np.pi / 2.0 - colatitude, mjd)
    events = _signal_events(acceptance, sources["dec"].to_numpy(), source, (zenith, azimuth), generator)
    columns = reconstructed_columns(events, generator)
    columns |= {"run": runs, "mjd": mjd, "event": EVENTS_OF_A_PART * part + np.arange(len(source))}
    return finished_table("data", season, columns)


def _signal_events(
    acceptance: Acceptance,
    dec: Reals,
    source: Integers,
    direction: tuple[Reals, Reals],
    generator: np.random.Generator,
) -> TrueEvents:
    continued = continued_response()
    edges = continued.inside.true_energy_edges
    uniform = generator.random((2, len(source)))
    cells = np.empty((5, len(source)), dtype=np.int64)
    for index in np.unique(source):
        shares = continued.inside.zenith_shares(np.array([-np.sin(dec[index])]))[0]
        area = np.stack([continued.inside.effective_area, continued.area_above]) @ shares
        total = area.sum(axis=0)
        counts = acceptance.signal_counts[index]
        per_area = np.divide(counts, total, out=np.zeros_like(counts), where=total > 0.0)
        mine = source == index
        cells[:, mine] = Cells.of(area * per_area).drawn(uniform[0, mine])
    is_above, flavour, interaction, event_class, energy_bin = cells
    energy = edges[energy_bin] + uniform[1] * np.diff(edges)[energy_bin]
    return TrueEvents(flavour, interaction, event_class, energy_bin, is_above == 1, energy, *direction)
