"""What products cost: linear in their numbers and in what their recipes ask for; memory is that of the largest."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.configuration.config import Config
from core.products.store import ProductStore
from core.stages.plan import plan_of
from core.stages.rates import RATES, SIMULATED_RATES, Cost, Load, Rate, cost_of, load_of_pair
from core.stages.registry import STAGES

RATE = Rate(
    2.0, 10.0, 5.0, cpu_once=7.0, units={"n_trials": 1.0}, cpu_of_unit=0.5, disk_of_unit=3.0, memory_of_unit=0.25
)


def test_the_cost_of_products_in_round_numbers() -> None:
    assert RATE.cost([]) == Cost()
    assert RATE.cost([Load({"n_trials": 4})]) == Cost(7.0 + 2.0 + 2.0, 10.0 + 12.0, 5.0 + 1.0)
    two = [Load({"n_trials": 4}), Load({"n_trials": 8}, 2)]
    assert RATE.cost(two) == Cost(7.0 + 3 * 2.0 + 20 * 0.5, 30.0 + 20 * 3.0, 5.0 + 8 * 0.25)


def test_a_part_of_several_has_its_share_of_the_units() -> None:
    assert Load({"n_simulated": 12, "n_parts": 3}).amount({"n_simulated": 1.0}) == 4.0
    assert Load({"n_signal": 2, "n_background": 5}).amount({"n_signal": 9.0, "n_background": 1.0}) == 23.0
    assert Load().amount({"n_simulated": 1.0}) == 0.0


@given(st.lists(st.integers(0, 1000), min_size=1), st.lists(st.integers(0, 1000), min_size=1))
def test_what_is_made_twice_starts_twice_and_costs_the_same_otherwise(first: list[int], then: list[int]) -> None:
    parted = RATE.cost([Load({"n_trials": n}) for n in first]) + RATE.cost([Load({"n_trials": n}) for n in then])
    whole = RATE.cost([Load({"n_trials": n}) for n in (*first, *then)])
    assert parted.cpu == pytest.approx(whole.cpu + RATE.cpu_once)
    assert (parted.disk, parted.memory) == pytest.approx((whole.disk, whole.memory))


@pytest.mark.parametrize("settings", [{}, {"sample": "simulated-7y"}])
def test_every_stage_of_the_samples_that_come_along_has_been_measured(settings: dict[str, str], tmp_path: Path) -> None:
    config = Config(**settings)
    plan = plan_of(config, ProductStore(tmp_path, config.analysis))
    assert plan.not_measured == ()
    for stage in plan.stages:
        if stage.n_to_make:
            assert stage.cost is not None
            assert stage.cost.cpu > 0.0
            assert stage.cost.disk > 0.0
    assert set(RATES) | set(SIMULATED_RATES) <= {*STAGES, "figures"}


def test_what_reading_files_costs_nobody_has_measured() -> None:
    config = Config(sample="own", analysis="mine", events={"data": ["*.i3"]})
    assert cost_of(config, "events", [Load()]) is None
    assert cost_of(config, "acceptance", [Load()]) is not None


def test_a_pair_not_known_yet_has_the_trials_of_the_configuration() -> None:
    trials = {"n_background": 1001, "n_signal": 300, "shard_size": 500, "injected_over_uncertainty": (1, 2, 3)}
    config = Config(trials=trials)
    background, signal = (load_of_pair(config, stage) for stage in ("background_trials", "signal_trials"))
    assert (background.n_products, signal.n_products) == (3, 3)
    assert background.n_products * background.amount({"n_trials": 1.0}) == pytest.approx(1001)
    assert signal.n_products * signal.amount({"n_trials": 1.0}) == pytest.approx(900)
    assert load_of_pair(config, "asimov") == Load()


def test_a_calibration_of_every_pair_has_more_trials_and_its_limits_nobody_measured() -> None:
    profiled = Config(sources={"j_uncertainty": "profiled"})
    one, each = (load_of_pair(config, "j_calibration").amount({"n_trials": 1.0}) for config in (Config(), profiled))
    assert each > one > 0
    assert cost_of(profiled, "j_profile", [Load()]) is None


@pytest.mark.parametrize(("n_cells", "nside"), [(64, 32), (512, 32), (512, 16)])
def test_trials_cost_by_their_cells_and_densities_by_their_pixels(n_cells: int, nside: int) -> None:
    config = Config(statistic={"n_cells": n_cells, "nside": nside})
    trials = [Load({"n_trials": n}) for n in (10**6, 10**7)]
    once, ten = (cost_of(config, "background_trials", [load]) for load in trials)
    default_once, density = cost_of(Config(), "background_trials", trials[:1]), cost_of(config, "signal_pdf", [Load()])
    assert once is not None
    assert ten is not None
    assert default_once is not None
    assert density is not None
    assert 7.0 < ten.cpu / once.cpu < 10.0
    assert (ten.disk - once.disk) / once.disk == pytest.approx(9.0, rel=0.01)
    assert (once.cpu < default_once.cpu) is (n_cells < 512)
    assert density.disk == pytest.approx(RATES["signal_pdf"].disk * (nside / 32) ** 2)
