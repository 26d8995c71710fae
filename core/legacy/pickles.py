"""Pickles that the published analysis left in `.npy` files, read without running anything.

A pickle is a program. This one is followed only as far as it builds arrays of numbers or text, dicts, lists, tuples,
strings and numbers; whatever else it names is refused before it is looked up.
"""

import io
import pickle
import struct
from collections.abc import Callable
from pathlib import Path
from tokenize import TokenError
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.lib import format as npy_format
from numpy.typing import NDArray

from core.errors import InputError
from core.files import MOST_TEXT, check_file

ADMITTED_KINDS = "only arrays, dicts, lists, tuples, strings and numbers are read"

# Stands for numpy.ndarray where a pickle names it: it is there to be named, not to be called.
_ARRAY = "numpy.ndarray"


def _empty_array(kind: object, *_: object) -> NDArray[Any]:
    """Return the empty array that a pickle fills in its next step, whatever size it asks for."""
    if kind is not _ARRAY:
        raise pickle.UnpicklingError(f"an array of the kind {kind!r}")
    return np.ndarray((0,), "b")


def _own_dtype(code: object, *_: object) -> np.dtype[Any]:
    """Return a dtype that is nobody else's, since the next step of a pickle changes it."""
    if not isinstance(code, str):
        raise pickle.UnpicklingError(f"a dtype of the kind {code!r}")
    return np.dtype(code, copy=True)


# Modules in which numpy has kept these over the years: (module, name) → what they are here.
_SCALAR = np.float64(0.0).__reduce__()[0]
_ADMITTED: dict[tuple[str, str], Any] = {
    ("numpy", "ndarray"): _ARRAY,
    ("numpy", "dtype"): _own_dtype,
}
for _module in ("numpy.core.multiarray", "numpy._core.multiarray"):
    _ADMITTED[_module, "_reconstruct"] = _empty_array
    _ADMITTED[_module, "scalar"] = _SCALAR


def _latin1_bytes(text: str, encoding: str) -> bytes:
    """Return the bytes that protocols 0 to 2 write as text; any other encoding is refused."""
    if not isinstance(text, str) or encoding != "latin1":
        raise pickle.UnpicklingError(f"bytes in the encoding {encoding!r}")
    return text.encode("latin1")


def _array_of_buffer(buffer: bytes, dtype: np.dtype[Any], shape: tuple[int, ...], order: Literal["C", "F"]) -> Any:
    """Return the array that protocol 5 writes as its bytes; numpy refuses buffers of objects."""
    return np.frombuffer(buffer, dtype=dtype).reshape(shape, order=order)


_ADMITTED["_codecs", "encode"] = _latin1_bytes
for _module in ("numpy.core.numeric", "numpy._core.numeric"):
    _ADMITTED[_module, "_frombuffer"] = _array_of_buffer


# What unpickling and numpy raise on bytes that no writer wrote.
_TORN = (
    pickle.UnpicklingError, EOFError, ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError,
    MemoryError, RecursionError, SyntaxError, SystemError, TokenError,
    AssertionError, struct.error,
)  # fmt: skip


class _RestrictedUnpickler(pickle._Unpickler):
    """The unpickler written in Python: its memory is bounded by the file's length, and its steps can be checked."""

    dispatch: ClassVar[dict[int, Any]] = dict(pickle._Unpickler.dispatch)
    stack: list[Any]
    read: Callable[[int], bytes]
    append: Callable[[Any], None]

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _ADMITTED:
            raise _RefusedError(f"{module}.{name}")
        return _ADMITTED[module, name]

    def persistent_load(self, pid: Any) -> Any:
        raise _RefusedError(f"the persistent object {pid!r}")

    def load_build(self) -> None:
        """Give an array its content or a dtype its byte order; any other change of an object is refused.

        A dtype that claims to hold objects where it holds numbers would let a file forge objects.
        """
        state, target = self.stack[-1], self.stack[-2]
        if isinstance(target, np.dtype):
            plain = np.dtype(target.str).__reduce__()[2]
            if not isinstance(state, tuple) or state[1] not in tuple("<>|=") or state[2:] != plain[2:]:
                raise pickle.UnpicklingError(f"a dtype {target} that is no plain one")
        elif not isinstance(target, np.ndarray):
            raise pickle.UnpicklingError(f"a change of a {type(target).__name__}")
        super().load_build()  # type: ignore[misc]

    dispatch[pickle.BUILD[0]] = load_build

    def load_bytearray8(self) -> None:
        """Take as many bytes of a buffer as there are: Python's own first makes room for all that are claimed."""
        (length,) = struct.unpack("<Q", self.read(8))
        content = self.read(length)
        if len(content) < length:
            raise EOFError(f"a buffer of {length} bytes has {len(content)}")
        self.append(bytearray(content))

    dispatch[pickle.BYTEARRAY8[0]] = load_bytearray8


class _RefusedError(pickle.UnpicklingError):
    """A pickle asks for something that is neither an array, a plain container, a text nor a number."""


def load_pickled(path: Path) -> Any:
    """Return what a pickle, or a `.npy` file around one, holds: arrays, dicts, lists, tuples, strings, numbers.

    An array of one object is returned as that object. Raises InputError when the file cannot be read, or when the
    pickle names anything else; that is then neither looked up nor run.
    """
    check_file(path, MOST_TEXT)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from error
    try:
        stream = io.BytesIO(content)
        if content.startswith(npy_format.MAGIC_PREFIX):
            loaded = _load_npy(path, stream)
        else:
            loaded = _RestrictedUnpickler(stream, encoding="latin1").load()
    except _RefusedError as error:
        raise InputError(
            f"{path}: refused, for its pickle asks for {error}; only arrays, dicts and numbers are read"
        ) from error
    except _TORN as error:
        raise InputError(f"{path}: is no pickle of arrays and dicts, or a truncated one ({error})") from error
    _refuse_other_types(path, loaded)
    return loaded


def _load_npy(path: Path, stream: io.BytesIO) -> Any:
    """Return the content of a `.npy` file: an array of numbers as it is, an array of objects through the unpickler."""
    version = npy_format.read_magic(stream)
    reader = npy_format.read_array_header_1_0 if version == (1, 0) else npy_format.read_array_header_2_0
    _, _, dtype = reader(stream)
    if not dtype.hasobject:
        stream.seek(0)
        return npy_format.read_array(stream, allow_pickle=False)
    loaded = _RestrictedUnpickler(stream, encoding="latin1").load()
    if not isinstance(loaded, np.ndarray):
        raise InputError(f"{path}: says that it is an array and holds a {type(loaded).__name__}")
    return loaded.item() if loaded.size == 1 else loaded


def _refuse_other_types(path: Path, content: Any) -> None:
    """Raise InputError if anything but the admitted kinds has come out, however it was built."""
    todo = [content]
    seen: set[int] = set()
    while todo:
        item = todo.pop()
        if id(item) in seen:
            continue
        seen.add(id(item))
        if isinstance(item, dict):
            todo += [*item.keys(), *item.values()]
        elif isinstance(item, (list, tuple)) or (isinstance(item, np.ndarray) and item.dtype.hasobject):
            todo += list(item.flat) if isinstance(item, np.ndarray) else list(item)
        elif not isinstance(item, (np.ndarray, np.generic, str, bytes, int, float, complex, type(None))):
            raise InputError(
                f"{path}: refused, for it holds a {type(item).__name__}; only arrays, dicts and numbers are read"
            )
