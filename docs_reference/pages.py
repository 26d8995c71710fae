"""The pages of docs/reference: which there are, and where they stand."""

from collections.abc import Mapping
from pathlib import Path

from docs_reference.columns import columns_page
from docs_reference.commands import commands_page
from docs_reference.functions import functions_page
from docs_reference.settings import settings_page
from docs_reference.stages import stages_page

FOLDER = Path(__file__).parents[1] / "docs" / "reference"


def pages() -> Mapping[str, str]:
    """Return the text of each page by its file's name, as the code has it today."""
    return {
        "settings.md": settings_page(),
        "commands.md": commands_page(),
        "stages.md": stages_page(),
        "columns.md": columns_page(),
        "functions.md": functions_page(),
    }


def write_pages(folder: Path = FOLDER) -> None:
    """Write all pages into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (folder / name).write_text(text, encoding="utf-8")
