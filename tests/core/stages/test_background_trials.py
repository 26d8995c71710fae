"""The stage `background_trials`: numbers follow from run seed, stage and pair; how they are cut into shards is free."""

import numpy as np
import pyarrow as pa
import pytest

from core.likelihood.model import TrialModel
from core.random.streams import stream_seed
from core.stages.registry import recipes
from core.stages.stage import made_from
from core.trials.run import run_trials
from tests.core.stages.analyses import CHANNEL, MASS, N_BACKGROUND, Analysis

STATISTICS = ("n_s", "test_statistic", "n_s_signed", "test_statistic_signed")


def changed(analysis: Analysis, **trials: object) -> Analysis:
    settings = analysis.config.trials.model_copy(update=trials)
    return Analysis(analysis.config.model_copy(update={"trials": settings}), analysis.store)


def test_trials_are_those_of_the_engine(joint: Analysis) -> None:
    cells, found = joint.table("ratio_cells"), joint.table("background_trials")
    names = ("background_probability", "signal_probability", "ratio")
    model = TrialModel.joint(*(cells[name].to_numpy() for name in names), cells["n_events"][0].as_py())
    seed = stream_seed(joint.config.seed, "background_trials", CHANNEL, MASS)
    expected = run_trials(model, N_BACKGROUND, 0, seed)
    assert found["trial"].to_pylist() == list(range(N_BACKGROUND))
    for name in STATISTICS:
        np.testing.assert_array_equal(found[name].to_numpy(), getattr(expected, name))


def test_a_shard_is_a_part_and_all_shards_together_are_the_same_trials(joint: Analysis) -> None:
    cut = changed(joint, shard_size=750)
    shards = cut.recipes("background_trials")
    assert [(s.part, s.parameters["first_trial"], s.parameters["n_trials"]) for s in shards] == [
        (0, 0, 750),
        (1, 750, 750),
        (2, 1500, 500),
    ]
    made = [made_from(joint.store, shard) for shard in shards]
    whole = pa.concat_tables([table for table in made if isinstance(table, pa.Table)])
    stored = joint.table("background_trials")
    assert whole.equals(stored.select(whole.column_names))


def test_more_trials_begin_with_the_same(joint: Analysis) -> None:
    (recipe,) = changed(joint, n_background=2200).recipes("background_trials")
    made = made_from(joint.store, recipe)
    assert isinstance(made, pa.Table)
    assert made.num_rows == 2200
    stored = joint.table("background_trials").select(made.column_names)
    assert made.slice(0, N_BACKGROUND).equals(stored)


def test_another_run_seed_draws_other_trials(joint: Analysis) -> None:
    other = joint.config.model_copy(update={"seed": 2})
    (recipe,) = recipes(other, joint.store, "background_trials")
    made = made_from(joint.store, recipe)
    assert isinstance(made, pa.Table)
    same = made["n_s_signed"].to_numpy() == joint.table("background_trials")["n_s_signed"].to_numpy()
    assert same.mean() < 0.01


def test_half_of_the_trials_show_no_excess(any_statistic: Analysis) -> None:
    n_s = any_statistic.table("background_trials")["n_s"].to_numpy()
    if any_statistic.config.statistic.name == "joint":
        assert np.mean(n_s == 0.0) == pytest.approx(0.5, abs=5.0 * 0.5 / np.sqrt(N_BACKGROUND))
    signed = any_statistic.table("background_trials")["n_s_signed"].to_numpy()
    assert abs(signed.mean()) < 5.0 * signed.std() / np.sqrt(N_BACKGROUND)


def test_a_histogram_holds_as_many_trials(joint: Analysis) -> None:
    (recipe,) = changed(joint, keep="histogram").recipes("background_trials")
    assert recipe.code.endswith(":make_histogram")
    made = made_from(joint.store, recipe)
    assert isinstance(made, pa.Table)
    frame = made.to_pandas().groupby("binned")["n_trials"].sum()
    assert set(frame) == {N_BACKGROUND}
    assert recipe.digest != joint.recipes("background_trials")[0].digest
