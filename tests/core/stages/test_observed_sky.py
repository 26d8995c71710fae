"""The stage `observed_sky`: what sky there is to observe, and a drawn one that keeps every bin's events."""

from pathlib import Path

import numpy as np
import pytest

from core.configuration.config import Config
from core.events.public_release import public_counts
from core.pdfs.background import background_of_sky, background_pdf, binned_background
from core.pdfs.observed_sky import sky_of_table
from core.pdfs.sky import ring_sums
from core.products.store import ProductStore
from core.stages.observed_sky import DRAWN, MEASURED, SIMULATED, make_drawn, recipes, sky_kind

NSIDE, N_EVENTS = 16, 40_902


def drawn(seed: int, nside: int = NSIDE) -> np.ndarray:
    table = background_pdf(public_counts())
    found = make_drawn({"background_pdf": table}, {"drawn_sky": seed, "nside": nside, "sky": DRAWN})  # type: ignore[arg-type]
    assert set(found["sky"].to_pylist()) == {DRAWN}
    return sky_of_table(found, binned_background(table).reco_energy_edges)


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ({}, DRAWN),
        ({"sample": "simulated-7y"}, SIMULATED),
        ({"analysis": "mine", "sample": "own", "events": {"data": ["x.i3"]}}, MEASURED),
    ],
)
def test_a_sky_is_measured_where_events_are(values: dict[str, object], kind: str) -> None:
    assert sky_kind(Config.model_validate(values)) == kind


def test_of_counts_in_bins_there_is_a_sky_only_where_a_seed_is_given(tmp_path: Path) -> None:
    store = ProductStore(tmp_path)
    assert list(recipes(Config(), store)) == []
    (recipe,) = recipes(Config.model_validate({"seed": 7, "limits": {"drawn_sky": 3}}), store)
    assert recipe.product.keys == {"seed": 7}
    assert recipe.parameters == {"nside": 32, "sky": DRAWN, "drawn_sky": 3}
    assert [product.stage for product in recipe.inputs] == ["background_pdf"]


def test_a_drawn_sky_has_every_event_of_every_class_and_energy() -> None:
    background = binned_background(background_pdf(public_counts()))
    sky = drawn(1)
    assert sky.sum() == N_EVENTS
    counts = np.rint(background.probability * background.n_events)
    np.testing.assert_array_equal(sky.sum(axis=2), counts.sum(axis=2))


def test_a_drawn_sky_gives_back_the_background_that_it_was_drawn_from() -> None:
    """Pixels that straddle two bands share their events; elsewhere bands are whole: within √N of each bin."""
    given = binned_background(background_pdf(public_counts()))
    found = background_of_sky(drawn(2), NSIDE, given.reco_energy_edges, given.reco_cos_zenith_edges)
    expected = given.probability * N_EVENTS
    pulls = (found.probability * N_EVENTS - expected) / np.sqrt(expected)
    assert np.abs(pulls).max() < 4.0


def test_events_lie_evenly_in_right_ascension() -> None:
    """About the equator the eastern and the western half of each ring hold the same, within 4 σ."""
    sky = drawn(4).sum(axis=(0, 1))
    n_in_ring = 4 * NSIDE
    rings = np.arange(NSIDE, 3 * NSIDE)
    first = 2 * NSIDE * (NSIDE - 1) + (rings - NSIDE)[:, None] * n_in_ring
    east = sky[first + np.arange(n_in_ring // 2)].sum()
    whole = ring_sums(sky, NSIDE)[NSIDE - 1 : 3 * NSIDE - 1].sum()
    assert abs(east - 0.5 * whole) < 4.0 * np.sqrt(0.25 * whole)


def test_seed_and_pixels_alone_say_which_sky_it_is() -> None:
    np.testing.assert_array_equal(drawn(5, 8), drawn(5, 8))
    assert np.any(drawn(5, 8) != drawn(6, 8))
