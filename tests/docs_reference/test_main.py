"""`python -m docs_reference` writes the pages."""

import runpy

import pytest

from docs_reference import pages


def test_the_command_writes_all_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []
    monkeypatch.setattr(pages, "write_pages", lambda: written.append("all"))
    runpy.run_module("docs_reference", run_name="__main__")
    assert written == ["all"]
