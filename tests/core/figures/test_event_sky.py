"""The map of counts holds every event in its pixel, and says what it shows."""

import healpy
import numpy as np
import pytest

from core.errors import ProductError
from core.figures.event_sky import fitting_nside, sky_counts_figure
from tests.core.figures.event_cases import blind, events, summed


def test_the_map_counts_every_event_in_its_pixel() -> None:
    data = blind(3000)
    axes, bar = sky_counts_figure(summed(data.slice(0, 1000), data.slice(1000)), "IC86", 4).axes
    image = np.ma.masked_invalid(axes.images[0].get_array())
    expected = np.zeros(healpy.nside2npix(4))
    longitude, latitude = (np.degrees(data[name].to_numpy()) for name in ("reco_ra", "reco_dec"))
    np.add.at(expected, healpy.ang2pix(4, longitude, latitude, lonlat=True), 1)
    assert expected.sum() == 3000
    assert set(np.unique(image.compressed())) == set(expected)
    # The map has equal areas: its mean is that of the pixels.
    assert image.mean() == pytest.approx(expected.mean(), rel=0.01)
    assert axes.get_title(loc="left") == "IC86: 3 000 events, right ascension scrambled"
    assert "215 square degrees" in bar.get_xlabel()


def test_the_map_says_what_it_shows() -> None:
    simulated = sky_counts_figure(summed(events("mc"))).axes[0].get_title(loc="left")
    assert simulated.endswith("simulated events, not weighted")
    assert sky_counts_figure(summed(events("data", 1))).axes[0].get_title(loc="left").endswith("as measured")


@pytest.mark.parametrize(("n_events", "nside"), [(1, 1), (383, 1), (384, 2), (40_902, 16), (10**7, 64)])
def test_pixels_hold_eight_events_on_average(n_events: int, nside: int) -> None:
    assert fitting_nside(n_events) == nside


def test_no_sky_is_refused() -> None:
    with pytest.raises(ProductError, match="no events to draw on the sky"):
        sky_counts_figure(summed(blind(0)))
    for nside in (3, 128):
        with pytest.raises(ProductError, match=f"nside is {nside}: HEALPix needs a power of two, 64 at most"):
            sky_counts_figure(summed(blind(5)), nside=nside)
