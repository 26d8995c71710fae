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
    return _cached(function, False)


def compiled_fused(function: Callable[Parameters, Returned]) -> Callable[Parameters, Returned]:
    """Return a function compiled with fused multiply-adds: faster, the same to rounding on every machine."""
    return _cached(function, {"contract"})


def compiled_reordered(function: Callable[Parameters, Returned]) -> Callable[Parameters, Returned]:
    """Return a function compiled with fused multiply-adds and sums in any order: fastest, the same to rounding."""
    return _cached(function, {"contract", "reassoc"})


def _cached(function: Callable[Parameters, Returned], fastmath: "bool | set[str]") -> Callable[Parameters, Returned]:
    try:
        dispatcher = njit(cache=True, nogil=True, error_model="numpy", fastmath=fastmath)(function)
    except RuntimeError:  # neither beside the source nor in the user's cache folder can anything be written
        dispatcher = njit(nogil=True, error_model="numpy", fastmath=fastmath)(function)
    return cast("Callable[Parameters, Returned]", dispatcher)
