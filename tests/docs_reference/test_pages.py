"""The committed pages of the reference are what the code makes of itself, and they lack nothing."""

import inspect
from pathlib import Path

import pytest

from core.configuration.meanings import all_settings
from core.glossary import GLOSSARY
from core.stages.registry import STAGES
from core.stages.stage import Stage
from docs_reference.columns import columns_page
from docs_reference.commands import commands, commands_page
from docs_reference.functions import functions_page, passed_on, rooms
from docs_reference.markdown import cell
from docs_reference.pages import FOLDER, pages, write_pages
from docs_reference.settings import settings_page
from docs_reference.stages import stages_page
from flows.cli import app

PAGES = pages()
SETTINGS, COLUMNS, STAGES_PAGE = settings_page(), columns_page(), stages_page()
COMMANDS_PAGE, FUNCTIONS = commands_page(), functions_page()
COMMANDS = dict(commands(app, "dwarfnu"))


def test_the_folder_holds_these_pages_and_no_others() -> None:
    assert {path.name for path in FOLDER.iterdir()} == set(PAGES)


@pytest.mark.parametrize("name", PAGES)
def test_a_committed_page_is_what_would_be_written(name: str) -> None:
    committed = (FOLDER / name).read_text(encoding="utf-8")
    assert committed == PAGES[name], "write it anew: uv run python -m docs_reference"


def test_pages_are_written_into_a_folder(tmp_path: Path) -> None:
    write_pages(tmp_path / "reference")
    written = {path.name: path.read_text(encoding="utf-8") for path in (tmp_path / "reference").iterdir()}
    assert written == PAGES


def test_every_setting_has_a_row_with_its_sentence() -> None:
    rows = SETTINGS.splitlines()
    for setting in all_settings():
        found = [row for row in rows if row.startswith(f"| `{setting.name}` |")]
        assert any(row.split(" | ")[1].strip() == setting.unit for row in found), setting.path


def test_every_column_has_a_row_and_a_stage() -> None:
    rows = {row.split("`")[1]: row for row in COLUMNS.splitlines() if row.startswith("| `")}
    assert rows.keys() == GLOSSARY.keys()
    for name, row in rows.items():
        cells = row.split(" | ")
        assert (cells[2].strip(), cells[3]) == (GLOSSARY[name].unit, cell(GLOSSARY[name].meaning)), name


@pytest.mark.parametrize("stage", STAGES.values(), ids=lambda stage: stage.name)
def test_a_stage_has_its_sentence_and_its_columns(stage: Stage) -> None:
    entry = STAGES_PAGE.partition(f"## `{stage.name}`")[2].partition("\n## ")[0]
    assert stage.sentence in entry
    for name in (*stage.keys, *stage.columns):
        assert f"(columns.md#{name})" in entry
    for name in stage.needs:
        assert f"(#{name})" in entry


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_has_all_its_options(name: str) -> None:
    entry = COMMANDS_PAGE.partition(f"## `{name}`\n")[2].partition("\n## ")[0]
    n_rows = sum(line.startswith("| `") for line in entry.splitlines())
    assert n_rows == len(inspect.signature(COMMANDS[name]).parameters)


def test_options_are_spelt_as_they_are_typed() -> None:
    run = COMMANDS_PAGE.partition("## `dwarfnu run`\n")[2].partition("\n## ")[0]
    for spelling in ("`[CONFIG.toml]`", "`--verbose, -v`", "`--print-config`", "`--workers`"):
        assert spelling in run


def test_every_function_that_a_room_passes_on_is_there() -> None:
    for room in rooms():
        chapter = FUNCTIONS.partition(f"## `{room.__name__}`\n")[2].partition("\n## `")[0]
        for name, _ in passed_on(room):
            assert f"### `{name}`" in chapter, f"{room.__name__}.{name}"


def test_a_signature_is_as_it_is_written() -> None:
    text = "def fit_n_s(counts: ArrayLike, ratio: ArrayLike, allow_negative: bool=False) -> FitResult"
    assert text in FUNCTIONS
