"""Stores for the tests of products."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from core.products.store import ProductStore


@pytest.fixture
def store(tmp_path: Path) -> ProductStore:
    return ProductStore(tmp_path)


@pytest.fixture(params=["local", "file", "memory"])
def any_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ProductStore]:
    """A store in a local folder, at a file URL, and in fsspec's memory."""
    roots = {"local": str(tmp_path), "file": f"file://{tmp_path}", "memory": f"memory://{uuid4().hex}"}
    store = ProductStore(roots[request.param])
    yield store
    if request.param == "memory":
        store.root.fs.rm(store.root.path, recursive=True)
