"""All pages of real products of each statistic: none fails, and what differs between statistics is shown as it is."""

from pathlib import Path

import numpy as np
import pytest

from dashboards.pages import PAGES
from dashboards.view import NotThereError
from tests.core.stages.analyses import N_BACKGROUND, STATISTICS, Analysis, made_once
from tests.dashboards.pages.conftest import Shown, shown_of

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore:The inplace keyword in DataFrame.reset_index")]
NOT_MADE = {"certificate"}


@pytest.fixture(scope="module", params=STATISTICS)
def analysis(request: pytest.FixtureRequest, shared_folder: Path) -> Analysis:
    return made_once(shared_folder, request.param)


def page(analysis: Analysis, name: str) -> Shown:
    return shown_of(analysis.store, f"?page={name}")


@pytest.mark.parametrize("name", sorted(PAGES.keys() - NOT_MADE))
def test_every_page_is_drawn(analysis: Analysis, name: str) -> None:
    shown = page(analysis, name)
    assert shown.plots or shown.tables


def test_what_is_not_made_is_said(analysis: Analysis) -> None:
    with pytest.raises(NotThereError, match="certificate"):
        page(analysis, "certificate")


def test_trials_are_all_there(analysis: Analysis) -> None:
    shown = page(analysis, "test-statistic")
    background = analysis.table("background_trials")
    bounded = background["test_statistic"].to_numpy()
    assert sum(shown.source("background")["n"]) == np.count_nonzero(bounded > 0.0)
    (table,) = [frame for name, frame in shown.tables.items() if name.startswith("test-statistic")]
    assert table["n_trials"][0] == N_BACKGROUND
    of_own_skies = analysis.config.statistic.name == "j_weighted" and analysis.config.statistic.skies != "one"
    assert ("have no such threshold" in shown.words) == of_own_skies


def test_densities_are_those_of_the_statistic(analysis: Analysis) -> None:
    shown = page(analysis, "pdfs")
    is_joint = analysis.config.statistic.name == "joint"
    assert ("cells-signal" in shown.sources) == is_joint
    stage = "signal_pdf" if is_joint else "source_signal_pdf"
    assert analysis.table(stage).num_rows > 0


def test_what_if_says_of_which_statistic_it_is(analysis: Analysis) -> None:
    words = page(analysis, "limits").words
    has_information = "source_information" in analysis.stages
    assert ("need the stage source_information" in words) == (not has_information)
