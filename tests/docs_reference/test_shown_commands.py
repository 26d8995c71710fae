"""Every command line that a page shows ends well: a small analysis that stands takes the place of the reader's.

Servers, what asks the reader back, and what takes minutes are run by tests of their own, named here.
"""

import re
import shutil
from pathlib import Path

import pytest

from tests.docs_reference.test_documents import TEXTS, spoken
from tests.runs import run_cli

TESTS = Path(__file__).parents[1]
OF_THE_READER = re.compile(r"\b(?:CONFIG|first|mine|my-analysis)\.toml\b")
PLACEHOLDER = re.compile(r"\b[A-Z]{3,}(?:\.\.\.)?\b|_GC_|\.i3\b")
# What the page of the first analysis types is run in its order by test_first_analysis.py.
IN_ORDER = {"docs/first-analysis.md"}
# By a command's words: the test that runs it.
ELSEWHERE = {
    "certify": "flows/test_command_unblind.py",
    "cluster preview": "flows/test_cli_cluster.py",
    "dashboard": "deployments/test_main.py",
    "export": "flows/test_command_export.py",
    "import": "flows/test_command_import.py",
    "ingest": "flows/test_command_ingest.py",
    "limits --analysis published": "flows/test_command_import.py",
    "inspect": "flows/test_cli_inputs.py",
    "response build": "flows/test_cli_tables.py",
    "response draw": "flows/test_cli_tables.py",
    "run ten-years/analysis.toml": "flows/test_point_source_analysis.py",
    "run dragon.toml": "flows/test_published_statistic.py",
    "serve": "deployments/test_main.py",
    "spectra compare": "flows/test_cli_tables.py",
    "spectra make": "flows/test_cli_tables.py",
    "submit": "deployments/test_submit.py",
    "unblind": "flows/test_command_unblind.py",
}


def words_of(line: str) -> tuple[str, ...]:
    return tuple(OF_THE_READER.sub("analysis.toml", line.removesuffix("&")).split()[1:])


def is_elsewhere(words: tuple[str, ...]) -> bool:
    said = " ".join(words)
    return any(said.startswith(name) for name in ELSEWHERE) or "--engine" in words


def options_of(words: tuple[str, ...]) -> tuple[str, frozenset[str]]:
    """A line's command, and the options it has."""
    command = " ".join(words[: 2 if words[0] == "spectra" else 1])
    return command, frozenset(word for word in words if word.startswith("--"))


def lines() -> list[tuple[str, ...]]:
    """The lines to run, but one for those of one command with the same or fewer options: each costs seconds."""
    shown = {
        words
        for name, text in TEXTS.items()
        if name not in IN_ORDER
        for words in map(words_of, spoken(text))
        if words and not is_elsewhere(words) and not PLACEHOLDER.search(" ".join(words))
    }
    kept: dict[tuple[str, frozenset[str]], tuple[str, ...]] = {}
    for words in sorted(shown, key=lambda words: (-len(options_of(words)[1]), -len(words), words)):
        command, options = options_of(words)
        if not any(command == other and options <= more for other, more in kept):
            kept[command, options] = words
    return sorted(kept.values())


LINES = lines()


def test_every_command_that_is_shown_is_run_here_or_elsewhere() -> None:
    run = {options_of(words)[0] for words in LINES}
    for name, text in TEXTS.items():
        for words in map(words_of, spoken(text)):
            assert not words or is_elsewhere(words) or name in IN_ORDER or options_of(words)[0] in run, (name, words)
    assert len(LINES) > 10


@pytest.mark.parametrize(("words", "file"), ELSEWHERE.items())
def test_what_is_run_elsewhere_is_run_there(words: str, file: str) -> None:
    text = (TESTS / file).read_text(encoding="utf-8")
    assert all(f'"{word}"' in text or word in text.split() for word in words.split() if not word.endswith(".toml"))


@pytest.fixture(scope="module")
def folder(public_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of a run of two pairs, so that what commands write is not seen by other tests."""
    found = tmp_path_factory.mktemp("shown") / "run"
    shutil.copytree(public_run, found)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("words", LINES, ids=" ".join)
def test_a_line_that_is_shown_ends_well(words: tuple[str, ...], folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    monkeypatch.setenv("HOME", str(folder))  # where completion of the shell is installed
    monkeypatch.setattr("shellingham.detect_shell", lambda: ("bash", "/bin/bash"))  # tests may run under no shell
    needs_one = words[0] not in ("spectra",) and not words[0].startswith("--") and "analysis.toml" not in words
    assert run_cli(monkeypatch, *words, *(["analysis.toml"] if needs_one else [])) == 0
