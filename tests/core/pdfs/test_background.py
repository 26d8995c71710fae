"""The background density: shares of the data, even in right ascension."""

import numpy as np
import pyarrow as pa
import pytest

from core.errors import InputError
from core.pdfs.background import background_on_sky, background_pdf, binned_background
from core.pdfs.sky import right_ascension_average


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


def test_no_events_is_refused() -> None:
    with pytest.raises(InputError, match="holds no events"):
        background_pdf(events(np.zeros((2, 3, 8), dtype=int)))
