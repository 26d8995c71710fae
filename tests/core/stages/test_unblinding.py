"""The unblinding as a library: what it refuses, what it writes down, and what it finds in a sky with a known signal."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from core.configuration.config import Config
from core.configuration.limits import LimitSettings
from core.errors import ConfigError, ProductError
from core.inference.profiled_j_limit import profiled_j_limit
from core.pdfs.likelihood_cells import likelihoods_of_table
from core.pdfs.observed_sky import drawn_sky
from core.products.store import ProductStore
from core.products.unblinding import unblindings
from core.stages import (
    certificate,
    common_sky_trials,
    observed,
    observed_likelihood,
    observed_sky,
    observed_sources,
    upper_limit,
)
from core.stages.one_sky_recipes import fits_one_sky
from core.stages.registry import STAGES, recipes, stages_of
from core.stages.stage import make_product
from core.stages.statistics.one_sky import seed_of
from core.stages.unblinding import open_sky, unblinding_plan
from tests.core.pdfs.public_pairs import public_pair
from tests.made_analysis import made_analysis, unblinded

EDGES = (5.623413251903491, 10.0, 17.78, 31.62, 56.23, 178.0, 1000.0)
SIGNAL = {"channel": "tautau", "mass": 20.0, "sigma_v": 1e-20}
LIMITS = ("", "_unfloored", "_cls", "_feldman_cousins", "_likelihood", "_profiled_j")


def test_stages_of_the_unblinding_are_asked_for_by_it_alone() -> None:
    modules = (observed_sky, common_sky_trials, observed, upper_limit, observed_likelihood, observed_sources)
    made = [module.STAGE.name for module in modules]
    assert list(stages_of(Config(), "unblind")) == made
    assert not set(made) & set(stages_of(Config()))
    assert stages_of(Config(), "certify") == (certificate.STAGE.name,)
    assert fits_one_sky(Config())
    assert not fits_one_sky(Config(statistic={"name": "j_weighted"}))
    assert not fits_one_sky(Config(halo={"treatment": "free"}))


def public(root: Path, **more: object) -> Config:
    trials = {"n_background": 4000, "n_signal": 1000}
    limits = {"n_common_skies": 200, "drawn_sky": 3}
    return Config(products=str(root), pairs={"tautau": (20.0,)}, trials=trials, limits=limits, **more)


def simulated(root: Path, *signals: object) -> Config:
    return Config(
        analysis="with-signal" if signals else "without-signal",
        sample="simulated-7y",
        seed=2,
        products=str(root),
        pairs={"tautau": (20.0,)},
        simulated={"n_simulated": 350_000, "injected": signals},
        bins={"reco_energy_edges": EDGES},
        trials={"n_background": 4000, "n_signal": 1000},
        limits={"n_common_skies": 200, "confidence_levels": (0.9, 0.95)},
    )


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    return public(tmp_path_factory.mktemp("unblinding"))


@pytest.fixture(scope="module")
def store(config: Config) -> ProductStore:
    return made_analysis(config)


def test_a_sample_without_right_ascension_says_so(config: Config) -> None:
    without = config.model_copy(update={"limits": config.limits.model_copy(update={"drawn_sky": None})})
    with pytest.raises(ConfigError, match=r"public-3y has no right ascension.*--drawn-sky SEED"):
        unblinding_plan(without, ProductStore(config.product_root))


def test_a_confidence_level_stands_once() -> None:
    assert LimitSettings().confidence_levels == (0.9,)
    for wrong in ((0.9, 0.9), (0.4,), ()):
        with pytest.raises(ValueError, match="confidence_levels"):
            LimitSettings(confidence_levels=wrong)


def test_sources_on_skies_of_their_own_have_no_sky_to_open(tmp_path: Path) -> None:
    config = public(tmp_path, statistic={"name": "j_weighted"})
    with pytest.raises(ConfigError, match=r'statistic\.skies = "one"'):
        unblinding_plan(config, ProductStore(tmp_path))


def test_what_is_not_made_yet_is_named(tmp_path: Path) -> None:
    with pytest.raises(ProductError, match="background_pdf is missing: `dwarfnu run`"):
        unblinding_plan(public(tmp_path), ProductStore(tmp_path))


@pytest.mark.slow
def test_a_profiled_limit_wants_an_error_of_every_j_factor() -> None:
    """Of the default's galaxies all have one; profiling never makes a limit stronger than by the same fall fixed."""
    pair = public_pair("tautau", 20.0)
    sky = drawn_sky(pair.binned_background, 32, np.random.default_rng(1))
    given = (pair.binned_background, sky, "data", None, 0.9, 1)
    found = profiled_j_limit(pair.expected, *given)
    assert found is not None
    assert 0.0 < found < 100.0 * pair.closed_form().sensitivity / pair.expected.acceptance.total.n_s_per_strength
    sources = pair.expected.sources
    place = sources.schema.get_field_index("log10_j_factor_error_low")
    without = sources.set_column(place, "log10_j_factor_error_low", pa.array([float("nan")] * sources.num_rows))
    assert profiled_j_limit(replace(pair.expected, sources=without), *given) is None


