"""The halo on the sky cells against the sum over its pixels as sources, one by one."""

from functools import cache

import healpy
import numpy as np
import pyarrow as pa
import pytest

from core.dark_matter.halo import PROFILES
from core.dark_matter.halo_map import halo_map
from core.errors import InputError, PhysicsError
from core.events.counts import event_counts
from core.pdfs.halo import (
    LEAST_MAP_NSIDE,
    ExtendedSignal,
    extended_signal,
    halo_counts,
    halo_pdf,
    halo_signal,
    node_shares,
    with_halo,
)
from core.pdfs.one_sky import signal_on_sky
from core.pdfs.sky import pixel_directions, ring_sums
from core.response import public_response
from core.response.angular import expected_counts
from core.signal.expected_signal import ExpectedSignal, expected_signal
from core.spectra import spectra_table
from tests.core.pdfs.halo_pairs import halo_pair, public_acceptance
from tests.core.pdfs.public_pairs import STATISTIC, public_pair

PAIR = ("tautau", 20.0)
MAP_NSIDE = 32


@cache
def coarse_halo() -> np.ndarray:
    """NFW pixels of nside 4, each at the middle of one of nside 32: 192 point sources."""
    coarse = halo_map(PROFILES["nfw"], 4)
    middle = healpy.vec2pix(MAP_NSIDE, *pixel_directions(4).T)
    factors = np.zeros(12 * MAP_NSIDE**2)
    factors[middle] = coarse
    return factors


@cache
def as_sources() -> ExpectedSignal:
    pixels = np.flatnonzero(coarse_halo())
    x, y, z = pixel_directions(MAP_NSIDE)[pixels].T
    sources = pa.table(
        {
            "source": [f"pixel {pixel}" for pixel in pixels],
            "ra": np.arctan2(y, x),
            "dec": np.arcsin(z),
            "half_light_radius": np.zeros(len(pixels)),
            "j_factor": coarse_halo()[pixels],
        }
    )
    return expected_signal(public_response().to_table(), spectra_table(*PAIR), sources, PAIR[1])


@cache
def extended() -> ExtendedSignal:
    return extended_signal(public_acceptance(*PAIR), coarse_halo(), STATISTIC.nside)


@cache
def signal_of(profile: str) -> ExtendedSignal:
    return halo_signal(public_acceptance(*PAIR), PROFILES[profile], STATISTIC.nside)


@pytest.mark.slow
def test_harmonics_give_what_the_sum_over_point_sources_gives() -> None:
    direct = signal_on_sky(as_sources(), STATISTIC.nside)
    found = extended().on_sky
    assert found.sum() == pytest.approx(direct.sum(), rel=1e-6)
    assert np.abs(found - direct).sum() < 1e-3 * direct.sum()
    bright = direct > 1e-3 * direct.max()
    assert found[bright] == pytest.approx(direct[bright], rel=5e-3)


@pytest.mark.slow
def test_the_bins_of_the_data_get_what_point_sources_put_there() -> None:
    signal = as_sources()
    each = zip(signal.acceptance.signal_counts, signal.sources["dec"].to_numpy(), strict=True)
    direct = sum(expected_counts(signal.response, weights, -np.sin(dec)) for weights, dec in each)
    assert extended().counts == pytest.approx(direct, rel=1e-3)
    assert extended().on_sky.sum(axis=2) == pytest.approx(extended().counts.sum(axis=2), rel=1e-9)


def test_interpolation_between_nodes_is_better_than_a_thousandth() -> None:
    """At declinations between the nodes: events of all bins."""
    acceptance = public_acceptance(*PAIR)
    dec = np.radians([-89.0, -61.3, -29.0, -7.7, 0.5, 14.9, 33.3, 71.0])
    sources = pa.table(
        {
            "source": [str(each) for each in dec],
            "ra": np.zeros(len(dec)),
            "dec": dec,
            "half_light_radius": np.zeros(len(dec)),
            "j_factor": np.ones(len(dec)),
        }
    )
    direct = expected_signal(public_response().to_table(), spectra_table(*PAIR), sources, PAIR[1])
    shares = node_shares(acceptance.cos_zenith_breaks, -np.sin(dec))
    assert shares.sum(axis=0) == pytest.approx(1.0)
    interpolated = np.tensordot(shares.T, acceptance.counts, axes=1)
    for found, weights, each in zip(interpolated, direct.acceptance.signal_counts, dec, strict=True):
        exact = expected_counts(direct.response, weights, -np.sin(each))
        assert np.abs(found - exact).sum() < 1e-3 * exact.sum()


