"""The expectation of the measured counts: its slopes, its templates, and the simulation summed event by event."""

from pathlib import Path

import numpy as np
import pytest

from core.dark_matter.channels import FLAVOURS
from core.errors import PhysicsError
from core.events.atmosphere import shipped_atmospheric_flux
from core.events.flux_uncertainty import log_flux_slopes
from core.events.public_release import LIVETIME, read_simulation
from core.inference.atmospheric_model import FIT_NAMES, NOMINAL_VALUES, place_of, public_counts_model
from core.inference.atmospheric_templates import atmospheric_templates, flux_on_grid, public_templates
from core.response.folded import N_CELLS, public_folded_response
from core.response.hyperplanes import neutrino_group, public_hyperplanes
from core.response.muons import public_muons
from core.spectra.atmospheric_oscillation import quartic_probabilities

DISPLACED = NOMINAL_VALUES + np.array(
    [-0.1, 0.03, 0.04, 0.5, -0.4, -5e-5, -0.03, 0.1, -0.2, 0.1, 0.02, -0.02, 0.03, 0.3, -1.0]
)


def test_slopes_are_differences_of_the_expectation() -> None:
    model = public_counts_model().with_signal(np.linspace(0.0, 1.0, 4 * N_CELLS).reshape(4, N_CELLS))
    slopes = model.expected_and_slopes(DISPLACED, 3.0)[1]
    for place, name in enumerate(FIT_NAMES):
        step = np.zeros(len(FIT_NAMES))
        step[place] = 1e-8 if name == "mass_splitting_32" else 1e-5
        difference = model.expected(DISPLACED + step, 3.0) - model.expected(DISPLACED - step, 3.0)
        np.testing.assert_allclose(
            slopes[place], difference / (2.0 * step[place]), atol=1e-6 * abs(slopes[place]).max()
        )
    np.testing.assert_allclose(slopes[-1], model.expected(DISPLACED, 4.0) - model.expected(DISPLACED, 3.0), rtol=1e-9)


def test_a_signal_follows_the_light_yield_as_its_groups_do() -> None:
    planes = public_hyperplanes()
    model = public_counts_model().with_signal(np.ones((4, N_CELLS)))
    values = NOMINAL_VALUES.copy()
    values[place_of("opt_eff_overall")] = 1.1
    added = model.expected(values, 1.0) - model.expected(values, 0.0)
    expected = planes.relative_factors(values[10:])[..., None].repeat(8, axis=-1).reshape(4, N_CELLS).sum(axis=0)
    np.testing.assert_allclose(added, expected, rtol=1e-6)


def test_bad_signals_and_names_are_refused() -> None:
    model = public_counts_model()
    with pytest.raises(PhysicsError, match="needed are"):
        model.with_signal(np.ones(7))
    with pytest.raises(PhysicsError, match="nothing to limit"):
        model.with_signal(np.zeros(N_CELLS))
    with pytest.raises(PhysicsError, match="unknown parameter 'luck'"):
        place_of("luck")


def test_the_muons_are_those_of_the_release() -> None:
    assert public_muons().n_expected.sum() == pytest.approx(2045.1, abs=0.1)


@pytest.mark.slow
def test_templates_are_the_simulation_summed_event_by_event(real_data: Path) -> None:
    """Each simulated event with flux and probability at its own energy and zenith, on a fine grid of both."""
    splitting, sin2_theta23, shapes = 2.31e-3, 0.47, np.array([0.05, 1.0, -1.0])
    events, flux = read_simulation(real_data / "icecube_3y"), shipped_atmospheric_flux()
    energy, cosine = np.geomspace(1.0, 1000.0, 1201), np.linspace(-1.0, 1.0, 801)
    row = np.rint(np.interp(np.log(events.true_energy), np.log(energy), np.arange(len(energy)))).astype(int)
    column = np.rint(np.interp(events.true_cos_zenith, cosine, np.arange(len(cosine)))).astype(int)
    expected, squares = np.zeros((4, N_CELLS)), np.zeros(N_CELLS)
    cell = np.ravel_multi_index((events.event_class, events.reco_energy_bin, events.reco_cos_zenith_bin), (2, 8, 8))
    for bar in (False, True):
        probability = quartic_probabilities(energy, cosine, splitting, bar).at(sin2_theta23)
        for detected, flavour in enumerate(("e", "mu", "tau")):
            arriving = np.zeros((len(energy), len(cosine)))
            for origin, made in enumerate(("e", "mu")):
                tilt = np.exp(np.tensordot(shapes, log_flux_slopes(made, bar, energy[:, None], cosine[None]), axes=1))
                produced = flux_on_grid(flux, f"nu{made}{'bar' if bar else ''}", energy, cosine)
                arriving += produced * tilt * probability[3 * origin + detected]
            species = FLAVOURS.index(f"nu{flavour}{'bar' if bar else ''}")
            for interaction in (0, 1):
                own = (events.flavour == species) & (events.interaction == interaction)
                rate = LIVETIME * events.weight[own] * arriving[row[own], column[own]]
                group = neutrino_group(species, interaction)
                expected[group] += np.bincount(cell[own], rate, N_CELLS)
                squares += np.bincount(cell[own], rate**2, N_CELLS)
    found = public_templates().counts(splitting, sin2_theta23, shapes).sum(axis=0)
    np.testing.assert_allclose(found.sum(axis=1), expected.sum(axis=1), rtol=2e-3)
    pull = (found.sum(axis=0) - expected.sum(axis=0)) / np.sqrt(expected.sum(axis=0))
    assert abs(pull).max() < 0.15
    np.testing.assert_allclose(public_templates().variance, squares, rtol=0.25)


@pytest.mark.slow
def test_the_production_height_hardly_matters() -> None:
    lower = atmospheric_templates(public_folded_response(), shipped_atmospheric_flux(), production_height=15.0)
    low, high = (t.counts(2.4e-3, 0.5, np.zeros(3)).sum(axis=(0, 1)) for t in (lower, public_templates()))
    assert float(((low - high) ** 2 / high).sum()) < 0.2
