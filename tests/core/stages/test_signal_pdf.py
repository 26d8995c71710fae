"""The stage `signal_pdf`: densities over one sky that integrate to 1, and an average that knows no right ascension."""

import healpy
import numpy as np
import pytest

from tests.core.stages.analyses import Analysis

PROBABILITIES = ("signal_probability", "signal_average_probability", "background_probability")


def grid(analysis: Analysis, name: str) -> np.ndarray:
    """A column as (class and energy, pixel)."""
    n_pixels = healpy.nside2npix(analysis.config.statistic.nside)
    return analysis.table("signal_pdf")[name].to_numpy().reshape(-1, n_pixels)


@pytest.mark.parametrize("name", PROBABILITIES)
def test_probabilities_are_whole(joint: Analysis, name: str) -> None:
    values = grid(joint, name)
    assert values.min() >= 0.0
    assert values.sum() == pytest.approx(1.0, abs=1e-9)


def test_the_average_is_even_on_each_ring_and_holds_the_same_signal(joint: Analysis) -> None:
    signal, average = grid(joint, "signal_probability"), grid(joint, "signal_average_probability")
    nside = joint.config.statistic.nside
    ring = healpy.pix2ring(nside, np.arange(healpy.nside2npix(nside)))
    for number in (1, 7, 16, 31):
        on_ring = average[:, ring == number]
        np.testing.assert_allclose(on_ring, on_ring[:, :1] * np.ones(on_ring.shape[1]), rtol=1e-12)
        np.testing.assert_allclose(on_ring.sum(axis=1), signal[:, ring == number].sum(axis=1), rtol=1e-12)


def test_shares_of_class_and_energy_are_those_of_the_background(joint: Analysis) -> None:
    """However the sky is cut into pixels, each class and energy keeps its events."""
    by_energy = joint.table("background_pdf").to_pandas()
    by_energy = by_energy.groupby(["event_class", "reco_energy_low"], sort=False)["background_probability"].sum()
    np.testing.assert_allclose(grid(joint, "background_probability").sum(axis=1), by_energy.to_numpy(), rtol=1e-9)


def test_the_brightest_pixels_are_about_the_brightest_galaxies(joint: Analysis) -> None:
    signal = grid(joint, "signal_probability").sum(axis=0)
    nside = joint.config.statistic.nside
    brightest = healpy.pix2vec(nside, int(signal.argmax()))
    sources, weight = joint.table("sources"), joint.table("acceptance")["source_weight"].to_numpy()
    towards = healpy.ang2vec(np.pi / 2.0 - sources["dec"].to_numpy(), sources["ra"].to_numpy())
    cosine = towards @ np.array(brightest)
    assert weight[cosine > np.cos(np.radians(20.0))].sum() > 0.25


def test_pixels_and_window_are_parameters_and_the_treatment_of_the_background_is_not(joint: Analysis) -> None:
    (recipe,) = joint.recipes("signal_pdf")
    assert recipe.parameters == {"nside": 8, "window": None}
    assert joint.inputs("signal_pdf") == {"sources", "response", "spectra", "background_pdf"}
