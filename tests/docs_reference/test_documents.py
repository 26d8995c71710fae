"""The pages that are written by hand name columns, functions, stages, settings and commands that there are."""

import re
import tomllib
from importlib import import_module
from pathlib import Path

import pytest
import yaml

from core.configuration.config import Config
from core.configuration.meanings import groups
from core.glossary import GLOSSARY
from core.stages.registry import STAGES
from docs_reference.commands import COMMON_OPTIONS, commands, spellings
from flows.cli import app

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
BY_HAND = sorted(path for path in DOCS.rglob("*.md") if path.parent.name != "reference")
PAGES = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in BY_HAND}
EQUATIONS = ("docs/physics.md", "docs/statistics.md")
TEXTS = {**PAGES, **{name: (ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "CONTRIBUTING.md")}}
COMMANDS = dict(commands(app, "dwarfnu"))
FENCED = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(text: str, language: str) -> list[str]:
    return [content for kind, content in FENCED.findall(text) if kind == language]


def spoken(text: str) -> list[str]:
    """What a page asks to type: lines of `dwarfnu …` in fenced blocks and between backticks, without comments."""
    lines = [line for _, content in FENCED.findall(text) for line in content.splitlines()]
    lines += re.findall(r"`([^`\n]+)`", FENCED.sub("", text))
    found = (re.match(r"(?:.*&& )?(?:uv run (?:--(?:extra|group) \w+ )*)?(dwarfnu(?: [^#]*)?)", line) for line in lines)
    return [match[1].strip() for match in found if match]


def exists(dotted: str) -> bool:
    """Whether a dotted name leads to a module, or to what one holds."""
    parts = dotted.split(".")
    for length in range(len(parts), 0, -1):
        try:
            found = import_module(".".join(parts[:length]))
        except ModuleNotFoundError:
            continue
        return all(hasattr(found, name) for name in parts[length : length + 1]) and length >= len(parts) - 1
    return False


@pytest.mark.parametrize("name", PAGES)
def test_columns_and_stages_that_are_linked_are_there(name: str) -> None:
    assert set(re.findall(r"columns\.md#(\w+)", PAGES[name])) <= GLOSSARY.keys()
    assert set(re.findall(r"stages\.md#(\w+)", PAGES[name])) <= STAGES.keys()


@pytest.mark.parametrize("name", PAGES)
def test_functions_that_are_named_are_there(name: str) -> None:
    named = re.findall(r"`((?:core|flows)(?:\.\w+)+)`", PAGES[name])
    assert not [dotted for dotted in named if not exists(dotted)]


@pytest.mark.parametrize("name", EQUATIONS)
def test_each_symbol_of_a_page_of_equations_has_its_column_and_its_function(name: str) -> None:
    rows = [line for line in PAGES[name].splitlines() if line.startswith("| ")]
    symbols = [row for row in rows if not row.startswith(("| symbol", "| ---"))]
    assert len(symbols) > 25
    without = [row for row in symbols if "columns.md#" not in row and "`" not in row]
    assert not without
    assert len(set(re.findall(r"columns\.md#(\w+)", PAGES[name]))) > 20
    assert len(set(re.findall(r"`core\.[\w.]+`", PAGES[name]))) > 15


def test_a_name_that_is_not_there_would_be_found() -> None:
    assert exists("core.likelihood.fit_n_s")
    assert exists("core.inference.j_calibration")
    assert not exists("core.likelihood.fit_ns")
    assert not exists("core.no_room.fit")


@pytest.mark.parametrize("name", TEXTS)
def test_commands_that_are_named_are_there_with_their_options(name: str) -> None:
    for line in spoken(TEXTS[name]):
        words = line.split()
        options = {word.partition("=")[0] for word in words if word.startswith("--")}
        length = max((n for n in (3, 2) if " ".join(words[:n]) in COMMANDS), default=0)
        is_group = any(command.startswith(" ".join(words[:2])) for command in COMMANDS)
        assert length or len(words) == 1 or words[1].startswith("-") or is_group, f"{name}: {line}"
        known = spellings(COMMANDS[" ".join(words[:length])]) if length else set()
        assert options <= known | COMMON_OPTIONS, f"{name}: {line}"


