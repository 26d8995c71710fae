"""Engines: the same numbers wherever shards are made, and nothing torn or made twice when what makes them dies."""

import signal
from concurrent.futures import wait

import psutil
import pytest

from core.errors import ConfigError
from core.products.recipe import Recipe, State
from deployments.engines import engine_of
from deployments.profile import Profile
from tasks.elsewhere import EngineError, Place
from tests.deployments.trials import N_SHARDS, PATIENCE, Trials, asked

PROCESSES = Profile(engine="processes", workers=2)
DASK = Profile(engine="dask", workers=2)


def workers() -> list[psutil.Process]:
    """The processes of ours that can make products."""
    started = psutil.Process().children(recursive=True)
    return [child for child in started if "spawn_main" in " ".join(child.cmdline()) and child.cpu_times().user > 0.5]


def listening() -> set[str]:
    """The addresses at which processes of ours listen."""
    processes = [psutil.Process(), *psutil.Process().children(recursive=True)]
    sockets = [socket for process in processes for socket in process.net_connections(kind="inet")]
    return {socket.laddr.ip for socket in sockets if socket.status == psutil.CONN_LISTEN}


@pytest.mark.slow
@pytest.mark.parametrize("profile", [PROCESSES, DASK], ids=["processes", "dask"])
def test_a_killed_worker_costs_the_shard_in_its_hands_alone(profile: Profile, trials: Trials, digest: str) -> None:
    before = set(psutil.Process().children(recursive=True))
    with engine_of(profile) as engine:
        assert engine is not None
        assert listening() <= {"127.0.0.1"}
        with asked(engine, profile, trials) as futures:
            stood = trials.wait_for(3)
            workers()[0].send_signal(signal.SIGKILL)
            wait(futures, timeout=PATIENCE)
        assert [future.exception() for future in futures] == [None] * N_SHARDS
    assert trials.states == [State.FRESH] * N_SHARDS
    assert {part: trials.standing[part] for part in stood} == stood
    assert trials.digest == digest
    _, left = psutil.wait_procs(set(psutil.Process().children(recursive=True)) - before, timeout=10)
    assert not [child for child in left if "resource_tracker" not in " ".join(child.cmdline())]


@pytest.mark.slow
def test_an_engine_that_cannot_be_had_is_refused() -> None:
    with (
        pytest.raises(ConfigError, match=r"no Dask scheduler answers at tcp://127\.0\.0\.1:9"),
        engine_of(Profile(engine="dask", address="tcp://127.0.0.1:9")),
    ):
        pass


def test_threads_are_no_engine() -> None:
    with engine_of(Profile()) as engine:
        assert engine is None


@pytest.mark.slow
def test_a_shard_of_which_processes_die_again_and_again_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deployments.engines.make_there", _die)
    with engine_of(PROCESSES) as engine:
        assert engine is not None
        with pytest.raises(EngineError, match="died 3 times; was there memory enough"):
            engine.make(Place("/nowhere", "mine"), "a recipe")  # type: ignore[arg-type]


def _die(_: Place, __: Recipe) -> None:
    psutil.Process().kill()
