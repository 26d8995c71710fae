"""Whole or absent: what a torn file, a flipped byte, a killed or a second writer, or a full disk can leave."""

import os
import signal
import socket
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fsspec.implementations.memory import MemoryFileSystem
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from upath import UPath

from core.errors import ProductError
from core.products.files import MissingProductError, check_reach, is_orphan, read_metadata, read_table, replace
from core.products.recipe import ProductKey, Recipe, State
from core.products.store import ProductStore
from tests.core.store_cases import ACCEPTANCE, PAIR, acceptance, acceptance_recipe, child, output

# Writes the acceptance of 2,000 sources, each with the value given.
WRITER = """
    import os, resource, signal, sys
    import pyarrow as pa
    from core.products.store import ProductStore
    from core.products.recipe import ProductKey, Recipe
    recipe = Recipe(ProductKey("acceptance", {"channel": "bb", "mass": 10}), "core.units", {})
    store = ProductStore(sys.argv[1])
    value = float(sys.argv[2])
    names = [f"dwarf {i} {hash((i, value))}" for i in range(2000)]
    table = pa.table({"source": names, "n_s_per_sigma_v": [value] * 2000})
"""


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[ProductStore, UPath, bytes, pa.Table]:
    """A product with texts, numbers, flags, lists and nulls: where it lies, its bytes and its table."""
    store = ProductStore(tmp_path_factory.mktemp("whole"))
    recipe = Recipe(ProductKey("response"), "core.units", {"n_bins": 2})
    energies = np.random.default_rng(1).random(300)
    columns = {
        "flavour": pa.array(["nue", "numu", None] * 100),
        "true_energy_low": pa.array(energies, mask=energies < 0.1),
        "effective_area": pa.array([[1.0, 2.0], [], None] * 100, pa.list_(pa.float64())),
        "is_line": pa.array([True, False, None] * 100),
    }
    table = pa.table(columns)
    path = store.write(recipe, table)
    return store, path, path.read_bytes(), store.read("response")


def refused_or_same(whole: tuple[ProductStore, UPath, bytes, pa.Table], content: bytes) -> bool:
    """Put other bytes in the file's place; return whether it is refused. If it is not, its table is the same."""
    store, path, _, table = whole
    path.write_bytes(content)
    try:
        found = store.read("response")
    except ProductError:
        assert store.state("response") is State.FAILED
        return True
    assert found.equals(table)
    assert [field.metadata for field in found.schema] == [field.metadata for field in table.schema]
    return False


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.floats(0, 1, exclude_max=True), mask=st.integers(1, 255))
def test_a_flipped_byte_is_noticed_or_changes_nothing(
    whole: tuple[ProductStore, UPath, bytes, pa.Table], place: float, mask: int
) -> None:
    content = bytearray(whole[2])
    content[int(place * len(content))] ^= mask
    refused_or_same(whole, bytes(content))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(length=st.floats(0, 1, exclude_max=True))
def test_a_torn_file_is_refused(whole: tuple[ProductStore, UPath, bytes, pa.Table], length: float) -> None:
    content = whole[2]
    assert refused_or_same(whole, content[: int(length * len(content))])


def test_data_changed_by_another_tool_are_refused(store: ProductStore) -> None:
    """The pages' checksums are right then: only the digest of the data tells."""
    path = store.write(acceptance_recipe(), acceptance())
    table = pq.read_table(path, partitioning=None)
    column = table.schema.get_field_index("n_s_per_sigma_v")
    pq.write_table(table.set_column(column, table.field(column), pa.array([2.0, 3.5])), path)
    assert store.state("acceptance", **PAIR) is State.FAILED
    with pytest.raises(ProductError, match="data do not match their digest"):
        store.read("acceptance")


