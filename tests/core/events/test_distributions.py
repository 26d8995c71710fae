"""Sums over events are those of numpy's histograms, however the events are cut into tables."""

import healpy
import numpy as np
import pyarrow as pa
import pytest

from core.events.distributions import NUMBERS, UNKNOWN, WORDS, EventSums
from tests.core.figures.event_cases import blind, events

FACTOR = 2e7


def summed(*tables: pa.Table, factor: float = FACTOR) -> EventSums:
    sums = EventSums()
    for table in tables:
        sums.add(table, factor)
    return sums


@pytest.mark.parametrize("name", NUMBERS)
def test_numbers_are_counted_in_their_bins(name: str) -> None:
    simulation = events("mc", 3000)
    sums, binning = summed(simulation), NUMBERS[name]
    found = sums.distributions[name]
    first, last = (int(end(list(found.total))) for end in (min, max))
    edges = binning.edges(first, last - first + 1)
    values = binning.of_column(simulation[name].to_numpy())
    weights = FACTOR * simulation["atmospheric_rate"].to_numpy()
    total, error = found.in_bins(range(first, last + 1))
    np.testing.assert_allclose(total, np.histogram(values, edges, weights=weights)[0])
    np.testing.assert_allclose(error**2, np.histogram(values, edges, weights=weights**2)[0])
    assert total.sum() == pytest.approx(weights.sum()) == pytest.approx(sums.total)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("reco_zenith", 0.0, 23),
        ("reco_zenith", np.pi, 0),
        ("reco_ra", 2.0 * np.pi, 23),
        ("reco_energy", 10.0, 10),
        ("reco_energy", 10.0**0.3, 3),
        ("reco_energy", 0.99, -1),
    ],
)
def test_values_on_an_edge_lie_in_the_bin_above_and_the_last_edge_in_the_last_bin(name, value, expected) -> None:
    assert NUMBERS[name].bins(np.array([value])).tolist() == [expected]


def test_words_are_counted_and_null_is_a_word() -> None:
    simulation = events("mc", 3, flavour=["numu", None, "numu"], atmospheric_rate=[1.0, 2.0, 4.0])
    sums = summed(simulation, factor=1.0)
    assert dict(sums.distributions["flavour"].total) == {"numu": 5.0, UNKNOWN: 2.0}
    assert dict(sums.distributions["flavour"].total_of_squares) == {"numu": 17.0, UNKNOWN: 4.0}
    assert sums.is_known("flavour")
    assert not summed(events("mc", 3, flavour=None)).is_known("flavour")
    assert not summed(blind()).is_known("flavour")


def test_sums_do_not_depend_on_how_the_events_are_cut() -> None:
    simulation = events("mc", 1000)
    whole, cut = summed(simulation), summed(*(simulation.slice(start, 300) for start in range(0, 1000, 300)))
    for name in (*WORDS, *NUMBERS):
        one, other = whole.distributions[name], cut.distributions[name]
        assert one.total.keys() == other.total.keys()
        bins = list(one.total)
        np.testing.assert_allclose(one.in_bins(bins), other.in_bins(bins))
    np.testing.assert_array_equal(whole.pixels, cut.pixels)
    assert whole.n_events == cut.n_events == whole.n_own_rates == 1000


def test_measured_events_count_one_whatever_the_factor() -> None:
    sums = summed(blind(100), blind(50))
    assert (sums.n_events, sums.total, sums.is_blind, sums.is_simulated) == (150, 150.0, True, False)
    assert sum(sums.distributions["reco_energy"].total.values()) == 150.0
    assert not summed(events("data")).is_blind


def test_scaling_multiplies_sums_and_errors() -> None:
    sums = summed(events("mc"))
    bins = list(sums.distributions["season"].total)
    before, after = (one.distributions["season"].in_bins(bins) for one in (sums, sums.scaled(3.0)))
    np.testing.assert_allclose(after, 3.0 * np.array(before))
    assert sums.scaled(3.0).total == pytest.approx(3.0 * sums.total)


def test_merged_bins_keep_what_they_held() -> None:
    found = summed(events("mc")).distributions["reco_energy"]
    total, _ = found.in_bins(range(6, 18))
    merged, error = found.merged(2).in_bins(range(3, 9))
    np.testing.assert_allclose(merged, total.reshape(6, 2).sum(axis=1))
    np.testing.assert_allclose(error**2, (found.in_bins(range(6, 18))[1] ** 2).reshape(6, 2).sum(axis=1))


@pytest.mark.parametrize("nside", [1, 8, 64])
def test_coarser_maps_are_those_of_their_own_pixels(nside: int) -> None:
    data = blind(5000)
    longitude, latitude = (np.degrees(data[name].to_numpy()) for name in ("reco_ra", "reco_dec"))
    pixels = healpy.ang2pix(nside, longitude, latitude, lonlat=True)
    np.testing.assert_array_equal(
        summed(data).counts_on_sky(nside), np.bincount(pixels, minlength=healpy.nside2npix(nside))
    )


def test_no_events_have_no_sums() -> None:
    sums = summed(blind(0), events("mc", 0))
    assert sums.n_events == 0
    assert not any(one.total for one in sums.distributions.values())
