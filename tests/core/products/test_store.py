"""When products are fresh, and how they are read; how they are cut into parts; figures and roots."""

import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from upath import UPath

from core.errors import ProductError
from core.products import files
from core.products.recipe import ProductKey, ProductState, Recipe, State
from core.products.store import ProductStore
from tests.core.store_cases import (
    ACCEPTANCE,
    PAIR,
    ROOT,
    RUN,
    TRIALS,
    acceptance,
    acceptance_recipe,
    child,
    output,
    shard,
)


def with_trials(store: ProductStore, n_parts: int) -> list[Recipe]:
    """Write the acceptance and shards of trials that follow from it."""
    store.write(acceptance_recipe(), acceptance())
    shards = [shard(part) for part in range(n_parts)]
    for recipe, table in shards:
        store.write(recipe, table)
    return [recipe for recipe, _ in shards]


# reading


def test_products_are_read_in_the_order_of_keys_and_parts(any_store: ProductStore) -> None:
    for mass in (100, 10, 5.5):
        key = ProductKey("acceptance", {"channel": "bb", "mass": mass})
        any_store.write(Recipe(key, "core.units"), pa.table({"source": ["Draco"]}))
    assert any_store.read("acceptance").column("mass").to_pylist() == [5.5, 10.0, 100.0]
    assert any_store.keys("acceptance", mass=10) == [{"channel": "bb", "mass": 10.0}]
    for part in (10_000, 9_999, 0):
        any_store.write(*shard(part, n_trials=1), input_digests=[""])
    assert any_store.read("background_trials", **RUN).column("trial").to_pylist() == [0, 9_999, 10_000]


def test_only_the_first_parts_are_read_where_asked(store: ProductStore) -> None:
    with_trials(store, 3)
    assert store.read("background_trials", n_parts=2, **RUN).num_rows == 20
    with pytest.raises(ProductError, match=r"no product at .*part-0003"):
        store.read("background_trials", n_parts=4, **RUN)
    with pytest.raises(
        ProductError,
        match=r"no product acceptance mass=20 under .*: of acceptance there are acceptance channel=bb mass=10",
    ):
        store.read("acceptance", mass=20)


def test_the_parts_of_a_product_are_those_that_stand_or_failed(any_store: ProductStore) -> None:
    recipes = with_trials(any_store, 3)
    product = recipes[0].product
    assert any_store.parts(product) == {0, 1, 2}
    any_store.path("background_trials", 1, **RUN).unlink()
    assert any_store.parts(product) == {0, 2}
    any_store.write_failure(recipes[1], "no luck")
    assert any_store.parts(product) == {0, 1, 2}


def test_a_scan_is_a_lazy_view_of_what_is_read(any_store: ProductStore) -> None:
    with_trials(any_store, 3)
    scan = any_store.scan("background_trials", **RUN)
    assert scan.count_rows() == 30
    assert scan.to_table(columns=["trial"]).equals(any_store.read("background_trials", columns=["trial"], **RUN))
    assert scan.to_table(filter=pc.field("n_s") > 27.5)["trial"].to_pylist() == [28, 29]
    assert any_store.scan_products([ProductKey("background_trials", RUN, n_parts=2)]).count_rows() == 20
    with pytest.raises(
        ProductError,
        match=r"no product acceptance mass=20 under .*: of acceptance there are acceptance channel=bb mass=10",
    ):
        any_store.scan("acceptance", mass=20)


def test_a_scan_is_of_whole_files_with_the_same_columns(store: ProductStore) -> None:
    with_trials(store, 3)
    path = store.path("background_trials", part=1, **RUN)
    content = path.read_bytes()
    path.write_bytes(content[:-50])
    with pytest.raises(ProductError, match="part-0001"):
        store.scan("background_trials", **RUN)
    path.write_bytes(content)
    other, _ = shard(1)
    store.write(other, pa.table({"trial": pa.array([0])}))
    with pytest.raises(ProductError, match=r"part-0001.* has other columns than .*part-0000"):
        store.scan("background_trials", **RUN)


def test_files_and_folders_of_other_names_are_no_products(store: ProductStore) -> None:
    path = store.write(acceptance_recipe(), acceptance())
    (path.parent / "part-0000 (copy).parquet").write_bytes(b"")
    (path.parent / "part-00000.parquet").write_bytes(b"")
    for name in ("mass=ten", "mass=10.0", "mass=010"):
        shutil.copytree(path.parent, path.parent.parent / name)
    assert store.keys("acceptance") == [PAIR]
    assert store.read("acceptance").num_rows == 2