def test_metadata_changed_by_another_tool_are_refused(store: ProductStore) -> None:
    path = store.write(acceptance_recipe(nside=32), acceptance())
    table = pq.read_table(path, partitioning=None)
    text = table.schema.metadata[b"dwarfnu"].replace(b'"nside": 32', b'"nside": 64')
    pq.write_table(table.replace_schema_metadata({b"dwarfnu": text}), path)
    with pytest.raises(ProductError, match="metadata do not match their digest"):
        read_metadata(path)
    assert store.state("acceptance", **PAIR) is State.FAILED


def test_a_file_cut_into_other_row_groups_stays_fresh(store: ProductStore) -> None:
    path = store.write(acceptance_recipe(), acceptance())
    pq.write_table(pq.read_table(path, partitioning=None), path, row_group_size=1, compression="none")
    assert store.state("acceptance", **PAIR) is State.FRESH


def test_a_file_without_our_metadata_is_refused(store: ProductStore) -> None:
    path = store.path("acceptance", **PAIR)
    path.parent.mkdir(parents=True)
    pq.write_table(acceptance(), path)
    with pytest.raises(ProductError, match="does not say what made it"):
        read_table(path)


def test_a_product_in_the_place_of_another_is_refused(store: ProductStore) -> None:
    path = store.write(acceptance_recipe(), acceptance())
    other = store.path("acceptance", channel="bb", mass=20)
    other.parent.mkdir(parents=True)
    other.write_bytes(path.read_bytes())
    assert store.state("acceptance", channel="bb", mass=20) is State.FAILED
    with pytest.raises(ProductError, match=r"it is the product of acceptance/channel=bb/mass=10/part-0000.parquet"):
        store.read("acceptance", mass=20)


def test_a_deleted_product_is_missing(store: ProductStore) -> None:
    path = store.write(acceptance_recipe(), acceptance())
    path.unlink()
    assert store.state("acceptance", **PAIR) is State.MISSING
    with pytest.raises(MissingProductError, match="no product at"):
        read_table(path)


KILLED = {
    # The file system takes 8 KiB of the file, then the signal of the limit comes, and the process kills itself.
    "with a part of its bytes written": """
    signal.signal(signal.SIGXFSZ, lambda *_: os.kill(os.getpid(), signal.SIGKILL))
    resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))
    store.write(recipe, table)
    """,
    "before the file is moved to its place": """
    sys.addaudithook(lambda event, _: event == "os.rename" and os.kill(os.getpid(), signal.SIGKILL))
    store.write(recipe, table)
    """,
}


@pytest.mark.parametrize("moment", KILLED)
def test_a_writer_killed_in_mid_write_leaves_the_old_product_and_an_orphan(store: ProductStore, moment: str) -> None:
    path = store.write(acceptance_recipe(), acceptance())
    old = path.read_bytes()
    writer = child(WRITER + KILLED[moment], store.root, 1.0)
    writer.communicate(timeout=120)
    assert writer.returncode == -signal.SIGKILL
    assert path.read_bytes() == old
    assert store.state("acceptance", **PAIR) is State.FRESH
    assert store.read("acceptance").num_rows == 2
    (left,) = path.parent.glob(".*.tmp")
    assert left.stat().st_size >= 8192
    assert store.sweep() == 1
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_a_living_writer_is_not_swept(store: ProductStore) -> None:
    path = store.write(acceptance_recipe(), acceptance())
    alive = path.parent / f".{path.name}.0@{socket.gethostname()}~{os.getpid()}.tmp"
    elsewhere = path.parent / f".{path.name}.0@another-host~999999999.tmp"
    for file in (alive, elsewhere):
        file.write_bytes(b"half")
        assert not is_orphan(file)
    assert store.sweep() == 0
    two_days_ago = time.time() - 48 * 3600
    os.utime(elsewhere, (two_days_ago, two_days_ago))
    assert store.sweep() == 1
    assert alive.exists()


