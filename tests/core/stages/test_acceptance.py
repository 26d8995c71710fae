"""The stage `acceptance`: expected events of each source per cross section, for every pair that is asked for."""

from pathlib import Path

import numpy as np
import pytest

from core.configuration.config import Config
from core.products.recipe import ProductKey
from core.products.store import ProductStore
from core.stages.registry import recipes
from tests.core.stages.analyses import CHANNEL, MASS, Analysis

PAIR = {"channel": CHANNEL, "mass": MASS}


def test_it_follows_from_sources_response_and_spectra(joint: Analysis) -> None:
    (recipe,) = joint.recipes("acceptance")
    assert recipe.inputs == (ProductKey("sources"), ProductKey("response"), ProductKey("spectra", PAIR))
    assert recipe.parameters == {}


def test_every_pair_has_a_recipe_whether_it_will_be_served_or_not(tmp_path: Path) -> None:
    config = Config(pairs={"bb": (6.0, 50.0), "nunu": (300.0,)})
    wanted = recipes(config, ProductStore(tmp_path), "acceptance")
    assert [(item.product.keys["channel"], item.product.keys["mass"]) for item in wanted] == [
        ("bb", 6.0),
        ("bb", 50.0),
        ("nunu", 300.0),
    ]


def test_shares_are_those_of_the_expected_events(joint: Analysis) -> None:
    table = joint.table("acceptance")
    expected = table["n_s_per_sigma_v"].to_numpy()
    np.testing.assert_allclose(table["source_weight"].to_numpy(), expected / expected.sum())
    assert table["source"].equals(joint.table("sources")["source"])


def test_errors_of_sources_are_those_of_one_simulation(joint: Analysis) -> None:
    """The same simulated events stand for all sources, so that errors add up to less than one after the other."""
    table = joint.table("acceptance")
    errors, total = table["n_s_per_sigma_v_error"].to_numpy(), table["n_s_per_sigma_v_total_error"].to_numpy()
    assert len(set(total)) == 1
    assert np.sqrt(np.sum(errors**2)) < total[0] < errors.sum()


def test_sources_at_the_same_declination_go_by_their_j_factors(joint: Analysis) -> None:
    sources, expected = joint.table("sources"), joint.table("acceptance")["n_s_per_sigma_v"].to_numpy()
    per_factor = expected / sources["j_factor"].to_numpy()
    order = np.argsort(sources["dec"].to_numpy())
    steps = np.diff(per_factor[order]) / per_factor[order][1:]
    near = np.diff(sources["dec"].to_numpy()[order]) < np.radians(0.5)
    assert np.count_nonzero(near) >= 3
    assert np.abs(steps[near]).max() < 0.02


def test_the_whole_is_what_every_statistic_takes(joint: Analysis, j_weighted: Analysis) -> None:
    total = joint.table("acceptance")["n_s_per_sigma_v"].to_numpy().sum()
    assert joint.row("sensitivity")["n_s_per_sigma_v"] == pytest.approx(total, rel=1e-6)
    assert j_weighted.row("sensitivity")["n_s_per_sigma_v"] == pytest.approx(total, rel=1e-6)
