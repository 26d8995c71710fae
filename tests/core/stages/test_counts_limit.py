"""A run of two pairs ends with limits from the measured counts, the fit behind them, and what moves a sensitivity."""

from pathlib import Path

import numpy as np
import pytest

from core.configuration.config import read_config
from core.products.recipe import ProductKey
from core.products.store import ProductStore
from core.stages.figures.counts import draw_fit
from core.stages.samples import SAMPLES
from tests.made_analysis import made_analysis
from tests.runs import written_config


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> ProductStore:
    return made_analysis(read_config(written_config(tmp_path_factory.mktemp("analysis"))))


def test_only_the_public_sample_has_an_atmospheric_model() -> None:
    assert [name for name, sample in SAMPLES.items() if sample.has_atmospheric_model] == ["public-3y"]


@pytest.mark.slow
def test_a_run_ends_with_limits_from_the_counts(store: ProductStore) -> None:
    rows = store.read("counts_limit").to_pylist()
    assert len(rows) == 2 * (5 * 2 + 2)
    by_trials = [row for row in rows if row["method"] == "atmospheric_trials"]
    assert {row["profile"] for row in by_trials} == {"none", "nfw"}
    for row in by_trials:
        assert 0.0 < row["sigma_v_upper_limit_error"] < 0.3 * row["sigma_v_upper_limit"]
    alone, with_halo = (
        [row["sigma_v_upper_limit"] for row in by_trials if row["profile"] == name] for name in ("none", "nfw")
    )
    assert np.all(np.array(alone) > 50.0 * np.array(with_halo))


@pytest.mark.slow
def test_the_fit_and_its_expectation_stand(store: ProductStore) -> None:
    fit = {row["parameter"]: row["best_fit"] for row in store.read("atmospheric_fit").to_pylist()}
    assert fit["mass_splitting_32"] == pytest.approx(2.31e-3, abs=0.12e-3)
    expectation = store.read_product(ProductKey("atmospheric_expectation"))
    assert expectation["n_expected"].to_numpy().sum() == pytest.approx(40902, rel=0.01)
    assert expectation["residual"].to_numpy().std() == pytest.approx(1.0, abs=0.2)
    assert draw_fit(store).axes


@pytest.mark.slow
def test_each_pair_has_its_systematics(store: ProductStore) -> None:
    for channel, mass in (("tautau", 20), ("bb", 50)):
        rows = {row["cause"]: row for row in store.read("systematics", channel=channel, mass=mass).to_pylist()}
        assert rows["opt_eff_overall"]["shift_lo"] < -0.05 < 0.05 < rows["opt_eff_overall"]["shift_hi"]
        assert rows["opt_eff_overall"]["note"].startswith("approximate")
        assert rows["total"]["shift_hi"] >= rows["detector_envelope"]["shift_hi"]
        nominal, marginalised = (rows["total"][f"sigma_v_sensitivity_{name}"] for name in ("asimov", "marginalised"))
        assert marginalised == pytest.approx(nominal, rel=0.1)
        asimov = store.read("asimov", channel=channel, mass=mass)["sigma_v_sensitivity"][0].as_py()
        assert nominal == pytest.approx(asimov, rel=0.05)


def test_analysis_file_is_where_it_is_read(tmp_path: Path) -> None:
    config = read_config(written_config(tmp_path, "[counts_limit]\nn_trials = 150\n"))
    assert config.counts_limit.n_trials == 150
