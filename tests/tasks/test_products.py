"""The one cache policy, on a tiny real flow: what the store says of a product decides whether its task computes."""

import errno
from collections import namedtuple
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from prefect import Task, flow
from prefect.client.schemas.objects import State as PrefectState
from prefect.settings import PREFECT_LOGGING_LEVEL, temporary_settings

from core.configuration.config import Config
from core.errors import ProductError
from core.products.recipe import ProductKey, Recipe, State
from core.stages.inputs import Inputs
from core.stages.registry import STAGES
from core.stages.samples import public_3y
from core.stages.stage import Parameters
from flows.prefect_settings import ALWAYS
from flows.temporary_server import TEMPORARY_SERVER
from tasks.batches import Batch, Outcome
from tasks.products import product_store, product_task

pytestmark = pytest.mark.slow

CODE = "core.stages.samples.public_3y:make_event_counts"
RECIPE = Recipe(ProductKey("event_counts"), CODE, {"n_events": 3})
ONE = Batch((RECIPE,))
THREE_PARTS = Batch(tuple(Recipe(ProductKey("event_counts"), CODE, {"n_events": 3}, part=part) for part in range(3)))
EVENTS = pa.table({"event_class": ["track"], "n_events": pa.array([3], pa.int64())})


Disk = namedtuple("Disk", ("total", "used", "free"))


class Maker:
    """Makes the events after as many errors as it is given, and counts how often it was asked."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.n_calls = 0

    def __call__(self, _: Inputs, __: Parameters) -> pa.Table:
        self.n_calls += 1
        if self.errors:
            raise self.errors.pop(0)
        return EVENTS


@pytest.fixture(scope="module", autouse=True)
def temporary_server() -> Iterator[None]:
    from prefect.testing.utilities import prefect_test_harness  # it imports Prefect's server: seconds of every run

    with pytest.MonkeyPatch.context() as environment:
        for name, value in (ALWAYS | TEMPORARY_SERVER).items():
            environment.setenv(name, value)
        with temporary_settings({PREFECT_LOGGING_LEVEL: "CRITICAL"}), prefect_test_harness(server_startup_timeout=120):
            yield


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config(products=str(tmp_path))


def at_once(task: Task[..., PrefectState[list[Outcome]]]) -> Task[..., PrefectState[list[Outcome]]]:
    """The same task, whose retries do not wait."""
    return task.with_options(retry_delay_seconds=0, retry_jitter_factor=0)


def run(maker: Maker, config: Config, batch: Batch = ONE) -> PrefectState[list[Outcome]]:
    """Run the task of a stage in a flow, with a maker in the place of its own, and return the task's final state."""
    task = at_once(product_task(STAGES["event_counts"]))

    @flow(name="one product")
    def one_product() -> None:
        states.append(task(config, batch, return_state=True))

    states: list[PrefectState[list[Outcome]]] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(public_3y, "make_event_counts", maker)
        one_product()
    return states[0]


def test_a_missing_product_is_computed_and_then_cached(config: Config) -> None:
    maker = Maker()
    assert run(maker, config).name == "Computed"
    again = run(maker, config)
    assert (again.name, again.message) == ("Cached", "as its recipe asks")
    assert maker.n_calls == 1
    assert product_store(config).read("event_counts").equals(EVENTS)


def test_a_deleted_product_is_computed_again(config: Config) -> None:
    maker = Maker()
    run(maker, config)
    product_store(config).path("event_counts").unlink()
    assert run(maker, config).name == "Computed"
    assert maker.n_calls == 2


def test_a_torn_product_is_made_anew(config: Config) -> None:
    maker = Maker()
    run(maker, config)
    path = product_store(config).path("event_counts")
    path.write_bytes(path.read_bytes()[:-100])
    state = run(maker, config)
    assert state.name == "Recomputed (failed)"
    assert "is damaged" in str(state.message)
    assert run(maker, config).name == "Cached"


def test_a_product_of_another_recipe_is_made_anew(config: Config) -> None:
    product_store(config).write(Recipe(ProductKey("event_counts"), CODE, {"n_events": 4}), EVENTS)
    assert run(Maker(), config).name == "Recomputed (stale)"


def test_a_failing_maker_fails_its_task_and_leaves_word(config: Config) -> None:
    state = run(Maker(ValueError("no events")), config)
    assert state.is_failed()
    left = product_store(config).explain_recipe(RECIPE)
    assert left.state is State.FAILED
    assert "no events" in left.reason
    assert run(Maker(), config).name == "Recomputed (failed)"
    assert product_store(config).explain_recipe(RECIPE).state is State.FRESH


@pytest.mark.parametrize(
    ("error", "n_calls", "made"),
    [
        (lambda: OSError(errno.EIO, "input or output failed"), 2, True),
        (lambda: ProductError("a folder stands in its place"), 1, False),
        (lambda: ValueError("a fault of ours"), 1, False),
    ],
    ids=["may pass", "lasts", "ours"],
)
def test_only_errors_that_may_pass_are_tried_again(
    config: Config, error: Callable[[], Exception], n_calls: int, made: bool
) -> None:
    maker = Maker(error())
    assert run(maker, config).is_completed() is made
    assert maker.n_calls == n_calls


def test_errors_that_do_not_pass_end_after_three_retries(config: Config) -> None:
    maker = Maker(*(OSError(errno.EIO, "input or output failed") for _ in range(9)))
    assert run(maker, config).is_failed()
    assert maker.n_calls == 4


def test_no_product_takes_the_last_of_the_disk(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    maker = Maker()
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr("core.products.room.shutil.disk_usage", lambda _: Disk(10**12, 10**12, 10**9))
        state = run(maker, config)
    assert state.is_failed()
    assert maker.n_calls == 0
    assert "no room for event_counts: about " in product_store(config).explain_recipe(RECIPE).reason
    assert run(maker, config).name == "Recomputed (failed)"
    assert maker.n_calls == 1


def test_a_product_that_fails_keeps_none_of_the_others_of_its_task_from_theirs(config: Config) -> None:
    store = product_store(config)
    state = run(Maker(ValueError("no events")), config, THREE_PARTS)
    assert state.is_failed()
    assert "event_counts (ValueError('no events'))" in str(state.message)
    assert [store.explain_recipe(recipe).state for recipe in THREE_PARTS.recipes] == [
        State.FAILED, State.FRESH, State.FRESH,
    ]  # fmt: skip
    again = Maker()
    state = run(again, config, THREE_PARTS)
    assert state.name == "1 recomputed (failed), 2 cached"
    assert again.n_calls == 1


def test_a_retry_of_several_makes_only_what_is_missing(config: Config) -> None:
    maker = Maker(OSError(errno.EIO, "input or output failed"))
    assert run(maker, config, THREE_PARTS).is_completed()
    assert maker.n_calls == 4
    assert run(maker, config, THREE_PARTS).name == "Cached"
