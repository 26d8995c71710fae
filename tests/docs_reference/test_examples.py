"""Each example runs and prints what its page shows; the page shows all of them."""

import ast
import re
from importlib.util import find_spec
from pathlib import Path

import pytest
from PIL import Image

from docs_reference.examples import FOLDER, ROOT, SCRIPTS, names, printed
from docs_reference.gallery import WIDTH

PAGE = FOLDER.with_suffix(".md").read_text(encoding="utf-8")
NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?:e[+-]?\d+)?")
NEEDS = {"read_products": ("polars", "duckdb")}  # which the group `readers` has


def one_digit(number: str) -> float:
    """One unit in the last digit that a number is printed with, into which rounding may fall on another machine."""
    mantissa, _, exponent = number.partition("e")
    return 10.0 ** (int(exponent or 0) - len(mantissa.partition(".")[2]))


def differences(found: str, shown: str) -> list[tuple[str, str]]:
    """The numbers that differ by more than a unit in their last digit, or the texts where words differ."""
    if NUMBER.sub("#", found) != NUMBER.sub("#", shown):
        return [(found, shown)]
    pairs = zip(NUMBER.findall(found), NUMBER.findall(shown), strict=True)
    return [(one, two) for one, two in pairs if abs(float(one) - float(two)) > 1.001 * one_digit(two)]


def test_a_number_may_be_rounded_the_other_way_and_no_word_may_differ() -> None:
    assert not differences("4.31e-21 cm³/s, 7 events", "4.32e-21 cm³/s, 7 events")
    assert differences("4.30e-21 cm³/s", "4.32e-21 cm³/s") == [("4.30e-21", "4.32e-21")]
    assert differences("7 events", "7 trials")


def test_the_page_shows_every_script_with_its_output_and_its_image() -> None:
    scripts = re.findall(r"^--8<--\nexamples/(\w+)\.py\n--8<--$", PAGE, re.MULTILINE)
    assert scripts == re.findall(r'^--8<-- "docs/examples/(\w+)\.txt"$', PAGE, re.MULTILINE)
    assert sorted(scripts) == names()
    assert {path.stem for path in FOLDER.glob("*.txt")} == set(names())
    images = {path.stem for path in FOLDER.glob("*.png")}
    assert images == set(re.findall(r"\]\(examples/(\w+)\.png\)", PAGE))
    for name in images:
        with Image.open(FOLDER / f"{name}.png") as image:
            assert image.width <= WIDTH
        assert (FOLDER / f"{name}.png").stat().st_size < 150_000


@pytest.mark.parametrize("name", names())
def test_a_script_says_what_it_asks_what_to_expect_and_what_it_hangs_on(name: str) -> None:
    told = ast.get_docstring(ast.parse((SCRIPTS / f"{name}.py").read_text(encoding="utf-8"))) or ""
    assert told.splitlines()[0].endswith("?")
    assert [word for word in ("Asked:", "Expect:", "It hangs on:") if word not in told] == []


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where all examples are run, so that one may read what another made."""
    return tmp_path_factory.mktemp("examples")


@pytest.mark.slow
@pytest.mark.parametrize("name", names())
def test_a_script_prints_what_the_page_shows(name: str, folder: Path) -> None:
    if missing := [module for module in NEEDS.get(name, ()) if find_spec(module) is None]:
        pytest.skip(f"{', '.join(missing)} is not installed: uv sync --group readers")
    assert not differences(printed(name, folder), (FOLDER / f"{name}.txt").read_text(encoding="utf-8"))
    drawn = folder / f"{name}.png"
    assert drawn.is_file() == (FOLDER / drawn.name).is_file()
    assert not list(ROOT.glob(f"{name}.*")), "it writes where it is run, and nowhere else"
