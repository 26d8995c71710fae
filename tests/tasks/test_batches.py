"""Products shared out to tasks: short ones together, long ones and those of unknown cost by themselves."""

import pytest

from core.configuration.config import Config
from core.products.recipe import ProductKey, Recipe
from tasks.batches import Batch, BatchFailedError, Outcome, batches, shared_out

CODE = "core.stages.acceptance:make"


def recipes(stage: str, n: int, **parameters: int) -> list[Recipe]:
    return [Recipe(ProductKey(stage, {"mass": 1.0 + place}), CODE, parameters) for place in range(n)]


def made_by(stage: str, n: int, n_workers: int = 2, **parameters: int) -> list[Batch]:
    return batches(Config(), stage, recipes(stage, n, **parameters), n_workers)


@pytest.mark.parametrize("n_workers", [1, 2, 3, 16])
@pytest.mark.parametrize("n", [1, 7, 39])
def test_every_product_is_in_one_task_and_every_worker_has_as_many_tasks(n: int, n_workers: int) -> None:
    found = made_by("acceptance", n, n_workers)
    assert [recipe for batch in found for recipe in batch.recipes] == recipes("acceptance", n)
    assert len(found) == n or len(found) % n_workers == 0
    sizes = [len(batch.recipes) for batch in found]
    assert max(sizes) - min(sizes) <= 1


def test_of_nothing_there_is_no_task() -> None:
    assert made_by("acceptance", 0) == []


def test_short_products_share_a_task_and_long_ones_do_not() -> None:
    assert len(made_by("asimov", 40)) == 2
    assert len(made_by("counts_limit", 5, n_trials=400)) == 5
    assert len(made_by("signal_trials", 8, n_trials=10_000_000)) == 8


def test_more_trials_a_product_take_more_tasks() -> None:
    few, many = (len(made_by("signal_trials", 360, n_trials=n_trials)) for n_trials in (10_000, 100_000))
    assert 2 < few < many <= 360


def test_what_nobody_has_measured_has_a_task_each() -> None:
    assert len(made_by("common_sky_trials", 6)) == 6


def test_parts_of_a_product_have_a_task_each_however_short() -> None:
    shards = [Recipe(ProductKey("background_trials"), CODE, {"n_trials": 100}, part=part) for part in range(6)]
    assert batches(Config(), "background_trials", shards, 2) == [Batch((shard,)) for shard in shards]


@pytest.mark.parametrize(("n", "n_tasks", "sizes"), [(7, 3, [2, 3, 2]), (4, 1, [4]), (2, 4, [1, 1]), (0, 1, [])])
def test_products_are_shared_out_in_order(n: int, n_tasks: int, sizes: list[int]) -> None:
    found = shared_out(recipes("acceptance", n), n_tasks)
    assert [len(batch.recipes) for batch in found] == sizes


def test_a_task_is_named_after_its_first_product() -> None:
    one, three = (Batch(tuple(recipes("acceptance", n))) for n in (1, 3))
    assert str(one) == "acceptance mass=1"
    assert str(three) == "acceptance mass=1 and 2 more"


def test_a_failure_names_every_product_that_was_not_made() -> None:
    first, second = recipes("acceptance", 2)
    error = BatchFailedError(
        [Outcome(first, "Computed", "not made yet", True), Outcome(second, "Failed", "no flux", False)], may_pass=False
    )
    assert str(error) == "acceptance mass=2 (no flux)"
