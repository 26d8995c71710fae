"""The only reader and writer of data products: whole Parquet files that say what they were made from.

A product lies at `<root>/<analysis>/<stage>/<key>=<value>/.../part-0000.parquet`. Its metadata hold the recipe, the
digests of recipe, inputs, code and data, the units and meanings of its columns, and the versions that made it. It is
fresh while those digests equal what its recipe asks for today. A file appears in one piece or not at all.
"""

import json
import sys
import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pyarrow as pa
from upath import UPath

from core import product_files as files
from core.digests import digest_of_tables
from core.errors import ProductError
from core.recipes import Key, ProductKey, ProductState, Recipe, State, path_text
from core.schemas import GLOSSARY, STAGE_KEYS, stage_keys

VERSIONED_PACKAGES = ("dwarfnu", "numpy", "scipy", "numba", "healpy", "pyarrow")


class ProductStore:
    """The products of one analysis under one root: a local folder or any URL that fsspec knows.

    Raises ProductError where a product is missing or torn, lacks a column, or cannot be written.
    """

    def __init__(self, root: str | Path, analysis: str = "public-3y") -> None:
        self.root = UPath(root)
        self.analysis = files.plain(analysis, "analysis")
        self._digests: dict[tuple[str, int, int], str] = {}

    # paths

    def path(self, stage: str, part: int = 0, **keys: Key) -> UPath:
        """Return where a part of a product lies, whether it exists or not."""
        return self._folder(ProductKey(stage, keys)) / f"part-{part:04d}.parquet"

    def keys(self, stage: str, **some_keys: Key) -> list[dict[str, Key]]:
        """Return the keys of every product of a stage that exists and has the keys given, in order."""
        names = stage_keys(stage)
        unknown = [name for name in some_keys if name not in names]
        if unknown:
            raise ProductError(f"stage {stage} has no key {', '.join(unknown)}; it has {', '.join(names) or 'none'}")
        wanted = {name: files.typed(name, value) for name, value in some_keys.items()}
        found = self._walk(self.root / self.analysis / stage, names, wanted)
        return sorted(found, key=lambda keys: [(isinstance(value, str), value) for value in keys.values()])

    def _walk(self, folder: UPath, names: Sequence[str], wanted: Mapping[str, Key]) -> Iterator[dict[str, Key]]:
        if not names:
            if any(folder.glob("part-*.parquet")):
                yield {}
            return
        name = names[0]
        folders = [folder / f"{name}={_segment(name, wanted[name])}"] if name in wanted else folder.glob(f"{name}=*")
        for child in folders:
            value = files.typed(name, child.name.partition("=")[2])
            for rest in self._walk(child, names[1:], wanted):
                yield {name: value, **rest}

    def _folder(self, product: ProductKey) -> UPath:
        folder = self.root / self.analysis / product.stage
        for name in stage_keys(product.stage):
            folder = folder / f"{name}={_segment(name, product.keys[name])}"
        return folder

    def _parts(self, product: ProductKey) -> list[UPath]:
        folder = self._folder(product)
        if product.n_parts is not None:
            return [folder / f"part-{part:04d}.parquet" for part in range(product.n_parts)]
        parts = sorted(folder.glob("part-*.parquet"), key=lambda path: path.name)
        if not parts:
            raise ProductError(f"no product {product} under {self.root / self.analysis}; run its stage")
        return parts

    # reading

    def read(
        self, stage: str, *, columns: Sequence[str] | None = None, n_parts: int | None = None, **keys: Key
    ) -> pa.Table:
        """Return all parts of every product of the stage that has the keys given, in the order of keys and parts.

        `columns` names the columns wanted, all by default; `n_parts` takes the first parts of each product only.
        """
        products = [ProductKey(stage, found, n_parts) for found in self.keys(stage, **keys)]
        if not products:
            named = "".join(f" {name}={value}" for name, value in keys.items())
            raise ProductError(f"no product {stage}{named} under {self.root / self.analysis}; run its stage")
        paths = [path for product in products for path in self._parts(product)]
        return pa.concat_tables([files.select(files.read_table(path), columns, path) for path in paths])

    def metadata(self, stage: str, part: int = 0, **keys: Key) -> dict[str, Any]:
        """Return what a part of a product says of itself: recipe, digests, seed, columns, versions, creation time."""
        return files.read_metadata(self.path(stage, part, **keys))

    def digest(self, product: ProductKey) -> str:
        """Return the digest of a product's schema and data, however it is cut into parts."""
        paths = self._parts(product)
        if len(paths) == 1:
            return self._data_digest(paths[0])
        return digest_of_tables(files.read_table(path) for path in paths)

    def input_digests(self, recipe: Recipe) -> tuple[str, ...]:
        """Return the digests of a recipe's inputs as they stand; taken before the inputs are read."""
        return tuple(self.digest(product) for product in recipe.inputs)

    def _data_digest(self, path: UPath) -> str:
        """Return the digest of one file's data, checked against the data once while a local file stands unchanged."""
        if not isinstance(path, Path):
            return digest_of_tables([files.read_table(path)])
        try:
            status = path.stat()
        except OSError as error:
            raise ProductError(f"no product at {path}") from error
        identity = (str(path), status.st_mtime_ns, status.st_size)
        if identity not in self._digests:
            self._digests[identity] = digest_of_tables([files.read_table(path)])
        return self._digests[identity]

    # freshness

    def state(self, stage: str, recipe: Recipe | None = None, part: int = 0, **keys: Key) -> State:
        """Return whether a part of a product is fresh, stale, missing or failed.

        Without a recipe the product is held against what it says of itself: its wholeness, its code, its inputs.
        """
        return self.explain(stage, recipe, part, **keys).state

    def explain(self, stage: str, recipe: Recipe | None = None, part: int = 0, **keys: Key) -> ProductState:
        """Return the state of a part of a product and the reason for it."""
        path = self.path(stage, part, **keys)
        failure = _failure(path)
        if failure is not None:
            return ProductState(State.FAILED, failure)
        if not path.exists():
            return ProductState(State.MISSING, "not made yet")
        try:
            self._data_digest(path)
            metadata = files.read_metadata(path)
        except ProductError as error:
            return ProductState(State.FAILED, str(error))
        return self._freshness(metadata, recipe or _recipe_in(metadata))

    def explain_recipe(self, recipe: Recipe) -> ProductState:
        """Return the state of the file that a recipe makes, and the reason for it."""
        return self.explain(recipe.product.stage, recipe, recipe.part, **recipe.product.keys)

    def _freshness(self, metadata: Mapping[str, Any], recipe: Recipe) -> ProductState:
        if metadata["recipe_digest"] != recipe.digest:
            return ProductState(State.STALE, _changed(metadata["recipe"], recipe.parameters))
        if metadata["code"] != {"module": recipe.module, "digest": recipe.code_digest}:
            return ProductState(State.STALE, f"the code of {recipe.module} has changed")
        made_from = {_name(item["stage"], item["keys"]): item["digest"] for item in metadata["inputs"]}
        if set(made_from) != {_name(item.stage, item.keys) for item in recipe.inputs}:
            return ProductState(State.STALE, "it was made from other inputs")
        for product in recipe.inputs:
            try:
                current = self.digest(product)
            except ProductError:
                return ProductState(State.STALE, f"its input {product} is missing or damaged")
            if made_from[_name(product.stage, product.keys)] != current:
                return ProductState(State.STALE, f"its input {product} has changed")
        return ProductState(State.FRESH, "as its recipe asks")

    # writing

    def write(self, recipe: Recipe, table: pa.Table, input_digests: Sequence[str] | None = None) -> UPath:
        """Write the file that a recipe makes, in one piece, and return where it lies.

        Key columns are added where the table lacks them. `input_digests` are those taken before the inputs were read.
        Raises ProductError if a column is not in the glossary or not of its type, or if the place cannot be written;
        then nothing is left behind.
        """
        path = self._folder(recipe.product) / f"part-{recipe.part:04d}.parquet"
        table = files.described(table, _ordered(recipe.product))
        digests = self.input_digests(recipe) if input_digests is None else input_digests
        files.replace(path, files.encode(table, self._metadata_of(recipe, table, digests)))
        _failure_path(path).unlink(missing_ok=True)
        return path

    def _metadata_of(self, recipe: Recipe, table: pa.Table, input_digests: Sequence[str]) -> dict[str, Any]:
        inputs = [
            {"stage": item.stage, "keys": _ordered(item), "n_parts": item.n_parts, "digest": digest}
            for item, digest in zip(recipe.inputs, input_digests, strict=True)
        ]
        return {
            "analysis": self.analysis,
            "stage": recipe.product.stage,
            "keys": _ordered(recipe.product),
            "part": recipe.part,
            "seed": recipe.product.keys.get("seed"),
            "recipe": dict(recipe.parameters),
            "recipe_digest": recipe.digest,
            "inputs": inputs,
            "code": {"module": recipe.module, "digest": recipe.code_digest},
            "data_digest": digest_of_tables([table]),
            "columns": {n: {"unit": GLOSSARY[n].unit, "meaning": GLOSSARY[n].meaning} for n in table.column_names},
            "versions": {"python": sys.version.split()[0]} | {name: version(name) for name in VERSIONED_PACKAGES},
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
        }

    def write_failure(self, recipe: Recipe, reason: str) -> None:
        """Leave word that the attempt to make a product failed; a later success takes it away.

        Where not even that can be written the word is lost, and the product is missing instead of failed.
        """
        path = self._folder(recipe.product) / f"part-{recipe.part:04d}.parquet"
        try:
            files.replace(_failure_path(path), json.dumps({"reason": reason}).encode())
        except (ProductError, OSError):
            return

    def write_figure(self, name: str, content: bytes) -> UPath:
        """Write a rendered figure beside the products, in one piece, and return where it lies."""
        path = self.root / self.analysis / "figures" / files.plain(name, "figure")
        files.replace(path, content)
        return path

    def read_figure(self, name: str) -> bytes | None:
        """Return the bytes of a rendered figure, None if there is none."""
        path = self.root / self.analysis / "figures" / files.plain(name, "figure")
        return path.read_bytes() if path.is_file() else None

    def check_writable(self) -> None:
        """Raise ProductError unless files can be written under the root; leave nothing behind."""
        folder = self.root / self.analysis
        existed = folder.exists()
        probe = folder / f".{uuid.uuid4().hex}.probe"
        try:
            files.replace(probe, b"probe")
            probe.unlink()
            if not existed and isinstance(folder, Path):
                folder.rmdir()
        except (OSError, ProductError) as error:
            raise ProductError(f"cannot write products under {folder}: {error}") from error

    def sweep(self) -> int:
        """Remove what writers of this machine that are no longer alive left half written; return how many files."""
        orphans = [path for path in (self.root / self.analysis).glob("**/.*.tmp") if files.is_orphan(path)]
        for path in orphans:
            path.unlink(missing_ok=True)
        return len(orphans)

    def drop_overlapping_parts(self, product: ProductKey, n_parts: int, n_trials: int) -> None:
        """Remove parts after the first `n_parts` that hold trials below `n_trials`: another cut has made them anew."""
        for path in sorted(self._folder(product).glob("part-*.parquet"), key=lambda path: path.name)[n_parts:]:
            if files.read_metadata(path)["recipe"]["first_trial"] < n_trials:
                path.unlink(missing_ok=True)


