"""The folders of products: how their names hold keys and parts, and which products and parts stand in them."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase

from upath import UPath

from core.errors import ProductError
from core.glossary import KEYS
from core.products.recipe import PLAIN_NAME, KeyValue, ProductKey, path_text, typed

PART_NAME = re.compile(r"part-(\d{4}|[1-9]\d{4,})\.parquet")
N_NAMED = 8  # products that a message names
FAILURE_NAME = re.compile(r"part-(\d{4}|[1-9]\d{4,})\.failed\.json")


def part_path(folder: UPath, part: int) -> UPath:
    """Return where a part of the product of a folder lies; ProductError if it is no whole number from 0 on."""
    name = f"part-{part:0>4}.parquet"
    if not PART_NAME.fullmatch(name):
        raise ProductError(f"part {part!r} of {folder} is not a whole number from 0 on")
    return folder / name


def failure_path(path: UPath) -> UPath:
    """Return the path of the record of a failed attempt to make a part."""
    return path.parent / f"{path.stem}.failed.json"


def parts_in(folder: UPath) -> dict[int, UPath]:
    """Return the parts of a product that lie in its folder, in order; files of any other name are none."""
    return _numbered(folder, "part-*.parquet", PART_NAME)


def failures_in(folder: UPath) -> dict[int, UPath]:
    """Return the records of failed attempts in the folder of a product, by part, in order."""
    return _numbered(folder, "part-*.failed.json", FAILURE_NAME)


def parts_to_judge(folder: UPath) -> list[int]:
    """Return the parts that stand or failed, and the first that is missing before the last of them; 0 if none is."""
    known = sorted({*parts_in(folder), *failures_in(folder)})
    gap = next((number for number, part in enumerate(known) if number != part), None)
    return (known or [0]) if gap is None else [gap, *known]


def keys_in(folder: UPath, wanted: Mapping[str, KeyValue], or_failed: bool = False) -> Iterator[dict[str, KeyValue]]:
    """Yield the keys of each product in a stage's folder that has the keys wanted.

    With `or_failed` also those of which only the record of a failed attempt stands.
    """
    if not wanted and (parts_in(folder) or (or_failed and failures_in(folder))):
        yield {}
    for child in _listed(folder, "*=*"):
        found = _key_in(child.name)
        if found is None:
            continue
        name, value = found
        if wanted.get(name, value) == value:
            rest = {other: wanted[other] for other in wanted if other != name}
            yield from ({name: value, **further} for further in keys_in(child, rest, or_failed))


def stages_in(folder: UPath) -> list[str]:
    """Return the stages of which there are products or folders of products in the folder of an analysis."""
    return sorted(child.name for child in _listed(folder, "*") if PLAIN_NAME.fullmatch(child.name) and child.is_dir())


def _listed(folder: UPath, pattern: str) -> list[UPath]:
    """Return what lies in a folder by names of a pattern, nothing where there is no folder.

    OSError where it cannot be listed, which `glob` would take for an empty one (since Python 3.13).
    """
    folder.fs.invalidate_cache()  # an object store may remember a listing from before another writer came
    try:
        return [path for path in folder.iterdir() if fnmatchcase(path.name, pattern)]
    except (FileNotFoundError, NotADirectoryError):
        return []


def _numbered(folder: UPath, pattern: str, form: re.Pattern[str]) -> dict[int, UPath]:
    names = ((form.fullmatch(path.name), path) for path in _listed(folder, pattern))
    return dict(sorted((int(name[1]), path) for name, path in names if name))


def _key_in(folder_name: str) -> tuple[str, KeyValue] | None:
    """Return the key that a folder's name holds, None if the store would not name a folder so."""
    name, _, text = folder_name.partition("=")
    try:
        value = typed(name, text) if name in KEYS else None
    except ProductError:
        return None
    return (name, value) if value is not None and folder_name == f"{name}={path_text(value)}" else None


def names_in(folder: UPath) -> set[str]:
    """Return the names of what lies in a folder, none where there is no folder."""
    return {path.name for path in folder.iterdir()} if folder.is_dir() else set()


def in_order(found: Iterable[dict[str, KeyValue]]) -> list[dict[str, KeyValue]]:
    """Return keys of products in the order of their values, and of their names where those differ."""
    return sorted(found, key=lambda keys: list(keys.items()))


def named(stage: str, found: Sequence[Mapping[str, KeyValue]]) -> str:
    """Return which products of a stage have been found, in words: the first few by name."""
    names = [str(ProductKey(stage, keys)) for keys in found[:N_NAMED]]
    return ", ".join([*names, f"{len(found) - N_NAMED} more"] if len(found) > N_NAMED else names)
