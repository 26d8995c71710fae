"""What `dwarfnu report` does: draws the figures and writes words, tables, figures and provenance as one page.

The page is whole or not there: it is made in a folder beside and moved to its place.
"""

import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any

import pyarrow as pa
from rich.console import Console
from rich.table import Table
from rich.text import Text

from core.configuration.config import Config
from core.configuration.written import config_as_toml
from core.errors import ConfigError, ProductError
from core.export.methods import methods
from core.export.report import MARK, ProductLink, Report, ReportFigure, ReportTable, report_page
from core.export.report_pdf import check_pdf_can_be_made, report_pdf
from core.figures.style import caveats_of, unit_text
from core.glossary import GLOSSARY
from core.glossary.column import INTEGERS, REALS
from core.products.recipe import ProductKey, Recipe, State
from core.products.store import ProductStore
from core.stages.figures import all_figure_recipes, figure_recipes
from core.stages.figures.choice import chosen_figures
from core.stages.figures.figure import FigureRecipe, drawn, saved
from core.stages.freshness import Freshness
from core.stages.registry import recipes, stages_of
from core.stages.stage import Command
from flows.closing_table import refusals, result_tables, title_of_hypothesis
from flows.given import NOTHING_GIVEN, Given

PAGE, PDF = "index.html", "report.pdf"
COMMANDS: tuple[Command, ...] = ("run", "certify", "unblind", "export")
NO_CELLS = (REALS, INTEGERS)  # columns that hold many numbers a row
# Tables of what follows after a run, by stage.
LATE = (
    ("upper_limit", "Upper limits of the observed sky"),
    ("observed", "The observed sky"),
    ("certificate", "Do the limits hold: pseudo-skies of known strengths"),
)


def write_report(
    config: Config,
    folder: Path,
    pairs: Sequence[str],
    console: Console,
    given: Given = NOTHING_GIVEN,
    as_pdf: bool = False,
) -> Path:
    """Write the report of what stands of an analysis into a folder and return its page.

    pairs: those of which the figures of the pair are shown too; as_pdf: whether the page is set as a PDF too. An older
    report in the folder is replaced. Raises ConfigError where the folder holds something else or no PDF can be made,
    ProductError if no sensitivity is fresh.
    """
    _check_folder(folder)
    if as_pdf:
        check_pdf_can_be_made()
    store = ProductStore(config.product_root, config.analysis)
    freshness = Freshness(config, store)
    if not any(freshness.of(recipe).state is State.FRESH for recipe in recipes(config, store, "sensitivity")):
        place = store.root / store.analysis
        raise ProductError(
            f"no sensitivity of this configuration is fresh under {place}: `{given.command('run')}` makes them"
        )
    figures = figure_recipes(config, store)
    figures += chosen_figures(config, all_figure_recipes(config, store), (), pairs) if pairs else []
    folder.absolute().parent.mkdir(parents=True, exist_ok=True)
    written = Path(mkdtemp(prefix=f".{folder.name}.", dir=folder.absolute().parent))
    try:
        shown = _drawn(store, {figure.name: figure for figure in figures}, written, given)
        report = _report(config, store, freshness, shown, folder, given)
        (written / PAGE).write_text(report_page(report), encoding="utf-8")
        if as_pdf:
            (written / PDF).write_bytes(report_pdf(written / PAGE))
        written.chmod(0o755)
        if folder.exists():
            rmtree(folder)
        written.rename(folder)
    except BaseException:
        rmtree(written, ignore_errors=True)
        raise
    store.memory.save()
    console.print(f"report: {folder / PAGE} ({len(shown)} figures, {len(report.tables)} tables)", markup=False)
    if as_pdf:
        console.print(f"PDF:    {folder / PDF}", markup=False)
    return folder / PAGE


