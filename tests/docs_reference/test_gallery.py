"""The gallery explains every kind of figure, with small images that are there."""

import re
from functools import partial
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from core.figures.kinds import KINDS, kind_of
from core.products.store import ProductStore
from core.stages.figures import all_figure_recipes
from core.stages.figures.figure import FigureRecipe
from docs_reference.gallery import FOLDER, WIDTH, chosen, small
from tests.core.stages.analyses import made_once

PAGE = FOLDER.with_suffix(".md").read_text(encoding="utf-8")
SHOWN = re.findall(r"\]\(gallery/([\w-]+)\.png\)", PAGE)


def recipe(name: str) -> FigureRecipe:
    return FigureRecipe(name, (), partial(ProductStore))


def test_every_kind_is_explained_under_its_name() -> None:
    named = [name.strip() for heading in re.findall(r"^### (.+)$", PAGE, re.MULTILINE) for name in heading.split(",")]
    assert sorted(named) == sorted(KINDS)


def test_images_are_those_of_the_folder_and_small() -> None:
    assert sorted(SHOWN) == sorted(path.stem for path in FOLDER.iterdir())
    for path in FOLDER.iterdir():
        assert path.stat().st_size < 150_000, path.name
        with Image.open(path) as image:
            assert image.width <= WIDTH


def test_one_of_each_kind_is_shown_that_of_all_before_that_of_a_pair() -> None:
    names = ["limits-bb.png", "limits.png", "pdf-bb-50.png", "pdf-tautau-20.png", "recovery-bb-50.png"]
    found = chosen([recipe(name) for name in names])
    assert {kind: one.name for kind, one in found.items()} == {
        "limits": "limits.png",
        "pdf": "pdf-tautau-20.png",
        "recovery": "recovery-bb-50.png",
    }


def test_an_image_is_made_as_wide_as_the_page() -> None:
    content = BytesIO()
    Image.new("RGB", (2 * WIDTH, 100), "white").save(content, format="png")
    with Image.open(BytesIO(small(content.getvalue()))) as image:
        assert image.size == (WIDTH, 50)


@pytest.mark.slow
def test_an_analysis_of_the_public_sample_draws_each_kind_that_is_shown(shared_folder: Path) -> None:
    joint = made_once(shared_folder, "joint")
    found = chosen(all_figure_recipes(joint.config, joint.store))
    assert sorted(found) == sorted(SHOWN)
    for kind, one in found.items():
        assert kind_of(one.name) == kind
        assert one.draw(joint.store).axes
