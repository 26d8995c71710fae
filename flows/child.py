"""Dashboard and deployments run as child processes, by the names of their modules: the command line imports neither."""

import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import ConfigError
from flows.bound_process import bound_command

if TYPE_CHECKING:
    from core.configuration.config import Config


def run_child(module: str, config: "Config", *options: str) -> int:
    """Run a module for an analysis until it ends, and return its exit code; what interrupts us is passed on to it."""
    return _wait_for(bound_command(module, "--root", config.product_root, "--analysis", config.analysis, *options))


def run_on_engine(profile: Path, name: str, config_file: Path | None, **options: object) -> int:
    """Run a command of ours in a process that lets the engine of a profile make products; return its exit code."""
    place = [] if config_file is None else [str(config_file)]
    return _wait_for(bound_command("deployments.run", str(profile), name, *place, *words_of(options)))


def check_workers(n_workers: int | None) -> None:
    """Raise ConfigError if the command line says how many tasks there are at a time, where a profile does."""
    if n_workers is not None:
        raise ConfigError(f"--workers {n_workers} beside --engine: say in the profile how many workers there are")


def words_of(options: Mapping[str, object]) -> list[str]:
    """Return options as they stand on a command line; those that are None, False or empty are not there."""
    words: list[str] = []
    for name, value in options.items():
        option = f"--{name.replace('_', '-')}"
        if value is True:
            words.append(option)
        elif isinstance(value, Sequence) and not isinstance(value, str):
            words += [f"{option}={item}" for item in value]
        elif value is not None and value is not False:
            words.append(f"{option}={value}")
    return words


def run_tool(module: str, *arguments: str) -> int:
    """Run a module that needs no analysis until it ends, and return its exit code."""
    return _wait_for(bound_command(module, *arguments))


def _wait_for(command: list[str]) -> int:
    # In a group of its own the child hears a terminal's Ctrl-C once, from here, and has all the time it needs to end.
    child = subprocess.Popen(command, process_group=0)  # noqa: S603
    endings = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    for number in endings:
        signal.signal(number, lambda received, _: child.send_signal(received))
    code = child.wait()
    for number in endings:
        signal.signal(number, signal.SIG_IGN)
    return 128 - code if code < 0 else code
