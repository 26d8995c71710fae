"""Asimov numbers of the joint statistic: beside trials of public pairs, and the table that products hold."""

import time
from functools import cache

import pyarrow as pa
import pytest

from core.dark_matter.processes import PROCESSES
from core.glossary import GLOSSARY
from core.inference.asimov import Asimov, asimov_table, joint_asimov, joint_law
from core.inference.discovery_product import INJECTED_OVER_UNCERTAINTY, discovery_table
from core.inference.sensitivity import discovery_potential, sensitivity
from core.inference.sensitivity_product import SignalScale
from core.stages.statistics.joint import model_of_cells
from core.trials.run import run_trials
from core.trials.tail import FIVE_SIGMA, THREE_SIGMA, tail_sample
from tests.core.pdfs.public_pairs import public_pair

SCALE = SignalScale(
    n_s_per_strength=2e22, n_s_per_strength_error=2e20, flux_per_strength=1e17, limitation="", sample="own"
)
OF_TRIALS_ALONE = ("n_effective", "asymptotic_p_value", "n_tail_trials", "n_signal_trials", "n_background_trials")


@cache
def cells(channel: str = "tautau", mass: float = 20.0) -> pa.Table:
    return public_pair(channel, mass).ratio_cells()


def expected_of(channel: str, mass: float) -> Asimov:
    return joint_asimov(joint_law(cells(channel, mass)))


def test_bands_enclose_the_sensitivity_and_have_no_edge_where_background_alone_is_beyond() -> None:
    found = expected_of("tautau", 20.0)
    assert found.band["lo95"] is None
    low, high, higher = found.band["lo68"], found.band["hi68"], found.band["hi95"]
    assert low is not None
    assert high is not None
    assert higher is not None
    assert 0.0 < low < found.sensitivity < high < higher
    assert 0.0 < found.cls_band["lo95"] < found.cls_band["lo68"] < found.cls_median < found.cls_band["hi68"]
    assert found.cls_median > found.sensitivity
    assert found.sensitivity == pytest.approx(found.gaussian, rel=0.01)
    assert found.discovery["5sigma"].n_s == pytest.approx(5.0 / 3.0 * found.discovery["3sigma"].n_s, rel=0.03)
    assert found.discovery["5sigma"].threshold == pytest.approx(25.0, rel=0.01)


def test_the_table_holds_strengths_in_the_columns_of_sensitivity_and_discovery_potential() -> None:
    table = asimov_table(cells(), SCALE, "data")
    (row,) = table.to_pylist()
    found = expected_of("tautau", 20.0)
    assert row["sigma_v_sensitivity"] == pytest.approx(found.sensitivity / 2e22)
    assert row["sigma_v_sensitivity_error"] == pytest.approx(0.01 * row["sigma_v_sensitivity"])
    assert row["flux_sensitivity"] == pytest.approx(row["sigma_v_sensitivity"] * 1e17)
    assert row["sigma_v_band_lo95"] is None
    assert row["sigma_v_cls_band_lo95"] == pytest.approx(found.cls_band["lo95"] / 2e22)
    assert row["sigma_v_discovery_3sigma"] == pytest.approx(row["n_s_discovery_3sigma"] / 2e22)
    assert (row["statistic"], row["background"]) == ("joint", "data")
    for name, column in zip(table.column_names, table.columns, strict=True):
        assert column.type == GLOSSARY[name].dtype
    model = public_pair("tautau", 20.0).trial_model()
    of_trials = discovery_table(model, SCALE, found.n_s_uncertainty, 10_000, 200, 1, "data").column_names
    wanted = [name for name in of_trials if not name.endswith((*OF_TRIALS_ALONE, "sigma_error"))]
    assert set(wanted) <= set(table.column_names)


def test_decay_has_lifetimes() -> None:
    scale = SignalScale(2e29, 2e27, 1e17, "", "own", PROCESSES["decay"])
    (row,) = asimov_table(cells(), scale, "data").to_pylist()
    assert row["lifetime_sensitivity"] == pytest.approx(1.0 / row["decay_rate_sensitivity"])


def test_a_pair_costs_milliseconds() -> None:
    law = joint_law(cells())
    joint_asimov(law)
    started = time.process_time()
    for _ in range(5):
        joint_asimov(law)
    assert (time.process_time() - started) / 5 < 0.025  # 39 pairs in a second


@pytest.mark.slow
@pytest.mark.parametrize(("channel", "mass"), [("WW", 90.0), ("bb", 30.0), ("nunu", 50.0)])
def test_trials_agree_within_three_percent(channel: str, mass: float) -> None:
    found, known = expected_of(channel, mass), public_pair(channel, mass).trial_model()
    model = model_of_cells(cells(channel, mass))
    numbers = sorted({round(f * found.n_s_uncertainty) for f in (0.25, 0.5, *INJECTED_OVER_UNCERTAINTY)})
    background = run_trials(model, 1_000_000, 0, seed=11)
    trials = {n: run_trials(model, 200_000, n, seed=11) for n in numbers}
    of_trials = sensitivity(background.test_statistic_signed, {n: t.test_statistic_signed for n, t in trials.items()})
    assert found.sensitivity == pytest.approx(of_trials.sensitivity.n_s, rel=0.01)
    assert found.cls_median == pytest.approx(of_trials.cls_median.n_s, rel=0.01)
    for name, edge in of_trials.band.items():
        assert (found.band[name] is None) == (edge is None)
        if edge is not None:
            assert found.band[name] == pytest.approx(edge.n_s, rel=0.03)
        # The lower edge at 2 sigma rests on few trials: 3 % of a million is one of its errors.
        of_cls = of_trials.cls_band[name]
        assert abs(found.cls_band[name] - of_cls.n_s) < max(0.03 * of_cls.n_s, 4.0 * of_cls.error)
    # A discovery is one of a sky to come, which brings its signal beside all of today's background.
    tail = tail_sample(known, 200_000, seed=11)
    trials = {n: run_trials(known, 200_000, n, seed=11) for n in numbers}
    for level, p_value in (("3sigma", THREE_SIGMA), ("5sigma", FIVE_SIGMA)):
        threshold = tail.threshold(p_value).test_statistic
        assert found.discovery[level].threshold == pytest.approx(threshold, rel=0.01)
        bounded = {n: t.test_statistic for n, t in trials.items()}
        potential = discovery_potential(background.test_statistic, bounded, threshold)
        assert found.discovery[level].n_s == pytest.approx(potential.n_s, rel=0.01)
