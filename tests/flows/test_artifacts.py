"""What a run leaves in the UI: keys, the command that makes a product that failed, the dashboard's page, a figure."""

import shlex
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from core.configuration.config import read_config
from core.products.recipe import ProductKey, Recipe
from flows.artifacts import MOST_PIXELS, artifact_key, dashboard_page, making_command, small_image

CONFIG = read_config(None, pairs={"tautau": [20.0], "bb": [50.0]})


def test_keys_are_of_the_letters_that_prefect_takes() -> None:
    assert artifact_key("Mine_2.1", "background_trials", "failed") == "mine-2-1-background-trials-failed"


def test_the_command_makes_exactly_the_shard_that_failed() -> None:
    trials = ProductKey("background_trials", {"channel": "tautau", "mass": 20.0, "seed": 1})
    shard = Recipe(trials, "core.stages.background_trials:make", {"first_trial": 3000, "n_trials": 1000}, part=3)
    words = shlex.split(making_command(Path("my analysis.toml"), shard))
    assert words[:3] == ["dwarfnu", "run", "my analysis.toml"]
    given = dict(zip(words[3::2], words[4::2], strict=True))
    assert given == {"--only": "background_trials", "--pair": "tautau/20", "--parts": "3"}


def test_a_product_of_no_pair_needs_no_pair() -> None:
    command = making_command(Path("a.toml"), Recipe(ProductKey("sources"), "core.stages.sources:make"))
    assert command == "dwarfnu run a.toml --only sources"


@pytest.mark.parametrize(
    ("stage", "page"),
    [("signal_pdf", "pdfs"), ("background_trials", "test-statistic"), ("sensitivity", "limits"), (None, "limits")],
)
def test_the_page_that_shows_a_stage(stage: str | None, page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DWARFNU_DASHBOARD", "http://127.0.0.1:7/")
    assert (
        dashboard_page(CONFIG, stage)
        == f"http://127.0.0.1:7/?analysis={CONFIG.analysis}&page={page}&channel=tautau&mass=20"
    )


def test_a_figure_becomes_small_and_keeps_its_shape() -> None:
    written = BytesIO()
    Image.new("RGB", (3000, 1500), (10, 120, 250)).save(written, "PNG")
    with Image.open(BytesIO(small_image(written.getvalue()))) as small:
        assert small.size == (MOST_PIXELS, MOST_PIXELS // 2)
        assert small.convert("RGB").getpixel((7, 7)) == pytest.approx((10, 120, 250), abs=8)
