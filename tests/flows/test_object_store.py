"""Products in an object store: a server of S3's protocol on this machine, a run that is killed, one that goes on."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep

import pytest

from core.configuration.config import read_config
from core.products.store import ProductStore
from core.stages.plan import trial_stages
from core.stages.registry import recipes
from tests.made_analysis import made_analysis
from tests.runs import clean_environment, command, free_port, sharded_trials, written_config

pytestmark = pytest.mark.slow

ROOT = "s3://products/ours"
PATIENCE = 300.0  # s, on a busy machine
TRIALS = sharded_trials(2000, 100, 100)


class Server:
    """An object store and what its clients' environment says of it."""

    def __init__(self, process: subprocess.Popen[bytes], environment: dict[str, str]) -> None:
        self.process, self.environment = process, environment

    def end(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=60)


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    pytest.importorskip("moto", reason="needs the group object-store and the extra s3")
    s3fs = pytest.importorskip("s3fs", reason="needs the extra s3")
    port = free_port()
    keys = {"AWS_ACCESS_KEY_ID": "ours", "AWS_SECRET_ACCESS_KEY": "ours", "AWS_DEFAULT_REGION": "us-east-1"}
    place = keys | {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}", "AWS_EC2_METADATA_DISABLED": "true"}
    for name, value in place.items():
        monkeypatch.setenv(name, value)
    words = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with (tmp_path / "store.log").open("wb") as log:
        process = subprocess.Popen(words, stdout=log, stderr=log)
    running = Server(process, clean_environment(tmp_path, **place))
    try:
        begin = monotonic()
        while b"Running on" not in (tmp_path / "store.log").read_bytes():
            assert monotonic() - begin < PATIENCE
            sleep(0.2)
        s3fs.S3FileSystem(skip_instance_cache=True).mkdir("products")
        yield running
    finally:
        running.end()


def trials(server: Server, config: Path) -> "subprocess.Popen[str]":
    words = command("trials", config, "--products", ROOT)
    return subprocess.Popen(
        words, env=server.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=config.parent
    )


@pytest.mark.timeout(1800)
def test_a_killed_run_goes_on_and_makes_what_a_local_one_makes(server: Server, tmp_path: Path) -> None:
    file = written_config(tmp_path, TRIALS)
    config = read_config(file, products=ROOT)
    with trials(server, file) as killed:
        begin = monotonic()
        while len(standing(config.analysis)) < 3:
            assert killed.poll() is None, killed.communicate()
            assert monotonic() - begin < PATIENCE
            sleep(0.1)
        killed.send_signal(signal.SIGKILL)
    before = standing(config.analysis)
    with trials(server, file) as again:
        said, errors = again.communicate(timeout=PATIENCE)
    assert (again.returncode, errors) == (0, "")
    after = standing(config.analysis)
    assert {name: after[name] for name in before} == before
    made = f", {20 - len(before)} computed" if len(before) < 20 else ""  # the kill may come late
    assert f"background_trials: {len(before)} cached{made}\n" in said

    local = read_config(file, products=str(tmp_path / "local"))
    here = made_analysis(local, trial_stages(local))
    there = ProductStore(ROOT, config.analysis)
    for stage in ("background_trials", "signal_trials"):
        for product in {str(recipe.product): recipe.product for recipe in recipes(local, here, stage)}.values():
            assert there.digest(product) == here.digest(product)


def standing(analysis: str) -> dict[str, object]:
    """The shards of background trials that stand, each with when it was written."""
    import s3fs

    found = s3fs.S3FileSystem(skip_instance_cache=True, use_listings_cache=False).find(
        f"{ROOT}/{analysis}/background_trials", detail=True
    )
    return {name: entry["LastModified"] for name, entry in found.items() if name.endswith(".parquet")}


def test_a_store_that_does_not_answer_is_one_line(server: Server, tmp_path: Path) -> None:
    server.end()
    file = written_config(tmp_path, TRIALS)
    for name in ("trials", "status", "plan", "limits"):
        words = command(name, file, "--products", ROOT)
        done = subprocess.run(words, env=server.environment, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
        assert "Traceback" not in done.stderr
