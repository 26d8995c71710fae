"""Shards of trials with the real command: rows or bins, and more of them later."""

from pathlib import Path

import pytest

from core.inference.sensitivity_product import sensitivity_of_trials
from core.likelihood.model import TrialModel
from core.products.store import ProductStore
from core.random.streams import stream_seed
from core.trials.run import run_trials
from core.trials.statistic import TrialStatistic
from tests.runs import dwarfnu, outcomes, written_config

ONE_PAIR = """
[pairs]
tautau = [20]
[trials]
n_background = {n_background}
n_signal = 2000
shard_size = 2000
keep = "{keep}"
"""


def run(folder: Path, n_background: int, keep: str) -> dict[str, dict[str, int]]:
    config = written_config(folder, ONE_PAIR.format(n_background=n_background, keep=keep))
    done = dwarfnu(folder, "run", config)
    assert done.returncode == 0, done.stdout + done.stderr
    return outcomes(done.stdout)


@pytest.mark.slow
def test_histograms_give_what_rows_give_and_more_trials_are_new_shards_alone(tmp_path: Path) -> None:
    assert run(tmp_path, 4_000, "histogram")["background_trials"] == {"computed": 2}
    said = run(tmp_path, 10_000, "histogram")
    assert said["background_trials"] == {"cached": 2, "computed": 3}
    assert said["signal_trials"] == {"cached": 9}
    store = ProductStore(tmp_path / "products")
    (row,) = store.read("sensitivity").to_pylist()
    assert row["n_background_trials"] == 10_000
    binned = store.read("background_trials")
    assert set(binned["binned"].to_pylist()) == {"test_statistic", "test_statistic_signed"}
    cells = store.read("ratio_cells")
    model = TrialModel.joint(
        *(cells[name].to_numpy() for name in ("background_probability", "signal_probability", "ratio")),
        cells["n_events"][0].as_py(),
    )
    rows = run_trials(model, 10_000, seed=stream_seed(1, "background_trials", "tautau", 20.0))
    exact = TrialStatistic.of_values(rows.test_statistic_signed)
    found = TrialStatistic.of_table(binned, "test_statistic_signed")
    assert found.size == exact.size == 10_000
    assert float(found.quantile(0.5)) == pytest.approx(float(exact.quantile(0.5)), abs=1e-4)
    again = sensitivity_of_trials(binned, store.read("signal_trials"), "test_statistic_signed")
    assert again.sensitivity.n_s == pytest.approx(row["n_s_sensitivity"], rel=1e-9)
    assert run(tmp_path, 10_000, "rows")["background_trials"] == {"recomputed (stale)": 5}
    (of_rows,) = store.read("sensitivity").to_pylist()
    assert of_rows["n_s_sensitivity"] == pytest.approx(row["n_s_sensitivity"], abs=0.1 * row["n_s_sensitivity_error"])
