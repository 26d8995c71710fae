"""What sensitivities hang on, by stages: shares, profiles, limits with J profiled, variants, drawn J factors."""

from pathlib import Path

import numpy as np
import pytest

from core.configuration.config import Config, read_config
from core.errors import ConfigError
from core.inference.robustness import weights_without
from core.inference.what_if import WhatIf
from core.pdfs.source_information import information_of_table
from core.products.store import ProductStore
from core.stages.registry import COUNTS, STAGES, recipes, stages_of
from core.stages.stage import make_product
from core.stages.statistics import JOINT_MARGINALISED, statistic_of
from core.stages.statistics.joint import JOINT
from tests.made_analysis import made_analysis

pytestmark = pytest.mark.slow

LEFT_OUT = {"background_trials", "signal_trials", "sensitivity", "discovery_potential", *(s.name for s in COUNTS)}


def without_trials(root: Path, **sources: object) -> ProductStore:
    """The products of tautau/20 that need no trial, without those of the measured counts."""
    config = Config.model_validate({"products": str(root), "pairs": {"tautau": [20]}, "sources": sources})
    store = ProductStore(config.product_root, config.analysis, config.sample)
    for stage in stages_of(config):
        for recipe in recipes(config, store, stage) if stage not in LEFT_OUT else ():
            make_product(STAGES[stage], store, recipe)
    return store


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> ProductStore:
    return without_trials(tmp_path_factory.mktemp("doubts"))


def ratios(store: ProductStore) -> dict[str, float]:
    table = store.read("robustness")
    return dict(zip(table["variant"].to_pylist(), table["ratio"].to_pylist(), strict=True))


def test_the_table_holds_what_was_measured(store: ProductStore) -> None:
    found = ratios(store)
    assert found["nominal"] == pytest.approx(1.0)
    assert found["without Willman 1"] == pytest.approx(1.73, abs=0.05)
    assert found["without Willman 1 and Ursa Major II"] == pytest.approx(2.51, abs=0.05)
    assert found["without all contested galaxies"] == pytest.approx(2.00, abs=0.05)
    assert found["J within 0.2 deg"] == pytest.approx(1.49, abs=0.02)
    assert found["J within 0.1 deg"] == pytest.approx(2.21, abs=0.02)
    assert found["J of whole galaxies"] == pytest.approx(0.75, abs=0.02)
    assert found["J factors marginalised"] == pytest.approx(0.83, abs=0.02)
    assert found["J factors profiled"] > found["J factors profiled, fall of Gaussian errors"] > 1.2
    assert 1.0 / found["background known"] == pytest.approx(170 / 124, rel=0.06)
    assert found["statistic j_weighted"] == pytest.approx(1.46, abs=0.03)
    assert found["one angular kernel"] > 1.0
    assert found["Earth matter"] == pytest.approx(1.0, abs=0.02)


def test_a_sensitivity_is_its_ratio_times_the_nominal(store: ProductStore) -> None:
    table = store.read("robustness")
    sensitivity, ratio = table["sigma_v_sensitivity"].to_numpy(), table["ratio"].to_numpy()
    assert sensitivity == pytest.approx(sensitivity[0] * ratio)
    assert sensitivity[0] == pytest.approx(store.read("asimov")["sigma_v_sensitivity"][0].as_py(), rel=0.02)


def test_leaving_willman_1_out_does_what_the_table_says(store: ProductStore, tmp_path: Path) -> None:
    other = without_trials(tmp_path, exclude=["Willman 1"])
    nominal, without = (each.read("robustness")["sigma_v_sensitivity"][0].as_py() for each in (store, other))
    assert without / nominal == pytest.approx(ratios(store)["without Willman 1"], rel=1e-6)
    expected = [each.read("asimov")["sigma_v_sensitivity"][0].as_py() for each in (store, other)]
    assert expected[1] / expected[0] == pytest.approx(1.73, abs=0.05)
    table = store.read("source_information")
    supposed = WhatIf(weights_without(table["source"].to_pylist(), ["Willman 1"]))
    ratio = supposed.sensitivity_ratio(information_of_table(table))
    assert expected[1] / expected[0] == pytest.approx(ratio, rel=0.01)
    assert "without Ursa Major II" in ratios(other)


def test_shares_sum_to_one(store: ProductStore) -> None:
    table = store.read("source_information")
    share = dict(zip(table["source"].to_pylist(), table["slope_share"].to_pylist(), strict=True))
    assert sum(share.values()) == pytest.approx(1.0)
    assert share["Willman 1"] == pytest.approx(0.46, abs=0.01)
    assert share["Ursa Major II"] == pytest.approx(0.29, abs=0.01)


def test_every_galaxy_has_a_profile(store: ProductStore) -> None:
    profiles = store.read("dwarf_profiles")
    assert set(profiles["source"].to_pylist()) == set(store.read("sources")["source"].to_pylist())
    assert np.all(profiles["log10_j_total_over_half_degree"].to_numpy() >= 0.0)


def test_limits_with_profiled_factors_stand_beside_fixed_ones(store: ProductStore) -> None:
    (row,) = store.read("j_profile").to_pylist()
    fixed = row["sigma_v_sensitivity_fixed_j"]
    assert fixed == pytest.approx(store.read("robustness")["sigma_v_sensitivity"][0].as_py())
    assert row["sigma_v_sensitivity_profiled_j"] / fixed == pytest.approx(2.1, abs=0.25)
    assert row["sigma_v_profiled_j_band_lo68"] < row["sigma_v_sensitivity_profiled_j"]
    assert 2.5 < row["likelihood_fall"] < 3.8
    assert (row["skies"], row["calibrated_on"]) == ("gaussian", "tautau/20")


def test_a_statistic_is_picked_by_the_factors_of_its_trials() -> None:
    picked = {
        name: statistic_of(Config.model_validate({"sources": {"j_uncertainty": name}}))
        for name in ("fixed", "profiled", "marginalised")
    }
    assert picked == {"fixed": JOINT, "profiled": JOINT, "marginalised": JOINT_MARGINALISED}


def test_the_published_statistic_has_no_trials_with_drawn_factors(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text('[sources]\nj_uncertainty = "marginalised"\n[statistic]\nname = "j_weighted"\n', encoding="utf-8")
    with pytest.raises(ConfigError, match="leave one of the two out"):
        read_config(path)


def test_marginalised_trials_are_labelled_and_not_conservative(tmp_path: Path) -> None:
    values = {
        "products": str(tmp_path),
        "pairs": {"tautau": [20]},
        "sources": {"j_uncertainty": "marginalised"},
        "trials": {"n_background": 20_000, "n_signal": 5_000},
    }
    store = made_analysis(Config.model_validate(values))
    (row,), (expected,) = store.read("sensitivity").to_pylist(), store.read("asimov").to_pylist()
    assert (row["j_uncertainty"], expected["j_uncertainty"]) == ("marginalised", "fixed")
    assert row["sigma_v_sensitivity"] / expected["sigma_v_sensitivity"] == pytest.approx(0.83, abs=0.06)


def test_profiled_limits_are_of_skies_of_counts(tmp_path: Path) -> None:
    (row,) = without_trials(tmp_path, j_uncertainty="profiled").read("j_profile").to_pylist()
    assert (row["skies"], row["calibrated_on"]) == ("counts", "tautau/20")
    assert row["sigma_v_sensitivity_profiled_j"] / row["sigma_v_sensitivity_fixed_j"] == pytest.approx(2.2, abs=0.4)
