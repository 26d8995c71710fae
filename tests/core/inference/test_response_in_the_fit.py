"""The shipped response, kernels and all, in the place of the simulation: what the fit of oscillations makes of it."""

import numpy as np
import pytest

from core.dark_matter.channels import FLAVOURS
from core.events.atmosphere import shipped_atmospheric_flux
from core.inference.atmospheric_fit import STANDARD_OSCILLATION, fit_counts
from core.inference.atmospheric_model import NOMINAL_VALUES, place_of, public_counts_model
from core.inference.atmospheric_templates import flux_on_grid
from core.response import public_response
from core.response.angular import expected_counts
from core.spectra.atmospheric_oscillation import quartic_probabilities

MASS_SPLITTING, SIN2_THETA23 = 2.4e-3, 0.45
N_DIRECTIONS, N_ENERGIES_IN_BIN = 80, 6


def counts_through_the_response() -> np.ndarray:
    """Atmospheric neutrinos in three flavours through the response's effective area, migration and kernels, (128,)."""
    response, flux = public_response(), shipped_atmospheric_flux()
    log_edges = np.log(response.true_energy_edges)
    share = (np.arange(N_ENERGIES_IN_BIN) + 0.5) / N_ENERGIES_IN_BIN
    energy = np.exp(log_edges[:-1, None] + np.diff(log_edges)[:, None] * share)
    width = np.diff(log_edges)[:, None] / N_ENERGIES_IN_BIN * energy
    cosine = -1.0 + (np.arange(N_DIRECTIONS) + 0.5) * 2.0 / N_DIRECTIONS
    solid_angle = 4.0 * np.pi / N_DIRECTIONS
    arriving = np.zeros((len(FLAVOURS), len(log_edges) - 1, N_DIRECTIONS))
    for bar in (False, True):
        probability = quartic_probabilities(energy.ravel(), cosine, MASS_SPLITTING, bar).at(SIN2_THETA23)
        for detected, flavour in enumerate(("e", "mu", "tau")):
            for origin, made in enumerate(("e", "mu")):
                produced = flux_on_grid(flux, f"nu{made}{'bar' if bar else ''}", energy.ravel(), cosine)
                seen = (produced * probability[3 * origin + detected]).reshape(*energy.shape, -1) * width[:, :, None]
                arriving[FLAVOURS.index(f"nu{flavour}{'bar' if bar else ''}")] += seen.sum(axis=1)
    counts = np.zeros((2, 8, 8))
    for direction, value in enumerate(cosine.tolist()):
        area = response.effective_area @ response.zenith_shares(np.array([value]))[0]
        weights = response.livetime * solid_angle * area * arriving[:, None, None, :, direction]
        counts += expected_counts(response, weights, value)
    return counts.ravel()


@pytest.mark.slow
def test_the_response_carries_the_oscillation_to_the_counts() -> None:
    """Fitted with the simulation itself, its counts give back the oscillation they were made with."""
    model, truth = public_counts_model(), NOMINAL_VALUES.copy()
    truth[place_of("mass_splitting_32")], truth[place_of("sin2_theta23")] = MASS_SPLITTING, SIN2_THETA23
    by_simulation = model.templates.counts(MASS_SPLITTING, SIN2_THETA23, np.zeros(3)).sum(axis=0)
    factor = model.hyperplanes.nominal_factor.reshape(4, -1)
    corrected = (by_simulation * factor).sum(axis=0) / by_simulation.sum(axis=0)
    counts = counts_through_the_response() * corrected + model.muons.n_expected.ravel()
    fit = fit_counts(model, counts, fixed=STANDARD_OSCILLATION)
    assert counts.sum() == pytest.approx(model.expected(truth).sum(), rel=0.005)
    assert fit.values[place_of("mass_splitting_32")] == pytest.approx(MASS_SPLITTING, abs=0.4 * 0.12e-3)
    assert fit.values[place_of("sin2_theta23")] == pytest.approx(SIN2_THETA23, abs=0.04)
    assert fit.minimum < 15.0