def _drawn(store: ProductStore, figures: dict[str, FigureRecipe], folder: Path, given: Given) -> list[ReportFigure]:
    """Draw figures into a folder and return what the page says of each."""
    (folder / "figures").mkdir()
    found = []
    for name, recipe in figures.items():
        figure, words = drawn(store, recipe, given.command("figures"))
        (folder / "figures" / name).write_bytes(saved(figure, "png", words))
        found.append(ReportFigure(f"figures/{name}", words.kind, words.subject.replace("-", " "), words.caveats))
    return found


def _report(
    config: Config, store: ProductStore, freshness: Freshness, shown: list[ReportFigure], folder: Path, given: Given
) -> Report:
    tables, notes = result_tables(config, store, freshness)
    fresh = {
        stage: [recipe for recipe in recipes(config, store, stage) if freshness.of(recipe).state is State.FRESH]
        for command in COMMANDS
        for stage in stages_of(config, command)
    }
    return Report(
        analysis=config.analysis,
        hypothesis=title_of_hypothesis(config),
        caveats=[caveat.replace("\n", " ") for caveat in caveats_of(_rows(store, fresh["sensitivity"]))],
        methods=methods(config, store.read_product(ProductKey("sources"))),
        tables=[
            *map(_plain, tables),
            *(_table_of(store, fresh[stage], title) for stage, title in LATE if fresh[stage]),
        ],
        figures=shown,
        notes=notes,
        missing=[*(f"not served: {line}" for line in refusals(config, store)), *_missing(config, fresh, given)],
        made={
            "program": f"dwarfnu {version('dwarfnu')}",
            "made": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
            "products": str(store.root / store.analysis),
            "again": given.command("report", "--to", str(folder)),
        },
        products=[_link(store, recipe, folder) for found in fresh.values() for recipe in found],
        configuration=config_as_toml(config),
    )


def _plain(table: Table) -> ReportTable:
    """Return a table of the terminal as a table of texts."""
    columns = [[_text(cell) for cell in column.cells] for column in table.columns]
    headings = [_text(column.header) for column in table.columns]
    return ReportTable(_text(table.title or ""), headings, list(zip(*columns, strict=True)))


def _text(cell: object) -> str:
    return Text.from_markup(cell).plain if isinstance(cell, str) else str(cell)


def _table_of(store: ProductStore, found: Sequence[Recipe], title: str) -> ReportTable:
    """Return all columns of the products of a stage as texts, with their units."""
    table = _rows(store, found)
    names = [name for name in table.column_names if table.schema.field(name).type not in NO_CELLS]
    units = {name: unit_text(GLOSSARY[name].unit) for name in names}
    headings = [name.replace("_", " ") + (f" [{units[name]}]" if units[name] else "") for name in names]
    rows = [[_cell(row[name]) for name in names] for row in table.to_pylist()]
    return ReportTable(title, headings, rows)


def _cell(value: object) -> str:
    if value is None:
        return "–"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _rows(store: ProductStore, found: Sequence[Recipe]) -> pa.Table:
    return pa.concat_tables([store.read_product(recipe.product) for recipe in found], promote_options="default")


def _missing(config: Config, fresh: Mapping[str, Sequence[Recipe]], given: Given) -> list[str]:
    """Return what the analysis could hold and does not, with the command that makes it."""
    stages = [(name, command) for command in COMMANDS for name in stages_of(config, command) if not fresh[name]]
    return [f"{name}: nothing stands; `{given.command(command)}` makes it" for name, command in stages]


def _link(store: ProductStore, recipe: Recipe, folder: Path) -> ProductLink:
    keys: dict[str, Any] = dict(recipe.product.keys)
    path = store.path(recipe.product.stage, recipe.part, **keys)
    link = Path(os.path.relpath(path, folder.absolute())).as_posix() if isinstance(path, Path) else ""
    return ProductLink(str(path.relative_to(store.root / store.analysis)), link, recipe.digest)


def _check_folder(folder: Path) -> None:
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    page = folder / PAGE
    if not (page.is_file() and MARK in page.read_text(encoding="utf-8", errors="replace")):
        raise ConfigError(f"--to {folder}: holds something that is no report of ours; name another folder")
