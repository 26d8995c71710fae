"""Runs of the real command in an empty home, for tests of the whole pipeline."""

import fcntl
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from flows import cli

SMALL_ANALYSIS = """
[pairs]
tautau = [20]
bb = [50]
[trials]
n_background = 2000
n_signal = 500
"""


def sharded_trials(n_background: int, n_signal: int, shard_size: int) -> str:
    """A configuration of one pair on a coarse sky, for its shards of trials."""
    return f"""
[pairs]
tautau = [20]
[statistic]
name = "joint"
nside = 8
n_cells = 64
[trials]
n_background = {n_background}
n_signal = {n_signal}
shard_size = {shard_size}
"""


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock that a file is, for one process of a test run at a time."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def clean_environment(home: Path, **more: str) -> dict[str, str]:
    """The environment of a newcomer: nothing of ours, nothing of Prefect's."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "SSL_CERT_FILE") if name in os.environ}
    return kept | {"HOME": str(home), "PREFECT_HOME": str(home / "prefect")} | more


def written_config(folder: Path, text: str = SMALL_ANALYSIS, products: str = "products") -> Path:
    """A configuration file whose products lie beside it."""
    path = folder / "analysis.toml"
    path.write_text(f'products = "{products}"\n{text}', encoding="utf-8")
    return path


def free_port() -> int:
    """A port of this machine on which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def command(*arguments: str | Path) -> list[str]:
    """The `dwarfnu` command with this interpreter."""
    return [sys.executable, "-m", "flows.cli", *map(str, arguments)]


def run_cli(monkeypatch: pytest.MonkeyPatch, *arguments: str | Path) -> int:
    """Run the command in this process and return its exit code: a second less than one of its own."""
    monkeypatch.setattr(sys, "argv", ["dwarfnu", *map(str, arguments)])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return int(ended.value.code or 0)


def dwarfnu(
    home: Path, *arguments: str | Path, more: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the command to its end in an empty home."""
    return subprocess.run(
        command(*arguments), env=clean_environment(home, **(more or {})), capture_output=True, text=True, check=False
    )


def outcomes(printed: str) -> dict[str, dict[str, int]]:
    """What a run says it did, by stage: {"spectra": {"computed": 2}}."""
    lines = re.findall(r"^(\w+): (\d+ [a-z][^\n]*)$", printed, flags=re.MULTILINE)
    return {
        stage: {name: int(number) for number, name in re.findall(r"(\d+) ([a-z() ]+?)(?:,|$)", counts)}
        for stage, counts in lines
    }