def test_commands_are_looked_for_where_they_stand() -> None:
    text = "so `uv run dwarfnu run x.toml --seed 5` does\n```sh\nuv run dwarfnu status  # all\n```\n"
    assert spoken(text) == ["dwarfnu status", "dwarfnu run x.toml --seed 5"]
    assert "--seed" in spellings(COMMANDS["dwarfnu run"])
    assert len(spoken(TEXTS["docs/guide.md"])) > 10


@pytest.mark.parametrize("name", TEXTS)
def test_configurations_that_are_shown_have_settings_that_there_are(name: str) -> None:
    known = groups()
    for text in blocks(TEXTS[name], "toml"):
        for key, value in tomllib.loads(text).items():
            assert key in Config.model_fields, f"{name}: {key}"
            if key in known and isinstance(value, dict):
                assert value.keys() <= known[key].model_fields.keys(), f"{name}: {key}"


def test_what_is_said_of_settings_in_words_is_of_settings() -> None:
    for name, text in PAGES.items():
        for group, setting in re.findall(r"`\[(\w+)\] (\w+)", text):
            assert group in groups(), f"{name}: {group}"
            assert setting in groups()[group].model_fields, f"{name}: {group}.{setting}"


def anchors(path: Path) -> set[str]:
    """What a link into a page may name: its headings as MkDocs spells them, and names given by hand."""
    text = FENCED.sub("", path.read_text(encoding="utf-8"))
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    spelt = (re.sub(r"[^\w\s-]", "", heading.replace("`", "").lower(), flags=re.ASCII) for heading in headings)
    return {re.sub(r"[-\s]+", "-", name.strip()) for name in spelt} | set(re.findall(r"\{#([\w.-]+)", text))


def unresolved(page: Path) -> list[str]:
    """Links of a page to files, or to places in pages, that are not there."""
    text = FENCED.sub("", page.read_text(encoding="utf-8"))
    links = [link for link in re.findall(r"\]\(([^)\s]+)\)", text) if not re.match(r"\w+:", link)]
    found = []
    for link in links:
        file, _, anchor = link.partition("#")
        target = (page.parent / file) if file else page
        outside = DOCS in page.parents and not target.resolve().is_relative_to(DOCS)
        if not target.exists() or outside or (anchor and anchor not in anchors(target)):
            found.append(link)
    return found


@pytest.mark.parametrize("page", [*DOCS.rglob("*.md"), *(ROOT / name for name in ("README.md", "CONTRIBUTING.md"))])
def test_every_link_inside_resolves(page: Path) -> None:
    assert unresolved(page) == []


def test_a_link_that_leads_nowhere_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# A heading\n[one](#a-heading) [two](#another) [three](none.md) [four](https://example.org)\n")
    assert unresolved(page) == ["#another", "none.md"]


def test_every_page_is_in_the_navigation() -> None:
    navigation = (ROOT / "mkdocs.yml").read_text(encoding="utf-8").partition("\nnav:\n")[2]
    pages = {path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md")}
    assert set(re.findall(r"[\w/-]+\.md", navigation)) == pages


def test_the_citation_is_of_this_release_and_licence() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert (citation["version"], citation["license"]) == (project["version"], project["license"])
    licence = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert licence.startswith("BSD 3-Clause License")
    assert citation["authors"][0]["name"] in licence


def test_one_word_and_each_hook_are_commands_of_the_checks() -> None:
    checks = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    tasks = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["poe"]["tasks"]
    assert set(tasks) == {"check", "test", "run", "docs"}
    steps = [step["cmd"] for task in tasks.values() for step in task.get("sequence", [task])]
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"][0]["hooks"]
    for command in (*steps, *(hook["entry"] for hook in hooks)):
        assert re.search(rf"(^|&& ){re.escape(command)}$", checks, re.MULTILINE), command
    assert {hook["entry"] for hook in hooks} <= set(steps)
