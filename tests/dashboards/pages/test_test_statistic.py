"""Test statistics: histograms hold all trials, the threshold has one definition, which the page says."""

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from scipy.stats import norm

from core.likelihood.model import TrialModel
from core.products.recipe import ProductKey
from core.products.store import ProductStore
from core.random.streams import stream_seed
from core.trials.histogram import trial_histogram
from dashboards.pages.test_statistic import three_sigma
from dashboards.trials import trials_of
from tests.dashboards.conftest import Look
from tests.small_analysis import N_EVENTS, N_TRIALS, SEED, injected_counts, ratio_cells, write

pytestmark = pytest.mark.filterwarnings("ignore:The inplace keyword in DataFrame.reset_index")
PAIR = {"channel": "tautau", "mass": 20.0, "seed": SEED}


def test_histograms_hold_every_trial(show: Callable, store: ProductStore) -> None:
    page = show("?page=test-statistic")
    trials = store.read("background_trials", **PAIR)
    assert page.source("background")["n"].sum() == np.count_nonzero(trials["test_statistic"].to_numpy() > 0.0)
    boxes = page.source("signal-0")
    assert np.sum(boxes["top"] * (boxes["right"] - boxes["left"])) == pytest.approx(1.0)


def test_the_tail_is_the_share_of_trials_that_reach_a_value(show: Callable, store: ProductStore) -> None:
    tail = show("?page=test-statistic").source("survival")
    values = store.read("background_trials", **PAIR)["test_statistic"].to_numpy()
    expected = [np.mean(values >= place) for place in tail["ts"]]
    np.testing.assert_allclose(np.nan_to_num(tail["p"]), expected)


def test_the_table_has_each_number_of_injected_events(show: Callable) -> None:
    table = show("?page=test-statistic").tables["test-statistic-tautau-20"]
    assert table["n_injected"].tolist() == [0, *injected_counts()]
    assert table["share above background median"][0] == pytest.approx(0.5, abs=1e-3)


def test_three_sigma_is_that_of_importance_sampling_where_it_stands(look: Look, store: ProductStore) -> None:
    view = look("?page=test-statistic")
    threshold, said = three_sigma(view, trials_of(view))
    assert threshold is None
    assert "too few" in said
    row = {**PAIR, "threshold_3sigma": 8.97, "threshold_3sigma_error": 0.03}
    write(store, ProductKey("discovery_potential", PAIR), pa.Table.from_pylist([row]))
    threshold, said = three_sigma(look("?page=test-statistic"), trials_of(view))
    assert threshold == 8.97
    assert "8.970 ± 0.030" in said
    assert f"{norm.sf(3.0):.2e}" in said


def test_an_opened_sky_is_told_galaxy_by_galaxy_the_most_telling_first(show: Callable, store: ProductStore) -> None:
    rows = {
        "source": ["<b>Faint</b>", "Bright", "Empty"],
        "n_s_signed": [3.0, 12.0, -2.0],
        "test_statistic_signed": [0.5, 4.0, -0.2],
        "p_value": [0.3, 0.02, 0.7],
    }
    assert not [name for name in show("?page=test-statistic").tables if name.startswith("observed")]
    write(store, ProductKey("observed_sources", PAIR), pa.table(rows))
    table = show("?page=test-statistic").tables["observed-sources-tautau-20"]
    assert table["source"].tolist() == ["Bright", "<b>Faint</b>", "Empty"]
    assert table["p_value"].tolist() == [0.02, 0.3, 0.7]


def test_1e8_trials_kept_in_bins_are_shown_as_those_of_their_rows(show: Callable, store: ProductStore) -> None:
    """As many bins as of few trials: each holds 50,000 times as many."""
    of_rows = show("?page=test-statistic").source("survival")
    cells = ratio_cells()
    columns = (cells[name].to_numpy() for name in ("background_probability", "signal_probability", "ratio"))
    drawn = trial_histogram(
        TrialModel.joint(*columns, N_EVENTS), N_TRIALS, seed=stream_seed(SEED, "background_trials", "tautau", 20.0)
    )
    for name in ("n_trials", "n_s_sum", "n_s_square_sum"):
        drawn = drawn.set_column(drawn.schema.get_field_index(name), name, pc.multiply(drawn[name], 50_000))
    write(store, ProductKey("background_trials", PAIR), drawn)
    page = show("?page=test-statistic")
    assert any("background, 100,000,000 trials" in label for label in page.legends)
    np.testing.assert_allclose(np.nan_to_num(page.source("survival")["p"]), np.nan_to_num(of_rows["p"]), atol=0.01)
