"""What this machine cannot do is refused with the way out, and what may go wrong is warned of."""

from pathlib import Path

import pytest

from core.configuration.config import Config
from core.errors import ConfigError
from core.products.store import ProductStore
from core.stages.plan import Plan, PlannedStage, Reason, State
from core.stages.rates import Cost
from flows import weighing
from flows.weighing import check_weight, in_time, refusal, warnings

GB = 1e9


def planned(disk: float, memory: float = 0.0, stage: str = "background_trials") -> Plan:
    return Plan((PlannedStage(stage, 0, (Reason(State.MISSING, "not made yet", 8),), Cost(1.0, disk, memory)),))


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ProductStore:
    """A store on a disk of which 10 GB may be used."""
    monkeypatch.setattr(weighing, "usable_space", lambda _: int(10 * GB))
    return ProductStore(tmp_path)


def test_what_does_not_fit_is_refused_with_the_stage_and_the_way_out(store: ProductStore) -> None:
    check_weight(Config(), planned(9.9 * GB), store)
    with pytest.raises(ConfigError, match=r"about 400 GB \(most of it background_trials\), and 10 GB may be used"):
        check_weight(Config(), planned(400 * GB), store)
    assert 'set trials.keep = "histogram"' in str(refusal(Config(), planned(400 * GB), store))
    binned = Config(trials={"keep": "histogram"})
    assert "histogram" not in str(refusal(binned, planned(400 * GB), store))
    assert "histogram" not in str(refusal(Config(), planned(400 * GB, stage="events"), store))


def test_on_an_object_store_nothing_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weighing, "usable_space", lambda _: None)
    assert refusal(Config(), planned(1e30), ProductStore(tmp_path)) is None
    assert not list(warnings(planned(1e30), ProductStore(tmp_path)))


@pytest.mark.parametrize(("disk", "n_warnings"), [(6.9 * GB, 0), (7.1 * GB, 1), (10.1 * GB, 0)])
def test_the_end_of_the_disk_is_warned_of(disk: float, n_warnings: int, store: ProductStore) -> None:
    assert len(list(warnings(planned(disk), store))) == n_warnings


def test_little_memory_is_warned_of_and_fewer_tasks_take_less(store: ProductStore) -> None:
    plan = planned(0.0, memory=1e15)
    (several,) = warnings(plan, store, 4)
    (one,) = warnings(plan, store, 1)
    assert "about 4.0 PB of memory are needed" in several
    assert "fewer --workers take less" in several
    assert "about 1.0 PB of memory are needed" in one
    assert "--workers" not in one


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.04, "0.0 s"),
        (9.9, "9.9 s"),
        (119, "119 s"),
        (150, "2.5 min"),
        (780, "13 min"),
        (7200, "2.0 h"),
        (1e6, "12 d"),
    ],
)
def test_times_in_words(seconds: float, words: str) -> None:
    assert in_time(seconds) == words
