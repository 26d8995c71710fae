import os
import pickle
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from core.errors import InputError
from core.legacy.pickles import load_pickled


class Malicious:
    """A pickle that would write a file when loaded."""

    def __init__(self, target: Path):
        self.target = target

    def __reduce__(self):
        return os.system, (f"touch {self.target}",)


@pytest.mark.parametrize("protocol", [0, 1, 2, 3, 4, 5])
def test_arrays_and_containers_come_back(tmp_path, protocol):
    content = {"b": {10: {"Energy": np.arange(3.0), "EdNdE": [1.0, 2, "x"]}}, "t": (1, None, np.float64(2.5), b"y")}
    path = tmp_path / "content.pkl"
    path.write_bytes(pickle.dumps(content, protocol=protocol))
    loaded = load_pickled(path)
    assert loaded["b"][10]["Energy"].tolist() == [0.0, 1.0, 2.0]
    assert loaded["b"][10]["EdNdE"] == [1.0, 2, "x"]
    assert loaded["t"][:3] == (1, None, 2.5)


def test_a_dict_in_a_npy_file_comes_back(tmp_path):
    np.save(tmp_path / "content.npy", {"a": np.array(["x", "y"])})
    assert load_pickled(tmp_path / "content.npy")["a"].tolist() == ["x", "y"]


def test_a_plain_array_needs_no_pickle(tmp_path):
    np.save(tmp_path / "plain.npy", np.arange(4))
    assert load_pickled(tmp_path / "plain.npy").tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize(
    "wrap", [lambda bad: bad, lambda bad: {"b": [bad]}, lambda bad: np.array([bad, 1], dtype=object)]
)
@pytest.mark.parametrize("suffix", ["pkl", "npy"])
def test_code_is_refused_before_it_runs(tmp_path, wrap, suffix):
    trace, path = tmp_path / "trace", tmp_path / f"bad.{suffix}"
    if suffix == "npy":
        np.save(path, np.array(wrap(Malicious(trace)), dtype=object))
    else:
        path.write_bytes(pickle.dumps(wrap(Malicious(trace))))
    with pytest.raises(InputError, match=r"refused, for its pickle asks for (posix|nt|os)\.system"):
        load_pickled(path)
    assert not trace.exists()


@pytest.mark.parametrize("name", ["eval", "exec", "getattr", "open", "__import__"])
def test_builtins_are_refused(tmp_path, name):
    path = tmp_path / "bad.pkl"
    path.write_bytes(f"cbuiltins\n{name}\n(V1+1\ntR.".encode())
    with pytest.raises(InputError, match=f"builtins.{name}"):
        load_pickled(path)


def test_numpy_functions_are_refused(tmp_path):
    path = tmp_path / "bad.pkl"
    path.write_bytes(b"cnumpy\nload\n(V/etc/passwd\ntR.")
    with pytest.raises(InputError, match=r"numpy\.load"):
        load_pickled(path)


def test_other_encodings_are_refused(tmp_path):
    path = tmp_path / "bad.pkl"
    path.write_bytes(b"c_codecs\nencode\n(Vabc\nVrot13\ntR.")
    with pytest.raises(InputError, match="rot13"):
        load_pickled(path)


def test_kinds_that_need_no_name_are_refused_too(tmp_path):
    path = tmp_path / "bad.pkl"
    path.write_bytes(pickle.dumps({1, 2}, protocol=4))
    with pytest.raises(InputError, match="holds a set"):
        load_pickled(path)


@pytest.mark.parametrize("content", [b"", b"not a pickle", pickle.dumps([1.0] * 100)[:-20], b"\x93NUMPY\x01\x00"])
def test_torn_files_are_named(tmp_path, content):
    path = tmp_path / "torn.npy"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"torn\.npy"):
        load_pickled(path)
    with pytest.raises(InputError, match=r"cannot (be )?read"):
        load_pickled(tmp_path / "missing.npy")


@pytest.mark.parametrize("values", [np.arange(3.0, dtype=">f8"), np.array(["ab", "c"]), np.array([b"x"]), np.eye(2)])
@pytest.mark.parametrize("protocol", [0, 2, 5])
def test_arrays_of_any_plain_kind_come_back(tmp_path, values, protocol):
    path = tmp_path / "content.pkl"
    path.write_bytes(pickle.dumps([values, values.copy()], protocol=protocol))
    for loaded in load_pickled(path):
        assert loaded.dtype.newbyteorder("=") == values.dtype.newbyteorder("=")
        assert loaded.tolist() == values.tolist()


class Reduced:
    """A pickle that builds what its arguments say."""

    def __init__(self, *reduced):
        self.reduced = reduced

    def __reduce__(self):
        return self.reduced


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (Reduced(np.dtype, ("f8", False, True), (3, "<", None, None, None, -1, -1, 63)), "dtype float64 that is no"),
        (Reduced(np.dtype, ("f8", False, False), (3, "<", None, None, None, 16, -1, 0)), "dtype float64 that is no"),
        (Reduced(np.dtype, ("V8", False, True), (3, "|", None, ("a",), {"a": 1}, 8, 1, 63)), "dtype .* that is no"),
        (Reduced(np.ndarray, ((10**12,), "u1")), "is no pickle of arrays"),
    ],
)
def test_what_would_forge_objects_or_take_memory_is_refused(tmp_path, made, said):
    path = tmp_path / "forged.pkl"
    path.write_bytes(pickle.dumps({"b": made}))
    with pytest.raises(InputError, match=said):
        load_pickled(path)
    assert np.dtype("f8") == np.arange(2.0).dtype
    assert np.ones(2).sum() == 2.0


def test_a_huge_memo_takes_no_memory(tmp_path):
    path = tmp_path / "memo.pkl"
    path.write_bytes(b"\x80\x03}r\xff\xff\xff\xff.")
    assert load_pickled(path) == {}


def test_a_buffer_takes_no_more_room_than_the_file_has(tmp_path: Path) -> None:
    path = tmp_path / "buffer.pkl"
    path.write_bytes(b"\x80\x05\x96" + (16 << 30).to_bytes(8, "little") + b"12345678.")
    tracemalloc.start()
    with pytest.raises(InputError, match="truncated one"):
        load_pickled(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1 << 20
    array = np.arange(1000.0)
    path.write_bytes(pickle.dumps({"a": array}, 5))
    np.testing.assert_array_equal(load_pickled(path)["a"], array)