def test_what_pairs_draw_for_skies_is_their_own() -> None:
    keys = {"seed": 1, "stage": "observed", "channel": "bb"}
    assert seed_of({**keys, "mass": 50.0}) != seed_of({**keys, "mass": 100.0})


@pytest.mark.slow
def test_a_drawn_sky_is_fitted_once_and_is_labelled(config: Config, store: ProductStore) -> None:
    opening = unblinded(config, store)
    (row,), (limit,) = store.read("observed").to_pylist(), store.read("upper_limit").to_pylist()
    assert row["sky"] == limit["sky"] == "drawn"
    assert row["n_events"] == 40_902
    assert row["sigma_v_interval_lo"] < row["sigma_v_best_fit"] < row["sigma_v_interval_hi"]
    assert 0.0 < row["p_value"] <= row["p_value_global"] + 0.1
    assert limit["sigma_v_upper_limit"] >= 0.999 * store.read("sensitivity")["sigma_v_sensitivity"][0].as_py()
    unfloored, marginalised = (limit[f"sigma_v_upper_limit_{name}"] for name in ("unfloored", "marginalised_detector"))
    # A drawn detector spreads n_s by 8 % about a mean within 1 %, beside 30 % or more of the events themselves.
    assert 0.98 * unfloored < marginalised < 1.1 * unfloored
    assert store.metadata("observed")["remarks"]["unblinding"] == opening.remarks()
    with pytest.raises(ConfigError, match=r"was opened before, by a test on .*`--again`"):
        open_sky(store, unblinding_plan(config, store), "")
    stacked = likelihoods_of_table(store.read("observed_likelihood"))[0]
    assert stacked.events.sum() == row["n_events"]
    assert stacked.curve.best == pytest.approx(max(row["sigma_v_best_fit"], 0.0), rel=1e-4, abs=1e-26)
    assert stacked.curve.upper_limit(0.9) == pytest.approx(limit["sigma_v_upper_limit_likelihood"], rel=1e-4)
    galaxies = store.read("observed_sources").to_pylist()
    assert {galaxy["source"] for galaxy in galaxies} <= set(store.read("sources")["source"].to_pylist())
    assert {galaxy["sky"] for galaxy in galaxies} == {"drawn"}
    for galaxy in galaxies:
        assert galaxy["sigma_v_interval_lo"] < galaxy["sigma_v_best_fit"] < galaxy["sigma_v_interval_hi"]
        assert galaxy["sigma_v_upper_limit_likelihood"] > limit["sigma_v_upper_limit_likelihood"]
    again = open_sky(store, unblinding_plan(config, store), "", again=True)
    assert unblinding_plan(config, store).changes() == []
    assert again.is_on_record(store)


@pytest.mark.slow
def test_a_changed_setting_is_another_thing_to_open_and_is_named(config: Config, store: ProductStore) -> None:
    before = unblinding_plan(config, store)
    open_sky(store, before, "", again=True)
    other = config.model_copy(update={"limits": config.limits.model_copy(update={"drawn_sky": 4})})
    plan = unblinding_plan(other, store)
    assert plan.digest != before.digest
    assert plan.same_before is None
    assert "limits.drawn_sky: 3 → 4" in plan.changes()


@pytest.mark.slow
@pytest.mark.parametrize("signals", [(), (SIGNAL,)], ids=["without signal", "with signal"])
def test_the_whole_way_with_true_directions(tmp_path: Path, signals: tuple[object, ...]) -> None:
    """2 to 3 times the sensitivity put in: found where it is, and hidden until then."""
    config = simulated(tmp_path, *signals)
    store = made_analysis(config)
    plan = unblinding_plan(config, store)
    for digest in ("", "0123456789abcdef"):
        with pytest.raises(ConfigError, match="is not what would be opened"):
            open_sky(store, plan, digest)
    assert unblindings(store) == []
    (first,) = recipes(config, store, "observed_sky")
    with pytest.raises(ProductError, match="unblinding alone"):
        make_product(STAGES["observed_sky"], store, first)
    # An unblinding that ends as soon as the sky is open leaves its line.
    opening = open_sky(store, plan, plan.digest)
    make_product(STAGES["observed_sky"], store, first, opening)
    assert [line["event"] for line in unblindings(store)] == ["opened"]
    for stage in stages_of(config, "unblind"):
        for recipe in recipes(config, store, stage):
            make_product(STAGES[stage], store, recipe, opening)
    (row,) = store.read("observed").to_pylist()
    truth = SIGNAL["sigma_v"] if signals else 0.0
    error = 0.5 * (row["sigma_v_interval_hi"] - row["sigma_v_interval_lo"])
    assert abs(row["sigma_v_best_fit"] - truth) < 3.5 * error
    assert (row["p_value"] < 0.05) == bool(signals)
    assert row["n_events"] == sum(store.read("background_pdf")["n_events"].to_pylist())
    by_level = {r["confidence_level"]: r for r in store.read("upper_limit").to_pylist()}
    for name in LIMITS:
        values = [by_level[level][f"sigma_v_upper_limit{name}"] for level in (0.9, 0.95)]
        assert np.isfinite(values).all()
        assert values[0] <= values[1]
    assert by_level[0.9]["sigma_v_upper_limit_marginalised_detector"] is None  # the sample has no detector parameters