@pytest.mark.slow
def test_pixels_of_the_halo_are_fine_enough() -> None:
    """Against a map four times as fine."""
    fine = extended_signal(public_acceptance(*PAIR), halo_map(PROFILES["nfw"], 4 * LEAST_MAP_NSIDE), STATISTIC.nside)
    used = signal_of("nfw")
    assert np.abs(used.on_sky - fine.on_sky).sum() < 2e-3 * fine.on_sky.sum()
    assert used.n_s_per_strength == pytest.approx(fine.n_s_per_strength, rel=1e-3)


def test_the_halo_has_the_rows_of_the_signal() -> None:
    halo, signal = halo_pair(*PAIR, "nfw").halo, public_pair(*PAIR).signal_pdf()
    for name in ("event_class", "reco_energy_low", "reco_energy_high", "nside", "pixel"):
        assert halo[name].equals(signal[name])
    for name in ("signal_probability", "signal_average_probability"):
        assert halo[name].to_numpy().sum() == pytest.approx(1.0, abs=1e-9)
        assert halo[name].to_numpy().min() >= 0.0


def test_a_window_keeps_the_events_inside_it() -> None:
    acceptance = public_acceptance(*PAIR)
    signal = signal_of("burkert")
    edges = acceptance.response.reco_energy_edges
    inside = halo_pdf(signal, acceptance, PROFILES["burkert"], (edges[2], edges[5]))
    assert inside["n_s_per_sigma_v"][0].as_py() == pytest.approx(signal.on_sky[:, 2:5].sum())
    assert set(inside["reco_energy_low"].to_pylist()) == set(edges[2:5])


def test_the_counts_have_the_rows_of_the_data() -> None:
    acceptance = public_acceptance(*PAIR)
    signal = signal_of("nfw")
    table = halo_counts(signal, acceptance, PROFILES["nfw"])
    none = pa.table({name: pa.array([], pa.float64()) for name in ("reco_energy", "reco_dec")})
    none = none.append_column("event_class", pa.array([], pa.string()))
    response = acceptance.response
    rows = event_counts(none, response.reco_energy_edges, response.reco_cos_zenith_edges)
    for name in rows.column_names[:-1]:
        assert table[name].equals(rows[name])
    assert table["n_events_per_sigma_v"].to_numpy().sum() == pytest.approx(signal.n_s_per_strength)
    rings = ring_sums(signal.on_sky, STATISTIC.nside).sum(axis=(0, 1))
    south = signal.counts.sum(axis=(0, 1))[4:].sum()  # cos zenith above 0: declinations below 0
    assert rings[2 * STATISTIC.nside :].sum() == pytest.approx(south, rel=0.03)


@pytest.mark.slow
def test_halo_and_galaxies_at_one_cross_section_are_the_sum_of_their_events() -> None:
    both = halo_pair(*PAIR, "burkert")
    together, alone = both.together(), both.pair.signal_pdf()
    assert together.schema == alone.schema
    total = together["n_s_per_sigma_v"][0].as_py()
    assert total == pytest.approx(both.n_s_per_sigma_v + both.halo_per_sigma_v)
    for name in ("signal_probability", "signal_average_probability"):
        parts = both.n_s_per_sigma_v * alone[name].to_numpy() + both.halo_per_sigma_v * both.halo[name].to_numpy()
        assert together[name].to_numpy() * total == pytest.approx(parts)
    assert together["background_probability"].equals(alone["background_probability"])


def test_a_halo_of_other_cells_is_refused() -> None:
    signal = public_pair(*PAIR).signal_pdf()
    halo = halo_pair(*PAIR, "nfw").halo
    with pytest.raises(InputError, match="not of the same cells"):
        with_halo(signal, halo.slice(0, 10))
    with pytest.raises(InputError, match="differ in their cells"):
        with_halo(signal, halo.take(np.arange(halo.num_rows)[::-1]))


@pytest.mark.parametrize("bad", [-1.0, np.nan])
def test_a_map_that_is_none_of_factors_is_refused(bad: float) -> None:
    factors = halo_map(PROFILES["nfw"], MAP_NSIDE).copy()
    factors[3] = bad
    with pytest.raises(PhysicsError, match="negative or not finite"):
        extended_signal(public_acceptance(*PAIR), factors, STATISTIC.nside)


def test_a_map_too_coarse_for_the_kernels_is_refused() -> None:
    with pytest.raises(PhysicsError, match="too coarse"):
        extended_signal(public_acceptance(*PAIR), halo_map(PROFILES["nfw"], 8), STATISTIC.nside)
