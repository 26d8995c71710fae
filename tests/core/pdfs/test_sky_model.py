"""How a pair sees one sky: the cells of its fit hold what the densities say, and every event in its window."""

import numpy as np
import pytest

from core.errors import ProductError
from core.pdfs.observed_sky import drawn_sky, fitted_sky, sky_of_table, sky_table
from core.pdfs.sky_model import SkyModel, joint_sky_model, pattern_sky_model
from core.trials.one_sky import fits_of_counts
from tests.core.pdfs.public_pairs import STATISTIC, public_pair
from tests.core.pdfs.test_sky_patterns import EDGES, SOURCES, one_sky

PAIR = public_pair("tautau", 20.0)
BINS = PAIR.binned_background


def joint() -> SkyModel:
    cells = PAIR.ratio_cells()
    merged = cells["n_sky_cells"].to_numpy()
    arguments = (PAIR.signal_pdf(), merged, BINS.reco_energy_edges, STATISTIC.background, STATISTIC.n_cells)
    return joint_sky_model(PAIR.trial_model(), *arguments)


def sky(seed: int = 1) -> np.ndarray:
    return drawn_sky(BINS, STATISTIC.nside, np.random.default_rng(seed))


def test_cells_of_the_sky_are_those_of_the_product() -> None:
    model = joint()
    background = PAIR.sky()[2].ravel()
    in_cells = np.bincount(model.cell_of, weights=background, minlength=model.model.n_cells)
    assert in_cells == pytest.approx(model.model.background[0], abs=1e-12)


def test_a_sky_is_fitted_as_an_observed_one_is() -> None:
    signal, average, _ = PAIR.sky()
    counts = joint().counts(sky())
    fitted = fitted_sky(sky(), signal, average, BINS, STATISTIC.background, STATISTIC.n_cells)
    assert np.array_equal(counts, fitted.counts)


def test_cells_of_another_merging_are_refused() -> None:
    cells = PAIR.ratio_cells(n_cells=64)["n_sky_cells"].to_numpy()
    with pytest.raises(ProductError, match="make it again"):
        joint_sky_model(PAIR.trial_model(), PAIR.signal_pdf(), cells, BINS.reco_energy_edges, "data", 512)


def test_a_drawn_sky_keeps_the_counts_of_every_bin() -> None:
    per_class_and_energy = (BINS.probability * BINS.n_events).sum(axis=2)
    assert sky().sum() == 40_902
    assert sky().sum(axis=2) == pytest.approx(per_class_and_energy)
    assert not np.array_equal(sky(1), sky(2))


def test_a_table_gives_the_sky_back() -> None:
    table = sky_table(sky(), BINS.reco_energy_edges, "drawn")
    assert np.array_equal(sky_of_table(table, BINS.reco_energy_edges), sky())
    assert set(table["sky"].to_pylist()) == {"drawn"}


@pytest.mark.parametrize(("window", "share"), [(None, 1.0), ((10.0, 30.0), None)])
def test_the_published_statistic_sees_all_events_in_its_window(
    window: tuple[float, float] | None, share: float | None
) -> None:
    edges = BINS.reco_energy_edges
    model = pattern_sky_model(one_sky(), SOURCES, EDGES[:-1], STATISTIC.nside, edges, window)
    counts = model.counts(sky())
    inside = np.ones(len(edges) - 1, dtype=bool) if window is None else (edges[1:] > 10.0) & (edges[:-1] < 30.0)
    assert counts.sum() == sky()[:, inside].sum()
    if share is not None:
        spread = np.sqrt(counts.sum() * model.model.background[0])
        assert np.abs((counts - counts.sum() * model.model.background[0])[spread > 1] / spread[spread > 1]).max() < 6.0
        found = fits_of_counts(model, counts[np.newaxis])
        assert abs(found["n_s_signed"][0]) < 2000.0