def test_parts_with_different_columns_are_not_joined(store: ProductStore) -> None:
    store.write(*shard(0), input_digests=[""])
    recipe, table = shard(1)
    store.write(recipe, table.drop_columns("n_s"), input_digests=[""])
    with pytest.raises(ProductError, match="have different columns"):
        store.read("background_trials")


# freshness


def test_a_product_is_fresh_as_long_as_its_recipe_asks_for_it(any_store: ProductStore) -> None:
    recipe = acceptance_recipe(masses=(5, 10), window=None)
    assert any_store.state("acceptance", **PAIR) is State.MISSING
    any_store.write(recipe, acceptance())
    assert any_store.explain_recipe(recipe).state is State.FRESH
    assert any_store.state("acceptance", **PAIR) is State.FRESH
    assert ProductStore(any_store.root).explain_recipe(recipe).state is State.FRESH


def test_a_changed_parameter_makes_it_stale_and_is_named(store: ProductStore) -> None:
    store.write(acceptance_recipe(nside=32, masses=(5, 10)), acceptance())
    found = store.explain_recipe(acceptance_recipe(nside=64, masses=(5, 10)))
    assert found.state is State.STALE
    assert found.reason == "its parameters have changed (nside: 32 → 64)"


def test_another_module_makes_it_stale(store: ProductStore) -> None:
    store.write(acceptance_recipe(), acceptance())
    assert store.explain_recipe(Recipe(ACCEPTANCE, "core.dark_matter.channels")).state is State.STALE


def test_changed_data_of_an_input_make_it_stale_but_not_the_same_data(any_store: ProductStore) -> None:
    (recipe,) = with_trials(any_store, 1)
    any_store.write(acceptance_recipe(reason="again"), acceptance())
    assert any_store.explain_recipe(recipe).state is State.FRESH
    any_store.write(acceptance_recipe(), acceptance(2.5))
    assert any_store.explain_recipe(recipe).reason == "its input acceptance channel=bb mass=10 has changed"
    any_store.path("acceptance", **PAIR).unlink()
    assert any_store.explain_recipe(recipe).reason == "its input acceptance channel=bb mass=10 is missing or damaged"


def test_an_input_that_changed_while_it_was_used_makes_it_stale(store: ProductStore) -> None:
    """The digests are taken before the inputs are read: what is made of the old ones does not pass for new."""
    store.write(acceptance_recipe(), acceptance())
    recipe, table = shard(0)
    digests = store.input_digests(recipe)
    store.write(acceptance_recipe(), acceptance(2.5))
    store.write(recipe, table, digests)
    assert store.explain_recipe(recipe).state is State.STALE


def test_other_inputs_make_it_stale(store: ProductStore) -> None:
    (recipe,) = with_trials(store, 1)
    fewer = Recipe(recipe.product, recipe.code, recipe.parameters)
    assert store.explain_recipe(fewer).reason == "it was made from other inputs"


def test_how_an_input_is_cut_into_parts_does_not_matter(any_store: ProductStore) -> None:
    with_trials(any_store, 4)
    key = ProductKey("sensitivity", RUN)
    recipe = Recipe(key, "core.units", {}, (ProductKey("background_trials", RUN, n_parts=4),))
    any_store.write(recipe, pa.table({"n_s_sensitivity": [1.0]}))
    for part in (0, 1):
        any_store.write(*shard(part, n_trials=20))
    any_store.drop_overlapping_parts(TRIALS, n_parts=2, n_trials=40)
    halves = Recipe(key, "core.units", {}, (ProductKey("background_trials", RUN, n_parts=2),))
    assert any_store.explain_recipe(halves).state is State.FRESH
    assert any_store.read("background_trials").column("trial").to_pylist() == list(range(40))


def test_the_worst_part_decides(any_store: ProductStore) -> None:
    recipes = with_trials(any_store, 4)
    paths = [any_store.path("background_trials", part, **RUN) for part in range(4)]

    def said() -> tuple[State, str]:
        found = any_store.explain("background_trials", **RUN)
        return found.state, found.reason

    assert said() == (State.FRESH, "as its recipe asks")
    paths[1].unlink()
    assert said() == (State.MISSING, "part 1: not made yet")
    any_store.write(recipes[3], any_store.read("background_trials", n_parts=1).slice(0, 1), ["another digest"])
    assert said() == (State.STALE, "part 3: its input acceptance channel=bb mass=10 has changed")
    paths[2].write_bytes(paths[2].read_bytes()[:-7])
    state, reason = said()
    assert state is State.FAILED
    assert reason.startswith("part 2: ")
    states = [any_store.state("background_trials", part=part, **RUN) for part in range(4)]
    assert states == [State.FRESH, State.MISSING, State.FAILED, State.STALE]
    assert [any_store.explain_recipe(recipe).state for recipe in recipes] == states
    assert [any_store.state("background_trials", recipe, **RUN) for recipe in recipes] == states


