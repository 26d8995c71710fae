"""Effective areas from simulated events with round numbers, and the origin of the shipped response."""

from dataclasses import fields, replace

import numpy as np
import pyarrow.parquet as pq
import pytest

from core.events.public_release import SimulatedNeutrinos
from core.response import SHIPPED_RESPONSE
from core.response.build import TRUE_COS_ZENITH_EDGES, TRUE_ENERGY_EDGES, effective_area


def two_events() -> SimulatedNeutrinos:
    """Two events of weight 3 and 4 GeV cm² sr in one bin: numu, charged current, track, 10.2 GeV, cos zenith -0.3."""
    whole = np.array([1, 1])
    return SimulatedNeutrinos(
        flavour=whole,
        interaction=np.array([0, 0]),
        event_class=whole,
        true_energy=np.array([10.2, 10.3]),
        true_cos_zenith=np.array([-0.3, -0.29]),
        reco_energy_bin=whole,
        reco_cos_zenith_bin=whole,
        weight=np.array([3.0, 4.0]),
    )


def test_effective_area_is_weight_over_phase_space() -> None:
    area, error = effective_area(two_events())
    energy, zenith = 40, 5
    width = TRUE_ENERGY_EDGES[41] - TRUE_ENERGY_EDGES[40]
    phase_space = width * 2.0 * np.pi * (TRUE_COS_ZENITH_EDGES[6] - TRUE_COS_ZENITH_EDGES[5])
    assert area[1, 0, 1, energy, zenith] == pytest.approx(7.0 / phase_space)
    assert error[1, 0, 1, energy, zenith] == pytest.approx(5.0 / phase_space)
    assert np.count_nonzero(area) == np.count_nonzero(error) == 1


def test_effective_area_is_linear_in_the_weights() -> None:
    once, twice = two_events(), replace(two_events(), weight=2.0 * two_events().weight)
    for one, two in zip(effective_area(once), effective_area(twice), strict=True):
        np.testing.assert_allclose(two, 2.0 * one)


def test_events_have_one_value_for_each_column() -> None:
    assert {len(getattr(two_events(), field.name)) for field in fields(SimulatedNeutrinos)} == {2}


def test_shipped_response_says_where_it_comes_from() -> None:
    metadata = pq.read_schema(SHIPPED_RESPONSE).metadata
    assert b"10.21234/ac23-ra43" in metadata[b"source"]
    assert metadata[b"file"].startswith(b"neutrino_mc.csv.bz2 ")
    assert {b"code", b"bins_per_decade", b"fit_spectral_index", b"n_passes"} <= set(metadata)
    assert SHIPPED_RESPONSE.stat().st_size < 1.5e6
