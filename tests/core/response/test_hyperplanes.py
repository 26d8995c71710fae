"""The detector's factors: the release's own definition, never negative, and what they do to a signal."""

from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks.counts_pairs import public_signal
from core.configuration.config import Config
from core.dark_matter.channels import FLAVOURS
from core.dark_matter.sources import catalogue_path, read_catalogue, select_sources
from core.errors import PhysicsError
from core.events.public_release import RECO_COS_ZENITH_EDGES, RECO_ENERGY_EDGES, read_simulation
from core.response.hyperplane_build import FILES, rebuild_hyperplanes
from core.response.hyperplanes import (
    DETECTOR_PARAMETERS,
    NEUTRINO_GROUPS,
    NOMINAL,
    PUBLISHED_BEST_FIT,
    detector_values,
    neutrino_group,
    public_hyperplanes,
)
from core.spectra import spectrum_at_earth


@pytest.fixture(scope="module")
def release(real_data: Path) -> Path:
    return real_data / "icecube_3y"


def released_factors(path: Path, values: np.ndarray) -> np.ndarray:
    """The factors of a file (2, 8, 8) by the formula in the release's README."""
    frame = pd.read_csv(path)
    absorption, scattering, overall, lateral, headon = values
    factor = (
        frame["offset"]
        + frame["ice_absorption"] * 100 * (absorption - 1)
        + frame["ice_scattering"] * 100 * (scattering - 1)
        + frame["opt_eff_overall"] * overall
        + frame["opt_eff_lateral"] * (10 * lateral + 25)
        + frame["opt_eff_headon"] * headon
    )
    found = np.zeros((2, 8, 8))
    energy = np.searchsorted(RECO_ENERGY_EDGES, frame["reco_energy"]) - 1
    zenith = np.searchsorted(RECO_COS_ZENITH_EDGES, frame["reco_coszen"]) - 1
    found[frame["pid"], energy, zenith] = factor
    return found


@pytest.mark.parametrize("values", [NOMINAL, PUBLISHED_BEST_FIT], ids=["nominal", "published"])
def test_factors_are_those_of_the_release_summed_where_merged(release: Path, values: np.ndarray) -> None:
    planes = public_hyperplanes()
    raw = np.array([released_factors(release / file, values) for file in FILES])
    alone = np.ones_like(raw, dtype=bool)
    alone[..., 1:] &= planes.zenith_block[..., 1:] != planes.zenith_block[..., :-1]
    alone[..., :-1] &= planes.zenith_block[..., 1:] != planes.zenith_block[..., :-1]
    np.testing.assert_allclose(planes.factors(values)[alone], raw[alone], rtol=1e-12)
    by_row = (planes.n_expected * planes.factors(values)).sum(axis=-1)
    np.testing.assert_allclose(by_row, (planes.n_expected * raw).sum(axis=-1), rtol=1e-12)
    assert planes.n_merged_bins["numu_cc"] == 0


def test_no_yield_is_negative_at_any_corner_of_the_valid_ranges() -> None:
    planes = public_hyperplanes()
    corners = list(product(*((p.valid_low, p.valid_high) for p in DETECTOR_PARAMETERS)))
    lowest = min(planes.factors(np.array(corner)).min() for corner in corners)
    assert lowest == pytest.approx(planes.lowest_factors().min())
    assert lowest > 0.0


def test_nominal_changes_nothing_and_a_value_outside_is_refused() -> None:
    planes = public_hyperplanes()
    np.testing.assert_allclose(planes.relative_factors(NOMINAL), 1.0)
    assert planes.relative_factors(NOMINAL).shape == (len(NEUTRINO_GROUPS), 2, 8)
    with pytest.raises(PhysicsError, match=r"valid from 0\.8 to 1\.2"):
        planes.factors(detector_values({"opt_eff_overall": 1.3}))
    with pytest.raises(PhysicsError, match="unknown detector parameters glue"):
        detector_values({"glue": 1.0})


def test_more_light_moves_counts_by_about_as_much() -> None:
    planes = public_hyperplanes()
    more = planes.n_expected * planes.factors(detector_values({"opt_eff_overall": 1.1}))
    ratio = more.sum(axis=(1, 2, 3)) / (planes.n_expected * planes.nominal_factor).sum(axis=(1, 2, 3))
    assert np.all((ratio > 1.05) & (ratio < 1.15))


@pytest.mark.slow
def test_light_moves_a_signal_as_reweighting_the_simulation_does(release: Path) -> None:
    """bb at 50 GeV, + 10 %: every simulated event in reach of a source weighted with its own bin's factor."""
    planes, events = public_hyperplanes(), read_simulation(release)
    settings = Config().sources
    sources = select_sources(read_catalogue(catalogue_path(settings)), settings)
    density = np.zeros(len(events))
    for flavour, name in enumerate(FLAVOURS):
        spectrum = spectrum_at_earth("bb", 50.0, name)
        own = events.flavour == flavour
        density[own] = np.interp(events.true_energy[own], spectrum.energy, spectrum.dn_de, left=0.0, right=0.0)
    near = np.zeros(len(events))
    for dec, factor in zip(sources["dec"].to_numpy(), sources["j_factor"].to_numpy(), strict=True):
        near += factor * (np.abs(events.true_cos_zenith + np.sin(dec)) < 0.05)
    group = np.array([[neutrino_group(f, i) for i in range(2)] for f in range(6)])[events.flavour, events.interaction]
    cell = (group, events.event_class, events.reco_energy_bin, events.reco_cos_zenith_bin)
    values = detector_values({"opt_eff_overall": 1.1})
    raw = [np.array([released_factors(release / file, at) for file in FILES])[cell] for at in (values, NOMINAL)]
    weight = events.weight * density * near
    direct = (weight * raw[0]).sum() / (weight * raw[1]).sum()
    by_group = public_signal("bb", 50.0).reshape(4, 2, 8, 8).sum(axis=-1)
    ours = (by_group * planes.relative_factors(values)).sum() / by_group.sum()
    assert ours == pytest.approx(direct, rel=0.005)


@pytest.mark.slow
def test_shipped_hyperplanes_are_what_the_release_gives(release: Path) -> None:
    rebuilt, shipped = rebuild_hyperplanes(release), public_hyperplanes()
    for name in ("nominal_factor", "slopes", "n_expected", "zenith_block"):
        np.testing.assert_allclose(getattr(rebuilt, name), getattr(shipped, name), rtol=1e-12)
