"""Whether two folders hold the same numbers: `uv run python -m benchmarks.same_products BEFORE AFTER`.

Every product that stands in either is compared by the digest of its columns, whatever code made it; of those that
differ, each column and by how much. Exit code 1 if any number differs or a product stands in one of them alone.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from core.products.digests import digest_of_tables


def main(arguments: list[str]) -> int:
    """Compare two folders of products of one analysis, print what differs and return the exit code."""
    before, after = (_products(Path(argument)) for argument in arguments)
    different = list(differences(before, after))
    print("\n".join(different))
    print(f"{len(before.keys() & after.keys())} products stand in both, {len(different)} lines tell of differences")
    return 1 if different else 0


def differences(before: dict[str, Path], after: dict[str, Path]) -> Iterator[str]:
    """Yield a line for each product that stands in one alone, and each column that differs."""
    for name in sorted(before.keys() ^ after.keys()):
        yield f"{name}: {'before' if name in before else 'after'} only"
    for name in sorted(before.keys() & after.keys()):
        tables = [pq.ParquetFile(found[name]).read() for found in (before, after)]
        if digest_of_tables([tables[0]]) != digest_of_tables([tables[1]]):
            yield from (f"{name}: {said}" for said in _different_columns(*tables))


def _products(folder: Path) -> dict[str, Path]:
    """Return the files of products under a folder by their paths in it."""
    return {str(path.relative_to(folder)): path for path in folder.glob("**/part-*.parquet")}


def _different_columns(before: pa.Table, after: pa.Table) -> Iterator[str]:
    if before.schema.names != after.schema.names or before.num_rows != after.num_rows:
        yield "other columns or rows"
        return
    for name in before.schema.names:
        old, new = before[name], after[name]
        if old.equals(new):
            continue
        yield f"{name} differs by at most {_relative(old, new):.1e} of its greatest value"


def _relative(before: pa.ChunkedArray, after: pa.ChunkedArray) -> float:
    """Return the greatest difference over the greatest value; infinite where a column is not of numbers."""
    if not pa.types.is_floating(before.type) or before.is_null().to_pylist() != after.is_null().to_pylist():
        return float("inf")
    old, new = (column.drop_null().to_numpy() for column in (before, after))
    return float(np.max(np.abs(old - new)) / max(np.max(np.abs(old)), 1e-300))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