def test_a_part_that_failed_decides_though_it_does_not_stand(store: ProductStore) -> None:
    with_trials(store, 2)
    store.write_failure(shard(2)[0], "no space left")
    assert store.explain("background_trials", **RUN) == ProductState(State.FAILED, "part 2: no space left")
    store.drop_overlapping_parts(TRIALS, n_parts=2, n_trials=20)
    assert store.state("background_trials", **RUN) is State.FRESH


def test_larger_shards_leave_each_trial_once(any_store: ProductStore) -> None:
    with_trials(any_store, 4)
    any_store.write(*shard(0, n_trials=40))
    any_store.drop_overlapping_parts(TRIALS, n_parts=1, n_trials=40)
    assert any_store.read("background_trials", **RUN).column("trial").to_pylist() == list(range(40))
    assert any_store.state("background_trials", **RUN) is State.FRESH


def test_fewer_trials_leave_those_beyond_unless_they_are_of_no_use(any_store: ProductStore) -> None:
    with_trials(any_store, 6)
    any_store.path("background_trials", part=4, **RUN).write_bytes(b"torn")
    recipe, table = shard(5)
    any_store.write(recipe, table, ["another digest"])
    any_store.drop_overlapping_parts(TRIALS, n_parts=3, n_trials=30)
    assert any_store.read("background_trials", **RUN).column("trial").to_pylist() == list(range(40))
    assert any_store.state("background_trials", **RUN) is State.FRESH


def test_what_stands_in_the_place_of_a_part_and_cannot_be_removed_is_named(store: ProductStore) -> None:
    with_trials(store, 1)
    store.path("background_trials", part=1, **RUN).mkdir()
    with pytest.raises(ProductError, match=r"cannot remove .*part-0001.parquet: "):
        store.drop_overlapping_parts(TRIALS, n_parts=1, n_trials=10)


def test_parts_of_an_older_cut_are_dropped_by_their_number(store: ProductStore) -> None:
    """All of them: those beyond the trials asked for would only leave a gap behind."""
    with_trials(store, 6)
    store.path("background_trials", part=0, **RUN).unlink()  # a shard that failed
    store.path("background_trials", part=4, **RUN).write_bytes(b"torn")
    store.drop_overlapping_parts(TRIALS, n_parts=3, n_trials=50)
    names = sorted(path.name for path in store.path("background_trials", **RUN).parent.iterdir())
    assert names == ["part-0001.parquet", "part-0002.parquet"]


def test_a_failure_is_told_until_the_product_is_fresh(any_store: ProductStore) -> None:
    recipe = acceptance_recipe()
    any_store.write_failure(recipe, "no events left")
    assert any_store.explain_recipe(recipe) == ProductState(State.FAILED, "no events left")
    any_store.write(recipe, acceptance())
    assert any_store.explain_recipe(recipe).state is State.FRESH
    any_store.write(acceptance_recipe(nside=1), acceptance())
    assert any_store.explain_recipe(recipe).state is State.STALE


def test_a_failed_attempt_does_not_spoil_a_fresh_product(store: ProductStore) -> None:
    store.write(acceptance_recipe(), acceptance())
    store.write_failure(acceptance_recipe(nside=64), "no events left")
    assert store.explain_recipe(acceptance_recipe()).state is State.FRESH
    assert store.explain_recipe(acceptance_recipe(nside=64)).state is State.FAILED


def test_a_file_changed_in_place_is_looked_at_again(store: ProductStore) -> None:
    """Even with a store that found it whole before."""
    path = store.write(acceptance_recipe(), acceptance())
    content = path.read_bytes()
    for byte in range(100, 130):
        path.write_bytes(content)
        assert store.state("acceptance", **PAIR) is State.FRESH
        torn = bytearray(content)
        torn[byte] ^= 255
        path.write_bytes(torn)
        assert store.state("acceptance", **PAIR) is State.FAILED


