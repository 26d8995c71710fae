"""The folders of products: how their names hold keys and parts, and which products and parts stand in them."""

import re
from collections.abc import Iterator, Mapping, Sequence

from upath import UPath

from core.errors import ProductError
from core.products.recipe import KeyValue, path_text, typed

PART_NAME = re.compile(r"part-(\d{4}|[1-9]\d{4,})\.parquet")
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


def keys_in(
    folder: UPath, names: Sequence[str], wanted: Mapping[str, KeyValue], or_failed: bool = False
) -> Iterator[dict[str, KeyValue]]:
    """Yield the keys, of these names, of each product in a folder that has the keys wanted.

    With `or_failed` also those of which only the record of a failed attempt stands.
    """
    if not names:
        if parts_in(folder) or (or_failed and failures_in(folder)):
            yield {}
        return
    name = names[0]
    pattern = f"{name}={path_text(wanted[name])}" if name in wanted else f"{name}=*"
    for child in _listed(folder, pattern):
        value = _value_in(child.name, name)
        if value is not None:
            yield from ({name: value, **rest} for rest in keys_in(child, names[1:], wanted, or_failed))


def _listed(folder: UPath, pattern: str) -> list[UPath]:
    folder.fs.invalidate_cache()  # an object store may remember a listing from before another writer came
    return list(folder.glob(pattern))


def _numbered(folder: UPath, pattern: str, form: re.Pattern[str]) -> dict[int, UPath]:
    names = ((form.fullmatch(path.name), path) for path in _listed(folder, pattern))
    return dict(sorted((int(name[1]), path) for name, path in names if name))


def _value_in(folder_name: str, name: str) -> KeyValue | None:
    """Return the value of a key that a folder's name holds, None if the store would not name a folder so."""
    try:
        value = typed(name, folder_name.removeprefix(f"{name}="))
    except ProductError:
        return None
    return value if folder_name == f"{name}={path_text(value)}" else None
