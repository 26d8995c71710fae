"""What a server of ours is started with, and where it is not started."""

import os
import socket
from pathlib import Path

import pytest

from deployments.__main__ import default_config
from deployments.settings import environment as served_environment
from tests.runs import dwarfnu

THREADS = ("PREFECT_TASKS_RUNNER_THREAD_POOL_MAX_WORKERS", "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS")


def test_flows_use_one_thread_a_core(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in THREADS:
        monkeypatch.delenv(name, raising=False)
    environment = served_environment(4200, "products", Path("home"))
    assert [environment[name] for name in THREADS] == [str(os.cpu_count()), "1", "1"]


def test_threads_that_the_user_has_set_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in THREADS:
        monkeypatch.setenv(name, "7")
    environment = served_environment(4200, "products", Path("home"))
    assert [environment[name] for name in THREADS] == ["7", "7", "7"]


def test_paths_of_a_configuration_are_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here").mkdir()
    text = 'products = "elsewhere"\n[sources]\ncatalogue = "mine.csv"\n[spectra]\nsource = "tables"\n'
    (tmp_path / "here" / "analysis.toml").write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    config = default_config(Path("here/analysis.toml"), "/products")
    assert config.products == "/products"
    assert config.sources.catalogue == str(tmp_path / "here" / "mine.csv")
    assert config.spectra.source == str(tmp_path / "here" / "tables")


@pytest.mark.parametrize("address", ["127.0.0.1", pytest.param("", marks=pytest.mark.slow)])
def test_a_server_of_somebody_else_is_left_alone(address: str, tmp_path: Path) -> None:
    with socket.create_server((address, 0)) as somebody:
        port = somebody.getsockname()[1]
        ended = dwarfnu(tmp_path, "serve", "--products", tmp_path / "products", "--port", str(port))
        somebody.settimeout(0.1)
        with pytest.raises(TimeoutError):
            somebody.accept()
    refused = f"dwarfnu: cannot listen at 127.0.0.1:{port}: Address already in use; choose another --port\n"
    assert (ended.returncode, ended.stdout, ended.stderr) == (2, "", refused)