def _segment(name: str, value: Key) -> str:
    return files.plain(path_text(files.typed(name, value)), name)


def _ordered(product: ProductKey) -> dict[str, Key]:
    return {name: files.typed(name, product.keys[name]) for name in STAGE_KEYS[product.stage]}


def _name(stage: str, keys: Mapping[str, Key]) -> str:
    return str(ProductKey(stage, {name: files.typed(name, value) for name, value in keys.items()}))


def _recipe_in(metadata: Mapping[str, Any]) -> Recipe:
    inputs = tuple(ProductKey(item["stage"], item["keys"], item["n_parts"]) for item in metadata["inputs"])
    product = ProductKey(metadata["stage"], metadata["keys"])
    return Recipe(product, metadata["code"]["module"], metadata["recipe"], inputs, metadata["part"])


def _changed(made_with: Mapping[str, Any], asked_for: Mapping[str, Any]) -> str:
    names = sorted(set(made_with) | set(asked_for))
    changes = [f"{n}: {made_with.get(n)} → {asked_for.get(n)}" for n in names if made_with.get(n) != asked_for.get(n)]
    return "its parameters have changed (" + "; ".join(changes) + ")"


def _failure_path(path: UPath) -> UPath:
    return path.parent / f"{path.stem}.failed.json"


def _failure(path: UPath) -> str | None:
    try:
        return str(json.loads(_failure_path(path).read_bytes())["reason"])
    except (OSError, ValueError, KeyError):
        return None
