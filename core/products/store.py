"""The only reader and writer of data products: whole Parquet files that say what they were made from.

A product lies at `<root>/<analysis>/<stage>/<key>=<value>/.../part-0000.parquet`. Its metadata hold the recipe, the
digests of recipe, inputs, code and data, the units and meanings of its columns, and the versions that made it. It is
fresh while those digests equal what its recipe asks for today. A file appears in one piece or not at all.
"""

import json
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from upath import UPath

from core.errors import ProductError
from core.products import files
from core.products.folders import (
    failure_path,
    failures_in,
    in_order,
    keys_in,
    named,
    names_in,
    part_path,
    parts_in,
    parts_to_judge,
    stages_in,
)
from core.products.memory import Memory
from core.products.recipe import (
    NOT_MADE,
    WORST_FIRST,
    AnnotatedTable,
    KeyValue,
    ProductKey,
    ProductState,
    Recipe,
    State,
    plain,
    recipe_in,
)
from core.products.seal import SEALED_STAGES, Leave, check_seal
from core.products.staleness import installed_releases, why_stale

if TYPE_CHECKING:
    import pyarrow.dataset as ds

READ_ONLY = ("http", "https")
ALLOWED_ROOTS = (
    "allowed is a folder, or a URL that can be written and whose fsspec package is installed (s3:// needs s3fs)"
)


