"""The Prefect server of one run, on real processes: it ends with the run, and nothing the user set up reaches it."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from time import monotonic

import psutil
import pytest

from tests.runs import clean_environment, command, dwarfnu, written_config

pytestmark = pytest.mark.slow

FEW_TRIALS = "[pairs]\ntautau = [20]\n[trials]\nn_background = 400\nn_signal = 100\n"
NOWHERE = "http://127.0.0.1:9/api"
ONE_FLOW = """
from flows.prefect_settings import prefect_at_hand, prepare_prefect

prepare_prefect(None, "CRITICAL")
with prefect_at_hand("prefect") as prefect:
    @prefect.flow
    def answer() -> int:
        return 42
    print(answer())
"""


def one_flow(folder: Path, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """A process that runs one flow of nothing, in a folder."""
    more = {"PYTHONPATH": str(Path(__file__).parents[2])} | environment
    return subprocess.run(
        [sys.executable, "-c", ONE_FLOW],
        env=more,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def newcomer(folder: Path) -> dict[str, str]:
    environment = clean_environment(folder, TMPDIR=str(temporary(folder)))
    del environment["PREFECT_HOME"]
    return environment


def temporary(folder: Path) -> Path:
    (folder / "tmp").mkdir(exist_ok=True)
    return folder / "tmp"


def homes(folder: Path) -> list[Path]:
    return list(temporary(folder).glob("dwarfnu-prefect-*"))


def test_a_killed_run_leaves_no_process_and_the_next_run_its_home(tmp_path: Path) -> None:
    config = written_config(tmp_path, FEW_TRIALS)
    environment = newcomer(tmp_path)
    with subprocess.Popen(command("trials", config), env=environment, stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        assert any(line.startswith("sources: 1 computed") for line in run.stdout)
        started = psutil.Process(run.pid).children(recursive=True)
        assert started
        (left,) = homes(tmp_path)
        os.kill(run.pid, signal.SIGKILL)
    _, alive = psutil.wait_procs(started, timeout=10)
    assert not alive
    assert homes(tmp_path) == [left]
    again = dwarfnu(tmp_path, "trials", config, more={"TMPDIR": str(tmp_path / "tmp")})
    assert again.returncode == 0, again.stdout + again.stderr
    assert not homes(tmp_path)
    assert not (tmp_path / "prefect").exists()
    assert not (tmp_path / ".prefect").exists()


def proxy(environment: dict[str, str], _: Path) -> None:
    environment |= {"http_proxy": "http://127.0.0.1:9", "ALL_PROXY": "http://127.0.0.1:9", "no_proxy": "example.org"}


def profile(environment: dict[str, str], folder: Path) -> None:
    home = folder / "ph"
    home.mkdir()
    (home / "profiles.toml").write_text(f'active = "cloud"\n[profiles.cloud]\nPREFECT_API_URL = "{NOWHERE}"\n')
    environment["PREFECT_HOME"] = str(home)


def files_in_the_folder(_: dict[str, str], folder: Path) -> None:
    off = (
        f'[api]\nurl = "{NOWHERE}"\nkey = "none"\n[server.ephemeral]\nenabled = false\n[tasks]\ndefault_retries = "x"\n'
    )
    (folder / "prefect.toml").write_text(off)
    (folder / ".env").write_text(f"PREFECT_API_URL={NOWHERE}\n")


def no_temporary_server(environment: dict[str, str], _: Path) -> None:
    environment |= {"PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "false", "PREFECT_API_AUTH_STRING": "a:b"}


def home_is_a_file(environment: dict[str, str], folder: Path) -> None:
    (folder / "file").touch()
    environment["PREFECT_HOME"] = str(folder / "file")


def no_home(environment: dict[str, str], _: Path) -> None:
    del environment["HOME"]


def home_cannot_be_written(environment: dict[str, str], _: Path) -> None:
    environment["HOME"] = "/proc/nothing"


HOSTILE = (proxy, profile, files_in_the_folder, no_temporary_server, home_is_a_file, no_home, home_cannot_be_written)


@pytest.mark.parametrize("spoil", HOSTILE)
def test_a_run_depends_on_nothing_that_the_user_set_up_for_prefect(
    spoil: Callable[[dict[str, str], Path], None], tmp_path: Path
) -> None:
    environment = newcomer(tmp_path)
    spoil(environment, tmp_path)
    done = one_flow(tmp_path, environment)
    assert (done.returncode, done.stdout, done.stderr) == (0, "42\n", "")
    assert not homes(tmp_path)


class Locked(BaseHTTPRequestHandler):
    """A server that lives, and lets nobody in without the right name."""

    def do_GET(self) -> None:
        known = self.path == "/api/health" or self.headers.get("Authorization", "").startswith("Basic dTpw")
        self.send_response(200 if known else 401)
        self.end_headers()
        self.wfile.write(b"true")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        return


@pytest.mark.parametrize("broken", ["login", "home", "toml", "dead"])
def test_what_a_server_of_the_users_lacks_is_one_line_within_ten_seconds(broken: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with HTTPServer(("127.0.0.1", 0), Locked) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        url = NOWHERE if broken == "dead" else f"http://127.0.0.1:{server.server_port}/api"
        environment = clean_environment(tmp_path, PREFECT_API_URL=url, http_proxy="http://127.0.0.1:9")
        if broken == "toml":
            (tmp_path / "prefect.toml").write_text("[tasks\n")
        if broken == "home":
            environment["PREFECT_HOME"] = str(tmp_path / "file")
        begin = monotonic()
        done = subprocess.run(
            command("trials", written_config(tmp_path, FEW_TRIALS)),
            env=environment | {"PYTHONPATH": str(Path(__file__).parents[2])},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        server.shutdown()
    said = {
        "login": "PREFECT_API_AUTH_STRING",
        "home": "",
        "toml": "settings cannot be read",
        "dead": "no Prefect server",
    }
    assert done.returncode == 2, done.stderr
    assert done.stderr.startswith("dwarfnu: ")
    assert said[broken] in done.stderr
    assert done.stderr.count("\n") == 1
    assert monotonic() - begin < 60  # ten on a quiet machine, most of them to import
