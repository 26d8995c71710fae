"""A store with a small analysis that tests may change, and pages of it without a browser."""

from collections.abc import Callable
from pathlib import Path
from shutil import copytree

import pytest

from core.products.store import ProductStore
from dashboards.address import Address, parsed
from dashboards.library import Library
from dashboards.view import View, view_of
from tests.small_analysis import write_analysis

Look = Callable[..., View]


@pytest.fixture(scope="session")
def written_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("small-analysis")
    write_analysis(folder)
    return folder


@pytest.fixture
def store(written_once: Path, tmp_path: Path) -> ProductStore:
    copytree(written_once, tmp_path / "products")
    return ProductStore(tmp_path / "products")


@pytest.fixture
def look(store: ProductStore) -> Look:
    """What an address shows of the small analysis, as it stands now; `went` gathers where a click leads."""

    def at(query: str = "", went: list[Address] | None = None) -> View:
        library = Library(str(store.root))
        return view_of(library, parsed(query), (went if went is not None else []).append)

    return at
