"""A store with a small analysis that tests may change."""

from pathlib import Path
from shutil import copytree

import pytest

from core.products.store import ProductStore
from dashboards import panes
from tests.small_analysis import write_analysis


@pytest.fixture(scope="session")
def written_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("small-analysis")
    write_analysis(folder)
    return folder


@pytest.fixture
def store(written_once: Path, tmp_path: Path) -> ProductStore:
    copytree(written_once, tmp_path / "products")
    return ProductStore(tmp_path / "products")


@pytest.fixture(autouse=True)
def coarse_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw with few dots: what a figure says does not depend on them, and they are most of a page's time."""
    monkeypatch.setattr(panes, "SCREEN_DPI", 30)
    monkeypatch.setattr(panes, "PRINT_DPI", 30)
