"""What may happen to a served project: processes die, the database is locked, strangers ask; on real processes."""

import signal
import sqlite3
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import httpx
import psutil
import pytest

from deployments.deploy import SILENCE
from tests.runs import clean_environment, command, free_port, written_config

pytestmark = pytest.mark.slow

MANY_TRIALS = "[pairs]\ntautau = [20]\n[trials]\nn_background = 200000000\nn_signal = 100\nshard_size = 50000\n"
PASSWORD = "somebody:once"


class Project:
    """A served project: its process, what it has said, and its API."""

    def __init__(self, process: subprocess.Popen[str], port: int, auth: tuple[str, str] | None) -> None:
        self.process = process
        self.api = httpx.Client(base_url=f"http://127.0.0.1:{port}/api", timeout=60.0, auth=auth, trust_env=False)

    def said(self, words: str) -> str:
        """The next line that has these words."""
        assert self.process.stdout is not None
        return next(line for line in self.process.stdout if words in line)

    def child(self, *words: str) -> psutil.Process:
        """The process of ours whose command has these words."""
        of_ours = psutil.Process(self.process.pid).children(recursive=True)
        return next(child for child in of_ours if set(words) <= set(child.cmdline()))

    def ask(self, method: str, path: str, **body: object) -> dict[str, Any]:
        """The answer of the API, asked again while it is busy, as Prefect's own clients ask."""
        answer = self.api.request(method, path, **({"json": body} if body else {}))
        while answer.status_code == httpx.codes.SERVICE_UNAVAILABLE:
            sleep(0.5)
            answer = self.api.request(method, path, **({"json": body} if body else {}))
        return dict(answer.raise_for_status().json())

    def start(self, flow: str) -> str:
        found = self.ask("GET", f"/deployments/name/{flow}/{flow}")
        run = self.ask("POST", f"/deployments/{found['id']}/create_flow_run", state={"type": "SCHEDULED"})
        return str(run["id"])

    def state(self, run: str) -> str:
        return str(self.ask("GET", f"/flow_runs/{run}")["state"]["type"])

    def wait_for(self, run: str, state: str, patience: float) -> float:
        """The time (s) until a run has a state; the server tells it when it is asked only."""
        begin = monotonic()
        while (now := self.state(run)) != state:
            assert monotonic() - begin < patience, now
            sleep(0.5)
        return monotonic() - begin


@contextmanager
def served(
    folder: Path,
    text: str = MANY_TRIALS,
    auth: tuple[str, str] | None = None,
    options: Sequence[str] = (),
    **more: str,
) -> Iterator[Project]:
    port = free_port()
    arguments = command("serve", written_config(folder, text), "--port", str(port), *options)
    environment = clean_environment(folder, PYTHONPATH=str(Path(__file__).parents[2]), **more)
    with subprocess.Popen(arguments, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as run:
        project = Project(run, port, auth)
        try:
            project.said("Prefect UI of")
            yield project
        finally:
            project.api.close()
            run.terminate()
            run.communicate(timeout=120)


def test_what_dies_is_started_again_or_found_dead_and_can_be_retried(tmp_path: Path) -> None:
    with served(tmp_path) as project:
        run = project.start("trials")
        project.wait_for(run, "RUNNING", 120)
        flow = project.child("prefect.engine")
        project.child("worker").kill()
        flow.kill()
        assert "worker: was killed by SIGKILL; started again" in project.said("worker:")
        assert project.wait_for(run, "CRASHED", 120) < SILENCE + 40
        body = {"state": {"type": "SCHEDULED", "name": "AwaitingRetry"}, "force": True}
        project.api.post(f"/flow_runs/{run}/set_state", json=body).raise_for_status()
        project.wait_for(run, "RUNNING", 120)
        project.child("flows.prefect_server").kill()
        assert "was killed by SIGKILL; started again" in project.said("server (")
        started = psutil.Process(project.process.pid).children(recursive=True)
        project.process.send_signal(signal.SIGKILL)
        _, alive = psutil.wait_procs(started, timeout=30)
        assert not alive


def test_a_locked_database_is_waited_for(tmp_path: Path) -> None:
    with served(tmp_path, "[pairs]\ntautau = [20]\n") as project:
        with closing(sqlite3.connect(tmp_path / "products/.prefect/prefect.db", timeout=120.0)) as database:
            database.execute("BEGIN EXCLUSIVE")
            answer: list[str] = []
            asking = threading.Thread(target=lambda: answer.append(project.start("sources")))
            asking.start()
            asking.join(15.0)
            assert not answer
            database.rollback()
        asking.join(60.0)
        project.wait_for(answer[0], "COMPLETED", 120)


def test_with_a_password_everything_works_and_nothing_without_it(tmp_path: Path) -> None:
    name, word = PASSWORD.split(":")
    with served(tmp_path, auth=(name, word), PREFECT_SERVER_API_AUTH_STRING=PASSWORD) as project:
        run = project.start("sources")
        project.wait_for(run, "COMPLETED", 120)
        url = project.api.base_url
        assert httpx.post(f"{url}deployments/filter", json={}, trust_env=False).status_code == 401
        assert httpx.get(f"{url}health", trust_env=False).status_code == 200

        named = clean_environment(tmp_path, PREFECT_API_URL=str(url), PYTHONPATH=str(Path(__file__).parents[2]))
        known = named | {"PREFECT_API_AUTH_STRING": PASSWORD}
        words = command("run", tmp_path / "analysis.toml", "--only", "dwarf_profiles")
        ours = subprocess.run(words, env=known, capture_output=True, text=True, check=False)
        assert (ours.returncode, ours.stderr) == (0, "")
        assert "dwarf_profiles: 1 computed" in ours.stdout
        others = [*words[:-1], "event_counts"]  # what is fresh already needs no server
        refused = subprocess.run(others, env=named, capture_output=True, text=True, check=False)
        assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)
        assert "set PREFECT_API_AUTH_STRING" in refused.stderr
        locked_out = subprocess.run(
            command("serve", tmp_path / "analysis.toml"), env=named, capture_output=True, text=True, check=False
        )
        assert locked_out.returncode == 2
        assert "set PREFECT_API_AUTH_STRING" in locked_out.stderr
        assert locked_out.stderr.count("\n") == 1


def test_other_pages_and_other_names_are_refused(tmp_path: Path) -> None:
    with served(tmp_path) as project:
        port = project.api.base_url.port
        ours = {"Origin": f"http://127.0.0.1:{port}"}
        answer = project.api.post("/deployments/filter", json={}, headers=ours)
        assert answer.headers["access-control-allow-origin"] == ours["Origin"]
        foreign = project.api.post("/deployments/filter", json={}, headers={"Origin": "http://example.org"})
        assert "access-control-allow-origin" not in foreign.headers
        rebound = {"Host": f"example.org:{port}", "Origin": f"http://example.org:{port}"}
        assert project.api.post("/deployments/filter", json={}, headers=rebound).status_code == 400
        assert not list(tmp_path.glob(".prefect"))
        assert (tmp_path / "products/.prefect/prefect.db").exists()
