"""The signal in the measured bins: every event in one group, source by source, and the halo by its J factor alone."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from core.dark_matter.channels import FLAVOURS
from core.dark_matter.halo import PROFILES
from core.dark_matter.halo_map import halo_map
from core.dark_matter.processes import PROCESSES, ProcessName
from core.events.classes import INTERACTIONS
from core.inference.counts_signal import counts_by_source, halo_counts_by_group, source_counts
from core.pdfs.halo import LEAST_MAP_NSIDE, halo_counts, halo_signal
from core.response import public_response
from core.response.angular import expected_counts
from core.response.hyperplanes import NEUTRINO_GROUPS
from core.response.model import Response
from core.signal.acceptance import neutrinos_in_bins, source_acceptance
from core.signal.expected_signal import ExpectedSignal
from core.spectra import spectra_from_table, spectra_table
from core.spectra.spectrum import Spectrum
from tests.core.pdfs.halo_pairs import public_acceptance
from tests.core.response.response_cases import ENERGY_EDGES, plain_response, uneven_response

MASS = 20.0
ENERGY = np.geomspace(2.0, MASS, 30)
FALLING = Spectrum(ENERGY, ENERGY**-2.0)
NOTHING = Spectrum(ENERGY, np.zeros_like(ENERGY))
SOURCES = pa.table(
    {
        "source": ["near the pole", "on the equator", "in the south"],
        "dec": [1.2, 0.0, -0.7],
        "half_light_radius": [0.0, 0.02, 0.1],
        "j_factor": [1e19, 3e18, 2e19],
    }
)


def signal_of(response: Response, *seen: str, sources: pa.Table = SOURCES) -> ExpectedSignal:
    """Sources that shine in some species alone, all of them where none is named."""
    spectra = {name: FALLING if name in (seen or FLAVOURS) else NOTHING for name in FLAVOURS}
    return ExpectedSignal(response, source_acceptance(response, spectra, sources, MASS), sources)


def test_each_source_puts_all_its_events_into_some_group() -> None:
    signal = signal_of(uneven_response())
    found = counts_by_source(signal)
    assert found.shape == (3, len(NEUTRINO_GROUPS), 2 * 3 * 4)
    np.testing.assert_allclose(found.sum(axis=(1, 2)), signal.acceptance.n_s_per_strength, rtol=1e-12)


def test_the_groups_together_are_the_counts_of_the_response() -> None:
    signal = signal_of(uneven_response())
    found = counts_by_source(signal).sum(axis=1)
    dec, extent = (SOURCES[name].to_pylist() for name in ("dec", "half_light_radius"))
    for counts, weights, declination, width in zip(found, signal.acceptance.signal_counts, dec, extent, strict=True):
        wanted = expected_counts(signal.response, weights, -np.sin(declination), width)
        np.testing.assert_allclose(counts, wanted.ravel(), rtol=1e-12)


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_species_is_in_its_charged_group_and_in_that_of_all_neutral_currents(flavour: str) -> None:
    """Cross sections of both currents are equal in this response: half the events are in each."""
    found = source_counts(signal_of(plain_response(), flavour)).sum(axis=1)
    charged = NEUTRINO_GROUPS.index(f"{flavour.removesuffix('bar')}_cc")
    wanted = np.zeros(len(NEUTRINO_GROUPS))
    wanted[[charged, NEUTRINO_GROUPS.index("all_nc")]] = 0.5
    np.testing.assert_allclose(found / found.sum(), wanted, atol=1e-12)


def test_without_neutral_currents_their_group_is_empty() -> None:
    response = plain_response()
    area = response.effective_area.copy()
    area[:, INTERACTIONS.index("nc")] = 0.0
    found = source_counts(signal_of(replace(response, effective_area=area)))
    assert found[NEUTRINO_GROUPS.index("all_nc")].sum() == 0.0
    # Two species, ν and ν̄, in each of the others.
    np.testing.assert_allclose(found.sum(axis=1)[:3] / found.sum(), 1.0 / 3.0, rtol=1e-12)


def test_all_sources_are_the_sum_of_each() -> None:
    signal = signal_of(uneven_response())
    np.testing.assert_allclose(source_counts(signal), counts_by_source(signal).sum(axis=0), rtol=1e-12)
    some = signal.of(np.array([2, 0]))
    np.testing.assert_allclose(counts_by_source(some), counts_by_source(signal)[[2, 0]], rtol=1e-12)


def test_counts_are_in_proportion_to_the_j_factor() -> None:
    brighter = SOURCES.set_column(3, "j_factor", pa.array(7.0 * SOURCES["j_factor"].to_numpy()))
    found = source_counts(signal_of(uneven_response(), sources=brighter))
    np.testing.assert_allclose(found, 7.0 * source_counts(signal_of(uneven_response())), rtol=1e-12)


@pytest.mark.parametrize("name", ["annihilation", "decay"])
def test_an_even_detector_sees_the_halo_by_its_factor_of_the_whole_sky(name: ProcessName) -> None:
    """n_s per strength = T A J_sky / (8π m²) times the neutrinos that the detector spans; of decay D_sky / (4π m)."""
    process, area, livetime, spectra = PROCESSES[name], 1e4, 1e8, spectra_table("tautau", MASS)
    profiles = (PROFILES["nfw"], PROFILES["burkert"])
    found = halo_counts_by_group(plain_response(area, livetime).to_table(), spectra, MASS, profiles, process)
    # Two currents and two classes, each with the whole area.
    n_neutrinos = 4 * neutrinos_in_bins(spectra_from_table(spectra), ENERGY_EDGES).sum()
    per_factor = livetime * area * n_neutrinos / (4.0 * np.pi * MASS * (1.0 if name == "decay" else 2.0 * MASS))
    for profile in profiles:
        of_sky = halo_map(profile, LEAST_MAP_NSIDE, process).sum()
        assert found[profile.name].shape == (len(NEUTRINO_GROUPS), 24)
        assert found[profile.name].sum() == pytest.approx(per_factor * of_sky, rel=1e-6)


@pytest.mark.slow
def test_the_groups_of_the_halo_together_are_its_counts_in_harmonics() -> None:
    profile, spectra = PROFILES["nfw"], spectra_table("tautau", MASS)
    found = halo_counts_by_group(public_response().to_table(), spectra, MASS, [profile])["nfw"].sum(axis=0)
    acceptance = public_acceptance("tautau", MASS)
    table = halo_counts(halo_signal(acceptance, profile, 16), acceptance, profile)
    np.testing.assert_allclose(found, table["n_events_per_sigma_v"].to_numpy(), rtol=1e-3, atol=1e-6 * found.max())