def test_the_stamp_of_a_file_just_written_is_not_trusted(store: ProductStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a file system of coarse time stamps it might change again without a trace."""
    path = store.write(acceptance_recipe(), acceptance())
    assert files.identity(path) is None
    monkeypatch.setattr(files, "CLOCK_MARGIN", 0.0)
    assert files.identity(path) is not None


def test_a_file_that_took_the_place_of_a_known_one_is_looked_at(
    store: ProductStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "CLOCK_MARGIN", -1.0)
    (recipe,) = with_trials(store, 1)
    assert store.explain_recipe(recipe).state is State.FRESH
    store.write(acceptance_recipe(), acceptance(2.5))
    assert store.explain_recipe(recipe).state is State.STALE


STAGE_SOURCES = {
    "stage_code": '"""Stage."""\nfrom core import used_code\n',
    "used_code": '"""Used."""\ndef f():\n    from core.used_inside import g\n    return g()\n',
    "used_inside": '"""Used inside."""\ndef g():\n    return 1\n',
    "other_code": '"""Other."""\nfrom core import stage_code\n',
}
# Each line asked for is answered by a process of its own, forked before any source is looked at.
STAGE_RUNS = """
    import os, sys
    import pyarrow as pa
    from core.products.store import ProductStore
    from core.products.recipe import ProductKey, Recipe
    table = pa.table({"source": ["Draco"]})

    def run(action):
        recipe = Recipe(ProductKey("sources"), "core.stage_code")
        store = ProductStore("products")
        if action == "write":
            store.write(recipe, table)
        print(store.explain_recipe(recipe).reason, "|", store.explain("sources").reason, flush=True)

    for line in sys.stdin:
        process = os.fork()
        if process == 0:
            run(line.strip())
            os._exit(0)
        os.waitpid(process, 0)
"""


def test_code_that_the_stage_uses_counts_and_other_code_does_not(tmp_path: Path) -> None:
    """With a copy of core: the stage's module uses one that uses another, within a function; a fourth stands by."""
    shutil.copytree(ROOT / "core", tmp_path / "core", ignore=shutil.ignore_patterns("__pycache__", "*.parquet"))
    for name, source_text in STAGE_SOURCES.items():
        (tmp_path / "core" / f"{name}.py").write_text(source_text)
    process = child(STAGE_RUNS, home=tmp_path)
    assert process.stdin
    assert process.stdout

    def answer(action: str) -> str:
        print(action, file=process.stdin, flush=True)
        return process.stdout.readline().strip()

    fresh, changed = "as its recipe asks", "the code of core.stage_code has changed"
    assert answer("write") == f"{fresh} | {fresh}"
    (tmp_path / "core" / "other_code.py").write_text("changed = True\n")
    assert answer("look") == f"{fresh} | {fresh}"
    (tmp_path / "core" / "used_inside.py").write_text(STAGE_SOURCES["used_inside"].replace("1", "2"))
    assert answer("look") == f"{changed} | {changed}"
    assert output(process) == ""


def test_a_product_whose_module_is_gone_is_stale(tmp_path: Path) -> None:
    store = ProductStore(tmp_path)
    path = store.write(acceptance_recipe(), acceptance())
    metadata = {**store.metadata("acceptance", **PAIR), "code": {"function": "core.once_there:make", "digest": "0"}}
    path.write_bytes(files.encode(store.read("acceptance"), metadata))
    found = store.explain("acceptance", **PAIR)
    assert found.state is State.STALE
    assert "core has no module core.once_there" in found.reason
    assert store.explain_recipe(acceptance_recipe()).state is State.STALE


# figures and roots


def test_figures_stand_beside_the_products(any_store: ProductStore) -> None:
    assert any_store.read_figure("limits.png") is None
    any_store.write_figure("limits.png", b"picture")
    assert any_store.read_figure("limits.png") == b"picture"


def test_any_root_takes_products_and_nothing_else_remains(any_store: ProductStore) -> None:
    any_store.check_writable()
    path = any_store.write(acceptance_recipe(), acceptance())
    assert any_store.sweep() == 0
    assert [file.name for file in path.parent.iterdir()] == [path.name]
    assert any_store.metadata("acceptance", **PAIR)["analysis"] == "public-3y"


def test_a_file_url_is_written_like_the_local_folder_it_is(tmp_path: Path) -> None:
    root = ProductStore(f"file://{tmp_path}").root
    assert isinstance(root, Path)
    assert root == UPath(tmp_path)
