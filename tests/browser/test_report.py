"""The page of a report opens offline, from the disk, in a real browser."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from flows.command_report import write_report
from tests.core.stages.analyses import made_once

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.mark.browser
def test_it_shows_all_images_and_no_error(browser: "Browser", shared_folder: Path, tmp_path: Path) -> None:
    page = write_report(made_once(shared_folder, "joint").config, tmp_path / "report", (), Console(quiet=True))
    with browser.new_context(offline=True) as context:
        opened = context.new_page()
        errors: list[str] = []
        opened.on("pageerror", lambda error: errors.append(str(error)))
        opened.on("requestfailed", lambda request: errors.append(request.url))
        opened.goto(page.as_uri())
        widths = opened.eval_on_selector_all("img", "images => images.map(image => image.naturalWidth)")
        assert opened.title() == "public-3y: report"
    assert errors == []
    assert len(widths) == len(list((page.parent / "figures").iterdir()))
    assert min(widths) > 0
