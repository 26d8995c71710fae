"""A module that runs as a child: its exit code is ours, and it is told which analysis it is for."""

import signal
from collections.abc import Iterator

import pytest

from core.configuration.config import read_config
from core.errors import ConfigError
from flows.child import check_workers, run_child, words_of


@pytest.fixture(autouse=True)
def signals_as_before() -> Iterator[None]:
    """The command line ends after its child; this process goes on."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def test_the_child_is_told_its_analysis_and_its_code_is_passed_on(capfd: pytest.CaptureFixture[str]) -> None:
    config = read_config(None, products="/nowhere/products", analysis="mine")
    assert run_child("platform", config) == 0
    assert run_child("timeit", config) == 2  # a module that names the option which it does not know
    assert "--root" in capfd.readouterr().out


def test_options_stand_on_a_command_line_as_a_person_types_them() -> None:
    given = {"only_failed": True, "verbose": False, "pair": ["bb/10", "WW/200"], "seed": 3, "only": None}
    assert words_of(given) == ["--only-failed", "--pair=bb/10", "--pair=WW/200", "--seed=3"]


def test_workers_are_said_in_one_place() -> None:
    check_workers(None)
    with pytest.raises(ConfigError, match="say in the profile"):
        check_workers(4)