@pytest.mark.slow
def test_two_writers_of_one_product_end_in_one_whole_file(store: ProductStore) -> None:
    twice = """
    other = table.set_column(1, "n_s_per_sigma_v", pa.array([-value] * 2000))
    second = os.fork()
    for _ in range(8):
        store.write(recipe, table if second else other)
    if second:
        sys.exit(os.waitpid(second, 0)[1])
    """
    writers = child(WRITER + twice, store.root, 1.0)
    seen: set[float] = set()
    while writers.poll() is None:
        if store.state("acceptance", **PAIR) is State.MISSING:
            continue
        table = store.read("acceptance", **PAIR)
        values = set(table.column("n_s_per_sigma_v").to_pylist())
        assert table.num_rows == 2000
        assert len(values) == 1
        seen |= values
    assert output(writers) == ""
    assert store.state("acceptance", **PAIR) is State.FRESH
    assert seen
    assert seen <= {1.0, -1.0}
    assert len(list(store.path("acceptance", **PAIR).parent.iterdir())) == 1


def test_no_space_leaves_the_old_product_and_no_orphan(store: ProductStore) -> None:
    path = store.write(acceptance_recipe(), acceptance())
    old = path.read_bytes()
    full = """
    resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))
    try:
        store.write(recipe, table)
    except Exception as error:
        print(type(error).__name__, error)
    """
    assert output(child(WRITER + full, store.root, 1.0)) == f"ProductError cannot write {path}: File too large\n"
    assert path.read_bytes() == old
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_a_file_where_a_folder_belongs_is_named(store: ProductStore) -> None:
    blocked = store.root / store.analysis / "acceptance"
    blocked.parent.mkdir(parents=True)
    blocked.write_bytes(b"")
    with pytest.raises(ProductError, match=r"cannot write .*part-0000.parquet: "):
        store.write(acceptance_recipe(), acceptance())
    store.write_failure(acceptance_recipe(), "no place")
    assert store.state("acceptance", **PAIR) is State.MISSING
    assert store.keys("acceptance") == []


def test_a_folder_where_the_file_belongs_is_named(store: ProductStore) -> None:
    path = store.path("acceptance", **PAIR)
    path.mkdir(parents=True)
    with pytest.raises(ProductError, match=r"cannot write .*part-0000.parquet: Is a directory"):
        store.write(acceptance_recipe(), acceptance())
    assert "a folder stands" in store.explain_recipe(acceptance_recipe()).reason
    with pytest.raises(ProductError, match="a folder stands"):
        store.read("acceptance")
    assert [file.name for file in path.parent.iterdir()] == [path.name]
    path.rmdir()
    store.write(acceptance_recipe(), acceptance())
    assert store.state("acceptance", **PAIR) is State.FRESH


def test_a_root_that_is_a_file_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "products").write_bytes(b"")
    with pytest.raises(ProductError, match="cannot write products under"):
        ProductStore(tmp_path / "products").check_writable()


def test_a_writable_root_is_left_without_files(store: ProductStore) -> None:
    store.check_writable()
    assert not [path for path in Path(store.root).rglob("*") if path.is_file()]


def test_errors_that_may_pass_are_left_to_a_retry(tmp_path: Path) -> None:
    """Too many open files is an error that waiting may mend."""
    code = """
    import resource, sys
    from upath import UPath
    from core.products.files import replace
    path = UPath(sys.argv[1])
    replace(path, b"content")
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))
    try:
        replace(path, b"content")
    except Exception as error:
        print(type(error).__name__)
    """
    assert output(child(code, tmp_path / "file")) == "OSError\n"


def test_errors_of_reading_that_may_pass_are_left_to_a_retry(store: ProductStore) -> None:
    """Neither is a product that cannot be read just now called damaged, nor is it missing."""
    store.write(acceptance_recipe(), acceptance())
    code = """
    import errno, resource, sys
    from core.products.files import read_table
    from core.products.store import ProductStore
    from core.products.recipe import ProductKey, Recipe
    store = ProductStore(sys.argv[1])
    key = ProductKey("acceptance", {"channel": "bb", "mass": 10})
    recipe = Recipe(key, "core.units")
    path = store.path("acceptance", **key.keys)
    print(store.explain_recipe(recipe).state)
    store = ProductStore(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))
    ways = (lambda: read_table(path), lambda: store.metadata("acceptance", **key.keys), lambda: store.digest(key),
            lambda: store.state("acceptance", part=0, **key.keys), lambda: store.explain_recipe(recipe))
    for way in ways:
        try:
            print(way())
        except Exception as error:
            print(type(error).__name__, errno.errorcode[error.errno])
    """
    assert output(child(code, store.root)).split("\n") == ["fresh", *["OSError EMFILE"] * 5, ""]


