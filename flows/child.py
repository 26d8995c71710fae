"""Dashboard and deployments run as child processes, by the names of their modules: the command line imports neither."""

import signal
import subprocess
from typing import TYPE_CHECKING

from flows.bound_process import bound_command

if TYPE_CHECKING:
    from core.configuration.config import Config


def run_child(module: str, config: "Config", *options: str) -> int:
    """Run a module for an analysis until it ends, and return its exit code; what interrupts us is passed on to it."""
    command = bound_command(module, "--root", config.product_root, "--analysis", config.analysis, *options)
    # In a group of its own the child hears a terminal's Ctrl-C once, from here, and has all the time it needs to end.
    child = subprocess.Popen(command, process_group=0)  # noqa: S603
    endings = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    for number in endings:
        signal.signal(number, lambda received, _: child.send_signal(received))
    code = child.wait()
    for number in endings:
        signal.signal(number, signal.SIG_IGN)
    return 128 - code if code < 0 else code
