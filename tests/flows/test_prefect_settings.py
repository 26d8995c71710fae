"""What a run takes from Prefect's environment, and what it leaves behind."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import ConfigError
from flows.prefect_settings import (
    ALWAYS,
    KEPT,
    LEVEL_VARIABLE,
    LOOPBACK,
    SERVER_VARIABLE,
    WORKERS_VARIABLE,
    forget_prefect,
    prefect_at_hand,
    prepare_prefect,
    reach_loopback_directly,
)


@pytest.fixture(autouse=True)
def _own_environment() -> Iterator[None]:
    before = dict(os.environ)
    for name in [name for name in before if name.startswith("PREFECT_") or name.lower() == "no_proxy"]:
        del os.environ[name]
    yield
    os.environ.clear()
    os.environ.update(before)


def prefect_variables() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name.startswith("PREFECT_")}


def test_without_a_server_nothing_counts_that_a_user_has_set_up() -> None:
    os.environ.update(PREFECT_PROFILE="mine", PREFECT_HOME="/nowhere", PREFECT_RESULTS_DEFAULT_SERIALIZER="pickle")
    prepare_prefect(None, "CRITICAL")
    expected = {name: value for name, value in ALWAYS.items() if name.startswith("PREFECT_")}
    expected |= {LEVEL_VARIABLE: "CRITICAL", WORKERS_VARIABLE: str(os.cpu_count())}
    assert prefect_variables() == expected


def test_results_are_kept_without_pickle_and_nobody_is_told_of_a_run() -> None:
    prepare_prefect(None, "CRITICAL")
    assert os.environ["PREFECT_RESULTS_DEFAULT_SERIALIZER"] == "json"
    assert os.environ["DO_NOT_TRACK"] == "1"
    assert os.environ["PREFECT_SERVER_ANALYTICS_ENABLED"] == "false"


def test_number_of_workers_and_level_are_kept_of_what_the_user_has_set() -> None:
    os.environ.update({WORKERS_VARIABLE: "3", LEVEL_VARIABLE: "DEBUG", "PREFECT_API_KEY": "secret"})
    forget_prefect()
    assert prefect_variables() == {WORKERS_VARIABLE: "3", LEVEL_VARIABLE: "DEBUG"}
    assert set(KEPT) == {WORKERS_VARIABLE, LEVEL_VARIABLE}


@pytest.mark.parametrize("name", ["no_proxy", "NO_PROXY"])
def test_this_machine_is_reached_without_the_proxy_and_other_exceptions_stay(name: str) -> None:
    os.environ[name] = "example.org, 10.0.0.1"
    reach_loopback_directly()
    assert os.environ["no_proxy"] == os.environ["NO_PROXY"] == ",".join(["example.org", "10.0.0.1", *LOOPBACK])


def test_exceptions_are_not_said_twice() -> None:
    reach_loopback_directly()
    once = os.environ["no_proxy"]
    reach_loopback_directly()
    assert os.environ["no_proxy"] == once == ",".join(LOOPBACK)


def test_an_exception_of_all_machines_stays_one() -> None:
    os.environ["no_proxy"] = "*"
    reach_loopback_directly()
    assert os.environ["no_proxy"] == os.environ["NO_PROXY"] == "*"


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("localhost:4200/api", "not a URL of http or https"),
        ("file:///etc/passwd", "not a URL of http or https"),
        ("http://127.0.0.1:1/api", "no Prefect server answers there"),
        ("http://", "no Prefect server answers there"),
    ],
)
def test_a_server_that_cannot_be_asked_is_named_with_the_way_out(url: str, said: str) -> None:
    os.environ[SERVER_VARIABLE] = url
    before = prefect_variables()
    with pytest.raises(ConfigError, match=said) as refused:
        prepare_prefect(4, "CRITICAL")
    assert str(refused.value).startswith(f"{SERVER_VARIABLE} = {url}: ")
    assert f"`unset {SERVER_VARIABLE}`" in str(refused.value)
    assert "\n" not in str(refused.value)
    assert prefect_variables() == before, "a refused run leaves the environment as it was"


def test_settings_that_prefect_refuses_are_said_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "refuses_settings.py").write_text('raise ValueError("1 validation error\\n  for Settings")\n')
    monkeypatch.syspath_prepend(tmp_path)
    os.environ[SERVER_VARIABLE] = "http://127.0.0.1:1/api"
    said = "^Prefect's settings cannot be read: 1 validation error for Settings$"
    with pytest.raises(ConfigError, match=said), prefect_at_hand("refuses_settings"):
        pass
