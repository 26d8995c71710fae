"""`python -m flows.bound_process PID MODULE ARGUMENT…`: run a module in a process that ends when another one does.

However that other process ends, SIGKILL included: Linux tells its children by a signal of the kernel; elsewhere, and
where the other one is not the parent, a thread looks at it twice a second.
"""

import ctypes
import os
import runpy
import signal
import sys
from collections.abc import Sequence
from threading import Event, Thread

import psutil

PR_SET_PDEATHSIG = 1  # of linux/prctl.h
LOOK = 0.5  # s between two looks at a process that is not the parent


def bound_command(module: str, *arguments: str, process: int | None = None) -> list[str]:
    """Return the command that runs a module with this interpreter until a process, by default this one, ends."""
    return [sys.executable, "-m", "flows.bound_process", str(process or os.getpid()), module, *arguments]


def end_with(process: int) -> None:
    """Kill this process, without a word, when another one has ended."""
    if os.getppid() == process and sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() == process:
            return
    Thread(target=_end_after, args=(process,), daemon=True).start()


def _end_after(process: int) -> None:
    try:
        other = psutil.Process(process)
        while other.is_running() and other.status() != psutil.STATUS_ZOMBIE:
            Event().wait(LOOK)
    except psutil.NoSuchProcess:
        pass
    psutil.Process().kill()


def main(arguments: Sequence[str]) -> None:
    """Run the module named by the second argument until it ends or the process of the first argument does."""
    process, module, *rest = arguments
    end_with(int(process))
    sys.argv = [module, *rest]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main(sys.argv[1:])