class ProductStore:
    """The products of one analysis under one root: a local folder or any URL that fsspec knows.

    `sample` is the event sample that products written are said to be of. A local file that was verified before and has
    not changed since is not read again before its `memory` forgets it.

    Raises ProductError where a product is missing or torn, lacks a column, or cannot be written, and OSError where a
    retry may mend that it cannot be read or written.
    """

    def __init__(self, root: str | os.PathLike[str], analysis: str = "public-3y", sample: str | None = None) -> None:
        try:
            location = UPath(root)
            _ = location.fs  # imports what reads and writes there
        except (ImportError, ValueError) as error:
            raise ProductError(f"products cannot lie at {root}: {error}; {ALLOWED_ROOTS}") from error
        if location.protocol in READ_ONLY:
            raise ProductError(f"products cannot lie at {root}: nothing can be written there; {ALLOWED_ROOTS}")
        self.root = UPath(location.path) if location.protocol == "file" else location
        if not isinstance(self.root, Path):
            files.check_reach(self.root)
        self.analysis = plain(analysis, "analysis")
        self.sample = sample
        folder = self.root / self.analysis
        self.memory = Memory(folder if isinstance(folder, Path) else None)
        self._joined: dict[tuple[str, ...], str] = {}

    # paths

    def path(self, stage: str, part: int = 0, **keys: KeyValue) -> UPath:
        """Return where a part of a product lies, whether it exists or not.

        Keys may be left out where exactly one product has the others; else ProductError names those that there are.
        """
        return self._path(self._product(stage, keys), part)

    def keys(self, stage: str, **some_keys: KeyValue) -> list[dict[str, KeyValue]]:
        """Return the keys of every product of a stage that exists and has the keys given, in order."""
        wanted = ProductKey(stage, some_keys).keys
        return in_order(keys_in(self._stage_folder(stage), wanted))

    def stages(self) -> list[str]:
        """Return the stages of which products stand, in alphabetical order."""
        return stages_in(self.root / self.analysis)

    def _stage_folder(self, stage: str) -> UPath:
        return self.root / self.analysis / plain(stage, "stage")

    def _product(self, stage: str, keys: Mapping[str, KeyValue]) -> ProductKey:
        """Return the product meant by keys of which some may be left out; one that failed only where none stands."""
        folder, given = self._stage_folder(stage), ProductKey(stage, keys)
        names = self._key_names(stage)
        if names is None or set(names) == set(given.keys):
            return given
        wanted = f"stage {stage} has the keys {', '.join(names)}, not {', '.join(given.keys) or 'none'}"
        if not set(given.keys) < set(names):
            raise ProductError(wanted)
        found = in_order(keys_in(folder, given.keys)) or in_order(keys_in(folder, given.keys, or_failed=True))
        if len(found) == 1:
            return ProductKey(stage, found[0])
        if found:
            raise ProductError(f"{wanted}; those given fit {named(stage, found)}")
        standing = named(stage, self.keys(stage)) or "none"
        raise files.MissingProductError(f"{wanted}; those given fit no product in {folder}: there are {standing}")

    def _key_names(self, stage: str) -> tuple[str, ...] | None:
        """Return the names of the keys of a stage's products; None where there is no product, nor a failed one."""
        first = next(keys_in(self._stage_folder(stage), {}, or_failed=True), None)
        return None if first is None else tuple(first)

    def _what_stands(self, stage: str) -> str:
        """Return which products of a stage there are, or which stages have any, in words."""
        if standing := self.keys(stage):
            return f"of {stage} there are {named(stage, standing)}"
        return f"stages with products are {', '.join(self.stages()) or 'none'}; run the stage"

    def _path(self, product: ProductKey, part: int) -> UPath:
        return part_path(self._folder(product), part)

    def _folder(self, product: ProductKey) -> UPath:
        return (self.root / self.analysis).joinpath(*product.folders)

    def _parts(self, product: ProductKey) -> list[UPath]:
        """Return the files of a product: the part or number of parts meant, else all that there are."""
        if product.part is not None:
            return [self._path(product, product.part)]
        if product.n_parts is not None:
            return [self._path(product, part) for part in range(product.n_parts)]
        parts = parts_in(self._folder(product))
        if not parts:
            raise ProductError(f"no product {product} under {self.root / self.analysis}; run its stage")
        return list(parts.values())

    # reading

    def read(
        self,
        stage: str,
        *,
        columns: Sequence[str] | None = None,
        n_parts: int | None = None,
        leave: Leave | None = None,
        **keys: KeyValue,
    ) -> pa.Table:
        """Return all parts of every product of the stage that has the keys given, in the order of keys and parts.

        `columns` names the columns wanted, all by default; `n_parts` takes the first parts of each product only.
        Sealed stages are refused without `leave` to open them.
        """
        check_seal(stage, leave)
        products = self._standing(stage, keys, n_parts)
        return files.one_table([self.read_product(product, columns, leave) for product in products], stage)

    def read_product(
        self, product: ProductKey, columns: Sequence[str] | None = None, leave: Leave | None = None
    ) -> pa.Table:
        """Return one product, all its parts or those that the key says; a sealed one only with leave."""
        check_seal(product.stage, leave)
        tables = [files.select(self.memory.read_table(path, leave), columns, path) for path in self._parts(product)]
        return files.one_table(tables, str(product))

    def scan(self, stage: str, **keys: KeyValue) -> "ds.Dataset":
        """Return a lazy view of what `read` reads, of parts found whole now: rows come as columns or filters ask."""
        return self.scan_products(self._standing(stage, keys))

    def scan_products(self, products: Sequence[ProductKey]) -> "ds.Dataset":
        """Return a lazy view of some products of the same columns, all their parts or those that the keys say.

        Sealed products are refused.
        """
        paths = [path for product in products for path in self._parts(product)]
        for product in products:
            check_seal(product.stage, None)
        for path in paths:
            self._verified_metadata(path)
        return files.dataset(paths)

    def _standing(self, stage: str, keys: Mapping[str, KeyValue], n_parts: int | None = None) -> list[ProductKey]:
        products = [ProductKey(stage, found, n_parts) for found in self.keys(stage, **keys)]
        if not products:
            wanted = ProductKey(stage, keys)
            raise ProductError(f"no product {wanted} under {self.root / self.analysis}: {self._what_stands(stage)}")
        return products

    def metadata(self, stage: str, part: int = 0, **keys: KeyValue) -> dict[str, Any]:
        """Return what a part of a product says of itself: recipe, digests, seed, columns, versions, creation time."""
        return files.read_metadata(self.path(stage, part, **keys))

    def digest(self, product: ProductKey) -> str:
        """Return the digest of a product's schema and data, however it is cut into parts."""
        paths = self._parts(product)
        parts = tuple(self._verified_metadata(path)["data_digest"] for path in paths)
        if len(parts) == 1:
            return str(parts[0])
        if parts not in self._joined:
            self._joined[parts] = files.joined_digest(paths)
        return self._joined[parts]

    def input_digests(self, recipe: Recipe) -> tuple[str, ...]:
        """Return the digests of a recipe's inputs as they stand; taken before the inputs are read."""
        return tuple(self.digest(product) for product in recipe.inputs)

    def _verified_metadata(self, path: UPath) -> dict[str, Any]:
        """Return a file's metadata, its data held against their digest once while a local file stands unchanged."""
        identity = files.identity(path)
        if identity is None:
            return files.read_verified_metadata(path)
        known = self.memory.recall(identity)
        if known is None:
            known = files.read_verified_metadata(path)
            self.memory.keep(identity, known)
        return known

    # freshness

    def state(self, stage: str, recipe: Recipe | None = None, part: int | None = None, **keys: KeyValue) -> State:
        """Return whether a product is fresh, stale, missing or failed.

        With a recipe that part is judged which the recipe makes. Without one a product is held against what it says of
        itself (its wholeness, its code, its inputs): the part named, or all of them, of which the worst decides. A part
        that is not there before one that is counts as missing. Keys may be left out as in `path`.
        """
        return self.explain(stage, recipe, part, **keys).state

    def explain(
        self, stage: str, recipe: Recipe | None = None, part: int | None = None, **keys: KeyValue
    ) -> ProductState:
        """Return the state of a product, judged as `state` does, and the reason for it."""
        try:
            product = self._product(stage, keys)
        except files.MissingProductError as error:
            return ProductState(State.MISSING, str(error))
        if part is None and recipe is not None:
            part = recipe.part
        if part is not None:
            return self._explain_part(product, part, recipe)
        found = [(number, self._explain_part(product, number)) for number in parts_to_judge(self._folder(product))]
        number, worst = min(found, key=lambda item: WORST_FIRST.index(item[1].state))
        if len(found) == 1 or worst.state is State.FRESH:
            return worst
        return ProductState(worst.state, f"part {number}: {worst.reason}")

    def _explain_part(self, product: ProductKey, part: int, recipe: Recipe | None = None) -> ProductState:
        path = self._path(product, part)
        found = self._explain_file(path, recipe)
        failure = None if found.state is State.FRESH else files.read_failure(failure_path(path))
        return found if failure is None else ProductState(State.FAILED, failure)

    def _explain_file(self, path: UPath, recipe: Recipe | None) -> ProductState:
        """Return the state of one file, by its own recipe where none is given."""
        try:
            metadata = self._verified_metadata(path)
        except files.MissingProductError:
            return NOT_MADE
        except ProductError as error:
            return ProductState(State.FAILED, str(error))
        try:
            reason = why_stale(metadata, recipe or recipe_in(metadata), self.digest)
        except ProductError as error:
            return ProductState(State.STALE, f"what made it is no more: {error}")
        return ProductState(State.FRESH, "as its recipe asks") if reason is None else ProductState(State.STALE, reason)

    def parts(self, product: ProductKey) -> set[int]:
        """Return the parts of a product that stand, and those of which an attempt failed."""
        folder = self._folder(product)
        return {*parts_in(folder), *failures_in(folder)}

    def explain_recipe(self, recipe: Recipe) -> ProductState:
        """Return the state of the file that a recipe makes, and the reason for it."""
        return self._explain_part(recipe.product, recipe.part, recipe)

    # writing

    def write(
        self, recipe: Recipe, made: pa.Table | AnnotatedTable, input_digests: Sequence[str] | None = None
    ) -> UPath:
        """Write the file that a recipe makes, in one piece, and return where it lies.

        Key columns are added where the table lacks them. `input_digests` are those taken before the inputs were read.
        Remarks on the table stand in the metadata. The file of a sealed stage is its owner's alone.
        Raises ProductError if a column is not in the glossary or not of its type, if a key column contradicts the key,
        or if its file cannot be written; then what stood there before still stands.
        """
        path = self._path(recipe.product, recipe.part)
        table, remarks = (made.table, dict(made.remarks)) if isinstance(made, AnnotatedTable) else (made, {})
        table = files.with_keys(table, recipe.product.keys)
        digests = self.input_digests(recipe) if input_digests is None else input_digests
        metadata = self._metadata_of(recipe, table, digests) | ({"remarks": remarks} if remarks else {})
        files.replace(path, files.encode(table, metadata), private=recipe.product.stage in SEALED_STAGES)
        failure_path(path).unlink(missing_ok=True)
        return path

    def _metadata_of(self, recipe: Recipe, table: pa.Table, input_digests: Sequence[str]) -> dict[str, Any]:
        """Return all that the file of a recipe says of itself."""
        product = recipe.product
        inputs = [
            {"stage": item.stage, "keys": dict(item.keys), "n_parts": item.n_parts, "part": item.part, "digest": digest}
            for item, digest in zip(recipe.inputs, input_digests, strict=True)
        ]
        return {
            "analysis": self.analysis,
            "sample": self.sample,
            "path": "/".join((*product.folders, self._path(product, recipe.part).name)),
            "stage": product.stage,
            "keys": dict(product.keys),
            "part": recipe.part,
            "seed": product.keys.get("seed"),
            "recipe": recipe.parameters,
            "recipe_digest": recipe.digest,
            "inputs": inputs,
            "code": {"function": recipe.code, "digest": recipe.code_digest},
            "columns": files.units_and_meanings(table),
            "versions": installed_releases(),
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
        }

    def write_failure(self, recipe: Recipe, reason: str) -> None:
        """Record that the attempt to make a product failed; a later success removes the record.

        Where the record cannot be written either, the product is missing instead of failed.
        """
        path = self._path(recipe.product, recipe.part)
        with suppress(ProductError, OSError):
            files.replace(failure_path(path), json.dumps({"reason": reason}).encode())

    def write_figure(self, name: str, content: bytes) -> UPath:
        """Write a rendered figure beside the products in one piece, and return where it lies."""
        path = self._figure_path(name)
        files.replace(path, content)
        return path

    def read_figure(self, name: str) -> bytes | None:
        """Return the bytes of a rendered figure, None if there is none."""
        return files.content_if_any(self._figure_path(name))

    def figures(self) -> set[str]:
        """Return the names of the figures that stand beside the products."""
        return names_in(self.root / self.analysis / "figures")

    def _figure_path(self, name: str) -> UPath:
        return self.root / self.analysis / "figures" / plain(name, "figure")

    def check_writable(self) -> None:
        """Raise ProductError unless files can be written under the root; leave no file behind."""
        folder = self.root / self.analysis
        try:
            files.replace(folder / ".probe", b"probe")
            (folder / ".probe").unlink(missing_ok=True)
        except (OSError, ProductError) as error:
            raise ProductError(f"cannot write products under {folder}: {error}") from error
        except (NotImplementedError, ValueError) as error:
            raise ProductError(f"cannot write products under {folder!s}: {error}; {ALLOWED_ROOTS}") from error

    def sweep(self) -> int:
        """Remove what writers that are no longer alive left half written; return how many files."""
        # An object store keeps no half-written object.
        return files.remove_orphans(self.root / self.analysis) if isinstance(self.root, Path) else 0

    def drop_overlapping_parts(self, product: ProductKey, n_parts: int, n_trials: int) -> None:
        """Remove the trials that another cut into parts has left behind; to be called once all `n_parts` are made.

        If any part after the first `n_parts` holds trials below `n_trials`, the parts made anew hold them too: all
        after the first `n_parts` go. Otherwise they are further trials of the same cut and stay, but for those that
        could not be used again, being damaged or stale. Records of failed attempts at any of them go as well.
        """
        folder = self._folder(product)
        further = {part: path for part, path in parts_in(folder).items() if part >= n_parts}
        overlapping = any(files.first_trial(path) < n_trials for path in further.values())
        useless = (p for p in further if overlapping or self._explain_part(product, p).state is not State.FRESH)
        failed = [path for part, path in failures_in(folder).items() if part >= n_parts]
        for path in [*(further[part] for part in useless), *failed]:
            files.remove(path)

    def drop_parts_from(self, product: ProductKey, n_parts: int) -> None:
        """Remove all parts after the first `n_parts`, and the records of failed attempts at them."""
        folder = self._folder(product)
        for part, path in [*parts_in(folder).items(), *failures_in(folder).items()]:
            if part >= n_parts:
                files.remove(path)