def test_errors_of_reading_that_last_are_named(store: ProductStore) -> None:
    path = store.path("acceptance", **PAIR)
    path.parent.mkdir(parents=True)
    path.symlink_to(path)
    with pytest.raises(ProductError, match=r"cannot read .*part-0000.parquet: Too many levels of symbolic links"):
        read_table(path)
    assert store.state("acceptance", **PAIR) is State.FAILED


def test_a_column_outside_the_glossary_is_refused(store: ProductStore) -> None:
    with pytest.raises(ProductError, match="column 'tss' does not stand in the glossary"):
        store.write(acceptance_recipe(), acceptance().append_column("tss", pa.array([1.0, 2.0])))
    assert store.state("acceptance", **PAIR) is State.MISSING


def test_a_column_of_another_type_is_refused(store: ProductStore) -> None:
    with pytest.raises(ProductError, match="column 'n_s_per_sigma_v' is int64; the glossary says double"):
        store.write(acceptance_recipe(), pa.table({"n_s_per_sigma_v": [1, 2]}))


def test_a_key_column_that_contradicts_the_key_is_refused(store: ProductStore) -> None:
    with pytest.raises(ProductError, match=r"column 'mass' of the product with mass=10.0 holds other values"):
        store.write(acceptance_recipe(), acceptance().append_column("mass", pa.array([10.0, 20.0])))


def test_a_column_that_is_not_there_is_named_beside_those_that_are(store: ProductStore) -> None:
    store.write(acceptance_recipe(), acceptance())
    message = "no column ra, dec; it has channel, mass, source, n_s_per_sigma_v"
    with pytest.raises(ProductError, match=message):
        store.read("acceptance", columns=["source", "ra", "dec"])


def test_a_file_carries_its_keys_its_units_and_what_made_it(store: ProductStore) -> None:
    path = store.write(acceptance_recipe(nside=32), acceptance())
    assert pq.read_table(path, partitioning=None).column("mass").to_pylist() == [10.0, 10.0]
    assert store.read("acceptance").schema.field("mass").metadata[b"unit"] == b"GeV"
    metadata = read_metadata(path)
    assert metadata["stage"] == ACCEPTANCE.stage
    assert metadata["keys"] == PAIR
    assert metadata["recipe"] == {"nside": 32}
    assert metadata["code"]["function"] == "core.units"
    assert metadata["columns"]["mass"] == {
        "type": "double",
        "unit": "GeV",
        "meaning": "mass of the dark matter particle",
    }
    assert {"dwarfnu", "python", "pyarrow"} <= metadata["versions"].keys()
    assert {"recipe_digest", "data_digest", "inputs", "seed", "created", "analysis"} <= metadata.keys()


def test_replace_makes_folders_and_leaves_nothing_beside(tmp_path: Path) -> None:
    path = UPath(tmp_path / "a" / "b" / "file")
    replace(path, b"one")
    replace(path, b"two")
    assert path.read_bytes() == b"two"
    assert [file.name for file in path.parent.iterdir()] == ["file"]


class Unreachable(MemoryFileSystem):
    """An object store whose library has errors of its own."""

    cachable = False

    def info(self, path: str, **_: object) -> dict[str, object]:
        raise RuntimeError("no route\nto the endpoint")


def test_a_store_that_does_not_answer_is_told_from_an_empty_one() -> None:
    check_reach(UPath("memory://nothing-yet"))
    with pytest.raises(ProductError, match="cannot be reached: no route to the endpoint"):
        check_reach(SimpleNamespace(fs=Unreachable(), path="ours"))
