"""Small analyses, made once for all tests of stages, and an own sample of which all events are made."""

from pathlib import Path

import pytest

from core.configuration.config import read_config
from core.products.store import ProductStore
from tests.core.stages.analyses import STATISTICS, Analysis, made_once
from tests.own_sample import make_all, written_sample


@pytest.fixture(scope="session")
def joint(shared_folder: Path) -> Analysis:
    return made_once(shared_folder, "joint")


@pytest.fixture(scope="session")
def j_weighted(shared_folder: Path) -> Analysis:
    return made_once(shared_folder, "j_weighted")


@pytest.fixture(scope="session")
def one_sky(shared_folder: Path) -> Analysis:
    return made_once(shared_folder, "one_sky")


@pytest.fixture(scope="session", params=STATISTICS)
def any_statistic(request: pytest.FixtureRequest) -> Analysis:
    """The analysis with each of the statistics."""
    analysis: Analysis = request.getfixturevalue(request.param)
    return analysis


@pytest.fixture(scope="session")
def own(tmp_path_factory: pytest.TempPathFactory) -> Analysis:
    """An own sample of i3 files whose events are made and accounted for."""
    config = read_config(written_sample(tmp_path_factory.mktemp("own")))
    make_all(config)
    return Analysis(config, ProductStore(config.product_root, config.analysis))
