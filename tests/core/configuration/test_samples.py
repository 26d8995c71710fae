"""Settings of samples: one strength a signal, bins in rising order."""

import pytest
from pydantic import ValidationError

from core.configuration.samples import SETTINGS_OF_SAMPLES, BinSettings, InjectedSignal, SimulatedSettings
from core.stages.samples import SAMPLES


def test_every_sample_knows_its_settings() -> None:
    assert set(SETTINGS_OF_SAMPLES) == set(SAMPLES)


def test_a_signal_has_one_strength() -> None:
    signal = InjectedSignal(channel="Tau", mass=20.0, sigma_v=1e-20)
    assert (signal.channel, signal.sigma_v, signal.lifetime) == ("tautau", 1e-20, None)
    assert InjectedSignal(channel="bb", mass=20.0, lifetime=1e26).sigma_v is None
    for strengths in ({}, {"sigma_v": 1e-20, "lifetime": 1e26}):
        with pytest.raises(ValidationError, match="either sigma_v, for annihilation, or lifetime, for decay"):
            InjectedSignal(channel="bb", mass=20.0, **strengths)
    with pytest.raises(ValidationError):
        InjectedSignal(channel="bb", mass=20.0, sigma_v=-1.0)


@pytest.mark.parametrize("edges", [(1.0, 2.0), (0.0, 1.0, 2.0), (3.0, 2.0, 9.0), (1.0, 1.0, 2.0), ()])
def test_energies_rise_from_above_zero(edges: tuple[float, ...]) -> None:
    with pytest.raises(ValidationError, match="3 or more energies above 0 in rising order"):
        BinSettings(reco_energy_edges=edges)


@pytest.mark.parametrize("edges", [(-1.0, 1.0), (-0.9, 0.0, 1.0), (-1.0, 0.0, 0.5), (1.0, 0.0, -1.0)])
def test_cosines_rise_from_minus_one_to_one(edges: tuple[float, ...]) -> None:
    with pytest.raises(ValidationError, match="3 or more cosines in rising order, from -1 to 1"):
        BinSettings(reco_cos_zenith_edges=edges)
    with pytest.raises(ValidationError, match="3 or more cosines in rising order, from -1 to 1"):
        BinSettings(true_cos_zenith_edges=edges)


def test_each_season_has_an_event_at_least() -> None:
    assert SimulatedSettings(n_simulated=7).n_simulated == 7
    with pytest.raises(ValidationError):
        SimulatedSettings(n_simulated=6)
