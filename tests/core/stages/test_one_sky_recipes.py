"""What fits of one sky are made from: densities of their statistic, and the windows of their pairs."""

from typing import Any

import pytest

from core.configuration.config import Config
from core.stages.certificate import is_one_likelihood
from core.stages.one_sky_recipes import fits_one_sky, sky_inputs, sky_parameters

PAIR = ("tautau", 20.0)
ONE_SKY = {"name": "j_weighted", "skies": "one"}


def config_of(statistic: dict[str, Any], **more: Any) -> Config:
    return Config.model_validate({"statistic": statistic, **more})


@pytest.mark.parametrize(
    ("config", "fits", "certified"),
    [
        (config_of({}), True, True),
        (config_of(ONE_SKY), True, False),
        (config_of({"name": "j_weighted"}), False, False),
        (config_of({}, halo={"treatment": "same_cross_section"}), False, False),
        (config_of({}, sources={"j_uncertainty": "profiled"}), True, True),
    ],
    ids=["joint", "one sky", "separate skies", "with halo", "profiled"],
)
def test_a_sky_is_fitted_where_sources_share_one_and_certified_where_it_has_one_likelihood(
    config: Config, fits: bool, certified: bool
) -> None:
    assert fits_one_sky(config) is fits
    assert is_one_likelihood(config) is certified
    assert bool(sky_inputs(config, PAIR)) is fits


def test_densities_are_those_of_the_statistic() -> None:
    joint = [product.stage for product in sky_inputs(config_of({}), PAIR)]
    assert joint == ["signal_pdf", "ratio_cells"]
    stacked = [product.stage for product in sky_inputs(config_of(ONE_SKY), PAIR)]
    assert "sky_patterns" in stacked
    assert "ratio_cells" not in stacked
    assert all(product.keys == {"channel": "tautau", "mass": 20.0} for product in sky_inputs(config_of({}), PAIR))


def test_an_optimal_window_is_an_input_and_others_are_parameters() -> None:
    optimal = config_of({"window": "optimal"})
    assert "energy_range" in [product.stage for product in sky_inputs(optimal, PAIR)]
    assert sky_parameters(optimal, PAIR)["windows"] == {"tautau 20": "optimal"}
    published = config_of({"window": "published"})
    assert "energy_range" not in [product.stage for product in sky_inputs(published, PAIR)]
    # arXiv:2511.19385: 0 to 30 GeV for taus of 20 GeV, 0 to 38 GeV for quarks of 50 GeV.
    windows = sky_parameters(published, PAIR, ("bb", 50.0))["windows"]
    assert windows == {"tautau 20": [0.0, 30.0], "bb 50": [0.0, 38.0]}


def test_settings_of_the_sky_are_parameters() -> None:
    found = sky_parameters(config_of({"nside": 16, "n_cells": 64, "background": "known"}), PAIR)
    assert {name: found[name] for name in ("statistic", "nside", "n_cells", "background")} == {
        "statistic": "joint",
        "nside": 16,
        "n_cells": 64,
        "background": "known",
    }
