"""The background density: shares of the data, even in right ascension."""

import numpy as np
import pyarrow as pa
import pytest

from core.errors import InputError
from core.pdfs.background import background_of_sky, background_on_sky, background_pdf, binned_background
from core.pdfs.sky import pixel_directions, right_ascension_average


def events(n_events: np.ndarray) -> pa.Table:
    """Counts (n_classes, n_energies, n_zeniths) as the events product."""
    _, n_energies, n_zeniths = n_events.shape
    energy_edges, zenith_edges = np.geomspace(5, 50, n_energies + 1), np.linspace(-1, 1, n_zeniths + 1)
    classes, energies, zeniths = (axis.ravel() for axis in np.indices(n_events.shape))
    return pa.table(
        {
            "event_class": pa.array(np.array(["cascade", "track"])[classes], pa.string()),
            "reco_energy_low": energy_edges[energies],
            "reco_energy_high": energy_edges[energies + 1],
            "reco_cos_zenith_low": zenith_edges[zeniths],
            "reco_cos_zenith_high": zenith_edges[zeniths + 1],
            "n_events": n_events.ravel(),
        }
    )


COUNTS = np.random.default_rng(2).integers(1, 500, (2, 3, 8))


def test_a_bin_holds_its_share_of_the_data() -> None:
    background = binned_background(background_pdf(events(COUNTS)))
    assert background.probability == pytest.approx(COUNTS / COUNTS.sum())
    assert background.n_events == COUNTS.sum()
    assert background.event_classes == ("cascade", "track")


def test_the_density_integrates_to_one_over_the_sky() -> None:
    table = background_pdf(events(COUNTS)).to_pandas()
    solid_angle = 2 * np.pi * (table["reco_cos_zenith_high"] - table["reco_cos_zenith_low"])
    assert (table["background_density"] * solid_angle).sum() == pytest.approx(1.0, abs=1e-12)


def test_the_order_of_rows_does_not_matter() -> None:
    table = background_pdf(events(COUNTS))
    shuffled = table.take(np.random.default_rng(3).permutation(len(table)))
    assert np.array_equal(binned_background(shuffled).probability, binned_background(table).probability)


@pytest.mark.parametrize("nside", [8, 32])
def test_the_sky_keeps_the_probability_of_each_bin(nside: int) -> None:
    background = binned_background(background_pdf(events(COUNTS)))
    on_sky = background_on_sky(background, nside)
    assert on_sky.sum() == pytest.approx(1.0, abs=1e-12)
    assert on_sky.sum(axis=2) == pytest.approx(background.probability.sum(axis=2))
    assert np.allclose(right_ascension_average(on_sky, nside), on_sky)


def test_equal_counts_in_equal_zones_make_an_even_sky() -> None:
    on_sky = background_on_sky(binned_background(background_pdf(events(np.full((1, 1, 8), 10)))), 16)
    assert np.ptp(on_sky) < 5e-3 * on_sky.mean() + 0.02 * on_sky.mean()


def test_a_sky_of_the_mean_gives_the_background_back() -> None:
    """Pixels that straddle two bands lend a little of one to the other: a pixel of 256 across at nside 64."""
    background = binned_background(background_pdf(events(COUNTS)))
    edges = background.reco_energy_edges, background.reco_cos_zenith_edges
    found = background_of_sky(background_on_sky(background, 64) * COUNTS.sum(), 64, *edges)
    assert found.probability.sum() == pytest.approx(1.0, abs=1e-12)
    assert found.probability.sum(axis=2) == pytest.approx(background.probability.sum(axis=2))
    assert found.probability == pytest.approx(background.probability, abs=0.02 * background.probability.max())


def test_whole_pixels_are_counted_where_they_lie() -> None:
    """All events at the equator's south, in one class and energy: cos zenith 0.25 to 0.5."""
    sky = np.zeros((2, 3, 12 * 16**2), dtype=int)
    pixel = int(np.argmin(np.abs(-pixel_directions(16)[:, 2] - 0.375)))
    sky[1, 2, pixel] = 40
    found = background_of_sky(sky, 16, np.geomspace(5, 50, 4), np.linspace(-1, 1, 9))
    assert found.n_events == 40
    assert found.probability[1, 2, 5] == 1.0


def test_no_events_is_refused() -> None:
    with pytest.raises(InputError, match="holds no events"):
        background_pdf(events(np.zeros((2, 3, 8), dtype=int)))
    with pytest.raises(InputError, match="holds no events"):
        background_of_sky(np.zeros((2, 3, 768), dtype=int), 8, np.geomspace(5, 50, 4), np.linspace(-1, 1, 9))
