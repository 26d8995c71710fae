"""How this package compiles its inner loops: without the interpreter's lock, cached on disk where a disk will have it.

numba's disk cache knows a compiled function by its own source file alone. So a compiled function uses functions and
constants of its own module only: one that used another module's would outlive a change there.
"""

from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

from numba import njit

Parameters = ParamSpec("Parameters")
Returned = TypeVar("Returned")


def compiled(function: Callable[Parameters, Returned]) -> Callable[Parameters, Returned]:
    """Return a function compiled with IEEE arithmetic as written: the same bits on every machine."""
    return _cached(function, fused=False)


def compiled_fused(function: Callable[Parameters, Returned]) -> Callable[Parameters, Returned]:
    """Return a function compiled with fused multiply-adds: faster, the same to rounding on every machine."""
    return _cached(function, fused=True)


def _cached(function: Callable[Parameters, Returned], fused: bool) -> Callable[Parameters, Returned]:
    fastmath = {"contract"} if fused else False
    try:
        dispatcher = njit(cache=True, nogil=True, error_model="numpy", fastmath=fastmath)(function)
    except RuntimeError:  # neither beside the source nor in the user's cache folder can anything be written
        dispatcher = njit(nogil=True, error_model="numpy", fastmath=fastmath)(function)
    return cast("Callable[Parameters, Returned]", dispatcher)
