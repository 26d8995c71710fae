"""`dwarfnu import`: files become products once, shown by what shows products; a bad file leaves nothing."""

from pathlib import Path

import numpy as np
import panel as pn
import pytest
from bokeh.models import ColumnDataSource
from rich.console import Console

from core.errors import InputError, ProductError
from core.products.recipe import ProductKey, State
from core.products.store import ProductStore
from core.published.file_types import Declared
from core.published.limits import imported_limits
from dashboards.address import Address
from dashboards.library import Library
from dashboards.pages import PAGES
from dashboards.view import view_of
from flows.command_import import import_published
from tests.core.published.conftest import histogram, save_trials, trial_rows
from tests.runs import dwarfnu
from tests.small_analysis import write_analysis

# Panel's own table calls pandas in a way that pandas is to give up.
pytestmark = pytest.mark.filterwarnings("ignore:The inplace keyword in DataFrame.reset_index")

TRIALS = Declared(channel="b", mass=10.0, j_type="max")
BAND = {"Low2": 1e-24, "Low1": 2e-24, "Med": 4e-24, "Up1": 8e-24, "Up2": 1.6e-23}


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """One file of nearly every kind, all of bb at 10 GeV."""
    folder = tmp_path / "files"
    folder.mkdir()
    pickled = {
        "background.npy": {"Draco": {"b": {10: histogram(0, 1)}}},
        "signal.npy": {"b": {10: histogram(0)}},
        "sensitivity.npy": {"b": {10: {"Cross Section": BAND}}},
    }
    for name, content in pickled.items():
        np.save(folder / name, content, allow_pickle=True)
    save_trials(folder / "background.txt", trial_rows(200))
    save_trials(folder / "signal.txt", np.vstack([trial_rows(100, n_injected=n, first=50) for n in (5, 10)]))
    (folder / "bb_VERITAS_2017_dSph_CL95.csv").write_text("10,1e-23\n100,1e-24\n", encoding="utf-8")
    row = "Draco, 260, 57, 10, 1, 1, 18, 0.1, 0.2, 19, 0.3, 0.4, nan, nan, nan, nan, nan, nan\n"
    (folder / "sources.txt").write_text(row, encoding="utf-8")
    return sorted(folder.iterdir())


@pytest.fixture
def store(tmp_path: Path) -> ProductStore:
    return ProductStore(tmp_path / "products", "published")


def imported(paths: list[Path], store: ProductStore, told: Declared = TRIALS) -> str:
    console = Console(record=True, width=300)
    import_published(paths, told, store, console)
    return console.export_text()


@pytest.mark.slow
def test_the_command_imports_every_kind_once_and_limits_shows_it(files: list[Path], tmp_path: Path) -> None:
    options = ("--channel", "b", "--mass", "10", "--j-type", "max", "--products", tmp_path / "products")
    first = dwarfnu(tmp_path, "import", *files, *options)
    assert first.returncode == 0, first.stderr
    for kind in ("source-list", "background-pdf", "signal-pdf", "trials", "cross-sections", "comparison"):
        assert kind in first.stdout
    assert "cached" not in first.stdout
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "products").rglob("*.parquet")}
    second = dwarfnu(tmp_path, "import", *files, *options)
    assert second.returncode == 0
    assert "written" not in second.stdout
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "products").rglob("*.parquet")} == before
    shown = dwarfnu(tmp_path, "limits", "--analysis", "published", "--products", tmp_path / "products")
    assert "4.00e-24" in shown.stdout
    store = ProductStore(tmp_path / "products", "published")
    assert store.read("source_trials", n_injected=10)["n_s"].to_pylist()[:2] == [1.0, 2.0]
    assert store.read("sources")["log10_j_factor"].to_pylist() == [19.0]
    (limit,) = imported_limits(store.read("comparison"))
    assert limit.sigma_v.tolist() == [1e-23, 1e-24]


def test_products_say_that_they_are_imported_and_from_what(files: list[Path], store: ProductStore) -> None:
    imported(files, store)
    said = store.metadata("background_trials")["recipe"]
    assert said["origin"].startswith("imported from files of the published analysis")
    assert [file["name"] for file in said["files"]] == ["background.txt", "signal.txt"]
    for stage in ("sources", "source_background_pdf", "source_signal_pdf", "background_trials", "sensitivity"):
        assert store.state(stage) is State.FRESH


@pytest.mark.slow
@pytest.mark.parametrize("page", ["test-statistic", "limits"])
def test_the_dashboard_shows_imported_trials_and_limits(page: str, files: list[Path], store: ProductStore) -> None:
    imported(files, store)
    view = view_of(Library(str(store.root), store.analysis), Address(page=page))
    shown = pn.Column(*PAGES[page].content(view))
    words = " ".join(str(pane.object) for pane in shown.select(pn.pane.HTML))
    assert "imported from files of the published analysis" in words
    assert "public data" not in words
    plots = [pane.object for pane in shown.select(pn.pane.Bokeh)]
    names = {source.name for plot in plots for source in plot.select({"type": ColumnDataSource})}
    assert {"test-statistic": "background", "limits": "other-0"}[page] in names


def test_one_bad_file_leaves_nothing(files: list[Path], store: ProductStore, tmp_path: Path) -> None:
    bad = tmp_path / "bad.npy"
    np.save(bad, {"b": {10: {"Counts": [1.0], "Bins": [0.0]}}}, allow_pickle=True)
    with pytest.raises(InputError, match=r"bad\.npy: channel b, mass 10"):
        imported([*files, bad], store)
    assert not store.root.exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nowhere.npy",), "nowhere.npy: No such file or directory"),
        (("trials.txt",), "give --channel and --mass"),
        (("trials.txt", "--channel", "quark", "--mass", "10"), "unknown channel 'quark'"),
        (("trials.txt", "--kind", "trails"), "kind 'trails' is unknown; allowed are source-list"),
        ((".",), "is a folder, a file is due"),
        ((), "PATH"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    save_trials(tmp_path / "trials.txt", trial_rows(3))
    paths = [
        tmp_path / argument if argument in ("nowhere.npy", "trials.txt", ".") else argument for argument in arguments
    ]
    done = dwarfnu(tmp_path, "import", *paths, "--products", tmp_path / "products")
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "products").exists()


def test_a_changed_file_replaces_its_products(files: list[Path], store: ProductStore) -> None:
    (trials,) = [path for path in files if path.name == "background.txt"]
    imported([trials], store)
    save_trials(trials, trial_rows(7))
    assert "2 written" in imported([trials], store)
    assert store.read("background_trials").num_rows == 7


def test_computed_products_are_not_replaced(files: list[Path], tmp_path: Path) -> None:
    write_analysis(tmp_path / "products")
    computed = ProductStore(tmp_path / "products")
    before = computed.digest(ProductKey("sources"))
    with pytest.raises(ProductError, match=r"sources of the analysis .* was computed, not imported"):
        imported(files, computed)
    assert computed.digest(ProductKey("sources")) == before
