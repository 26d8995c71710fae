"""Imports run one way: deployments → flows → tasks → core; dashboards → core only; core knows no shell."""

import grimp
import pytest

ALLOWED = {
    "core": {"core"},
    "tasks": {"tasks", "core"},
    "flows": {"flows", "tasks", "core"},
    "deployments": {"deployments", "flows", "tasks", "core"},
    "dashboards": {"dashboards", "core"},
    "docs_reference": {"docs_reference", "flows", "tasks", "core"},
}
SHELLS = {
    "prefect", "prefect_dask", "dask", "distributed", "dask_jobqueue", "panel", "param", "bokeh", "holoviews",
    "typer", "click", "argparse", "optparse", "rich",
}  # fmt: skip
PICKLES = {"pickle", "cPickle", "_pickle", "cloudpickle", "dill", "joblib", "shelve", "marshal"}


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph(*ALLOWED, include_external_packages=True, cache_dir=None)


def imports(graph: grimp.ImportGraph, package: str) -> set[tuple[str, str]]:
    """Return (module, what it imports) for every module of a package."""
    modules = {package} | graph.find_descendants(package)
    return {(module, other) for module in modules for other in graph.find_modules_directly_imported_by(module)}


def top(module: str) -> str:
    return module.partition(".")[0]


@pytest.mark.parametrize("package", ALLOWED)
def test_imports_run_one_way(graph: grimp.ImportGraph, package: str) -> None:
    against = {pair for pair in imports(graph, package) if top(pair[1]) in ALLOWED.keys() - ALLOWED[package]}
    assert not against


def test_core_knows_no_shell(graph: grimp.ImportGraph) -> None:
    assert not {pair for pair in imports(graph, "core") if top(pair[1]) in SHELLS}


def test_the_graph_sees_what_it_is_asked_about(graph: grimp.ImportGraph) -> None:
    """A contract over a graph without external or standard modules would hold whatever we wrote."""
    imported = {top(other) for _, other in imports(graph, "core")}
    assert {"pyarrow", "upath", "json", "core"} <= imported


def test_dashboards_do_not_run_flows(graph: grimp.ImportGraph) -> None:
    assert not {pair for pair in imports(graph, "dashboards") if top(pair[1]).startswith("prefect")}


def test_figures_neither_read_nor_write_products(graph: grimp.ImportGraph) -> None:
    store = {"core.products.store", "core.products.files"}
    assert not {pair for pair in imports(graph, "core.figures") if pair[1] in store}


def test_nothing_but_the_legacy_reader_may_unpickle(graph: grimp.ImportGraph) -> None:
    pairs = {pair for package in ALLOWED for pair in imports(graph, package)}
    assert not {(module, other) for module, other in pairs if top(other) in PICKLES and module != "core.legacy.pickles"}
