"""What was found out about code is remembered as long as no source of core changes."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.products import code_memory
from core.products.code_memory import remembered


@pytest.fixture
def core(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A core of one module, with a memory of its own."""
    (tmp_path / "one.py").write_text("VALUE = 1\n")
    monkeypatch.setattr(code_memory, "CORE", tmp_path)
    monkeypatch.setattr(code_memory, "NOTES", tmp_path / "__pycache__" / "notes.json")
    monkeypatch.setattr("sys.dont_write_bytecode", False)
    code_memory._notes.cache_clear()
    yield tmp_path
    code_memory._notes.cache_clear()


def asked(answers: list[str]) -> str:
    """Ask once, as another process would, and take the next answer if it must be found anew."""
    code_memory._notes.cache_clear()
    return remembered("core.one", "digest", lambda: answers.pop(0))


def test_an_answer_is_found_once(core: Path) -> None:
    answers = ["first", "second"]
    assert [asked(answers), asked(answers)] == ["first", "first"]
    assert answers == ["second"]


def test_a_changed_source_is_asked_about_anew(core: Path) -> None:
    answers = ["first", "second", "third"]
    asked(answers)
    (core / "one.py").write_text("VALUE = 2\n")
    os.utime(core / "one.py", (1, 1))
    assert asked(answers) == "second"
    (core / "two.py").write_text("")
    assert asked(answers) == "third"


def test_questions_are_told_apart(core: Path) -> None:
    assert asked(["digest"]) == "digest"
    assert remembered("core.one", "libraries", lambda: ["numpy"]) == ["numpy"]
    assert remembered("core.two", "digest", lambda: "other") == "other"
    assert remembered("core.one", "digest", lambda: "none") == "digest"


def test_a_torn_memory_is_no_memory(core: Path) -> None:
    asked(["first"])
    notes = core / "__pycache__" / "notes.json"
    assert json.loads(notes.read_text())["digest of core.one"] == "first"
    notes.write_text('{"sources": ')
    assert asked(["second"]) == "second"


def test_where_bytecode_may_not_be_written_nothing_is(core: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.dont_write_bytecode", True)
    asked(["first"])
    assert not (core / "__pycache__").exists()
