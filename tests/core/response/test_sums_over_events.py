"""Expected events per cross section: through the binned response, and as a weighted sum over simulated events."""

from functools import cache

import numpy as np
import pyarrow as pa
import pytest

from core.dark_matter.channels import FLAVOURS, LINE_CHANNELS, PUBLISHED_PAIRS, Channel, Flavour
from core.response import Response
from core.signal.acceptance import neutrinos_in_bins, source_acceptance
from core.simulation.injected import simulated_response
from core.simulation.seasons import simulated_livetime
from core.spectra import Spectrum
from tests.core.response.simulated_cases import default_sources, full_response, parts, spectra

LINE_MASSES = [mass for channel, mass in PUBLISHED_PAIRS if channel in LINE_CHANNELS]
ZENITH_REACH = 1.0 / 16.0
LINE_REACH = 0.04


@cache
def simulation() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Weight for the mean detector of all seasons, true energy, true cos zenith and species of each event."""
    events = pa.concat_tables([season.select(["weight", "true_energy", "true_dec", "flavour"]) for season in parts()])
    weight, energy, dec, flavour = (column.to_numpy() for column in events.columns)
    return weight / len(parts()), energy, -np.sin(dec), flavour.astype(str)


@cache
def sources_near_events() -> np.ndarray:
    """Sum of J factors per sr at each event: a source takes the events within 1/16 of its cos zenith."""
    cos_zenith, per_event = simulation()[2], np.zeros(len(simulation()[0]))
    sources = default_sources()
    centres = np.clip(-np.sin(sources["dec"].to_numpy()), ZENITH_REACH - 1.0, 1.0 - ZENITH_REACH)
    for j_factor, centre in zip(sources["j_factor"].to_numpy(), centres, strict=True):
        per_event += j_factor * (np.abs(cos_zenith - centre) < ZENITH_REACH) / (4.0 * np.pi * ZENITH_REACH)
    return per_event


def at_line(energy: np.ndarray, area: np.ndarray, line: float) -> np.ndarray:
    """What stands for a line of one neutrino, per GeV: events within 4 %, taken to it by the area's local slope."""
    ratio = energy / line
    below, above = (area[(ratio > edge) & (ratio < 1.25 * edge)].sum() for edge in (0.8, 1.0))
    slope = np.log(above / below) / np.log(1.25) - 1.0
    return np.where(np.abs(ratio - 1.0) < LINE_REACH, ratio**-slope, 0.0) / (2.0 * LINE_REACH * line)


def terms_of_events(at_earth: dict[Flavour, Spectrum]) -> np.ndarray:
    """What each event gives to the sum over events, but for the livetime over 8 pi m^2."""
    weight, energy, _, species = simulation()
    area, density = weight * sources_near_events(), np.zeros(len(energy))
    for flavour, spectrum in at_earth.items():
        own = species == flavour
        continuum = np.interp(np.log(energy[own]), np.log(spectrum.energy), spectrum.dn_de * spectrum.energy, 0.0, 0.0)
        density[own] = continuum / energy[own]
        for line, n_neutrinos in spectrum.lines:
            density[own] += n_neutrinos * at_line(energy[own], area[own], line)
    return area * density


def terms_of_bins(at_earth: dict[Flavour, Spectrum], response: Response) -> np.ndarray:
    """What each event gives to the response's expectation, but for the livetime over 8 pi m^2."""
    weight, energy, cos_zenith, species = simulation()
    energy_bin, zenith_bin = (
        np.clip(np.searchsorted(edges, values, side="right") - 1, 0, len(edges) - 2)
        for edges, values in ((response.true_energy_edges, energy), (response.true_cos_zenith_edges, cos_zenith))
    )
    shares = response.zenith_shares(-np.sin(default_sources()["dec"].to_numpy()))
    per_zenith = default_sources()["j_factor"].to_numpy() @ shares
    per_zenith /= 2.0 * np.pi * np.diff(response.true_cos_zenith_edges)
    per_energy = neutrinos_in_bins(at_earth, response.true_energy_edges) / np.diff(response.true_energy_edges)
    flavour = np.searchsorted(sorted(FLAVOURS), species)
    return weight * per_zenith[zenith_bin] * per_energy[np.argsort(FLAVOURS)][flavour, energy_bin]


def compared(channel: Channel, mass: float) -> tuple[float, float]:
    """The ratio of the binned expectation to the sum over events, and its error from the events they do not share."""
    at_earth = spectra(channel, mass)
    of_events, of_bins = terms_of_events(at_earth), terms_of_bins(at_earth, full_response())
    binned = source_acceptance(full_response(), at_earth, default_sources(), mass).total.n_s_per_strength
    assert binned == pytest.approx(of_bins.sum() * simulated_livetime() / (8.0 * np.pi * mass**2), rel=1e-9)
    error = np.sqrt(np.sum((of_bins - of_events) ** 2)) / of_events.sum()
    return float(of_bins.sum() / of_events.sum()), float(error)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("channel", "mass"),
    [("bb", 20.0), ("bb", 100.0), ("tautau", 10.0), ("tautau", 100.0), ("mumu", 50.0), ("WW", 200.0)],
)
def test_binned_response_gives_the_sum_over_events(channel: Channel, mass: float) -> None:
    assert compared(channel, mass)[0] == pytest.approx(1.0, abs=0.005)


@pytest.mark.slow
def test_binned_response_gives_the_sum_over_events_near_a_line() -> None:
    """Each line within 3 errors of finite simulation, 0.5 to 1.1 %; all together within 1 %, 3 errors included."""
    ratios, errors = np.array([compared("nunu", mass) for mass in LINE_MASSES]).T
    assert errors.max() < 0.012
    assert np.abs((ratios - 1.0) / errors).max() < 3.0
    weights = errors**-2.0 / np.sum(errors**-2.0)
    mean_error = np.sqrt(1.0 / np.sum(errors**-2.0))
    assert abs(ratios @ weights - 1.0) + 3.0 * mean_error < 0.01


@pytest.mark.parametrize("mass", LINE_MASSES)
def test_with_endless_simulation_a_line_is_the_sum_over_events_within_half_a_per_cent(mass: float) -> None:
    """The area from which events are drawn, even in each bin, instead of the events: no error but the method's."""
    response, sources = simulated_response(), default_sources()
    shares = sources["j_factor"].to_numpy() @ response.zenith_shares(-np.sin(sources["dec"].to_numpy()))
    energy = np.linspace(0.75, 1.3, 20_001) * mass
    place = np.searchsorted(response.true_energy_edges, energy, side="right") - 1
    binned, direct = 0.0, 0.0
    for index, spectrum in enumerate(spectra("nunu", mass).values()):
        area = response.effective_area[index].sum(axis=(0, 1)) @ shares
        only_lines = Spectrum(spectrum.energy, np.zeros_like(spectrum.dn_de), spectrum.lines)
        binned += neutrinos_in_bins(dict.fromkeys(FLAVOURS, only_lines), response.true_energy_edges)[0] @ area
        for line, n_neutrinos in spectrum.lines:
            shape = at_line(energy, area[place], line)
            direct += n_neutrinos * np.trapezoid(shape * area[place], energy)
    assert binned / direct == pytest.approx(1.0, abs=0.005)
