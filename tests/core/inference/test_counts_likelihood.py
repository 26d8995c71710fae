"""The profile of the measured counts against a strength: its limits are those of `core.inference.counts_limit`."""

import numpy as np
import pytest

from core.dark_matter.processes import ANNIHILATION
from core.events.public_release import public_counts
from core.inference.atmospheric_model import CountsModel, public_counts_model
from core.inference.counts_likelihood import REACH, counts_likelihood_product, counts_profile
from core.inference.counts_limit import CountsLimit, MeasuredBackground, counts_limit
from core.inference.counts_signal import source_counts
from core.likelihood.tabulated_curve import TabulatedCurve
from tests.core.pdfs.public_pairs import public_pair

pytestmark = pytest.mark.slow

COUNTS = public_counts()["n_events"].to_numpy().astype(float)
Z_SQUARED = 1.2815515655446004**2


@pytest.fixture(scope="module")
def background() -> MeasuredBackground:
    return MeasuredBackground.of(public_counts_model(), COUNTS)


@pytest.fixture(scope="module")
def signal() -> np.ndarray:
    return source_counts(public_pair("tautau", 20.0).expected)


@pytest.fixture(scope="module")
def model(signal: np.ndarray) -> CountsModel:
    return public_counts_model().with_signal(signal / signal.sum())


@pytest.fixture(scope="module")
def limit(model: CountsModel, background: MeasuredBackground) -> CountsLimit:
    return counts_limit(model, COUNTS, background=background)


def test_the_profile_gives_the_plain_limit_back(
    model: CountsModel, background: MeasuredBackground, limit: CountsLimit
) -> None:
    """The plain limit is where -2 ln L has risen by z² over its least value at any strength, also below 0."""
    strengths, falls = counts_profile(model, COUNTS, background, REACH * limit.upper_limit)
    curve = TabulatedCurve(strengths, falls)
    assert limit.upper_limit_plain is not None
    told = float(curve.fall(limit.upper_limit_plain)) + falls.min()
    assert told == pytest.approx(Z_SQUARED, abs=0.005)
    assert falls[0] == pytest.approx(limit.significance**2, rel=1e-3)
    assert falls[-1] > 15.0


def test_the_product_is_in_strengths_of_the_process(
    signal: np.ndarray, background: MeasuredBackground, limit: CountsLimit
) -> None:
    per_sigma_v = float(signal.sum())
    limits = {"none": limit.upper_limit / per_sigma_v}
    table = counts_likelihood_product(public_counts_model(), COUNTS, {"none": signal}, limits, background, ANNIHILATION)
    tested = table["sigma_v_tested"].to_numpy()
    assert tested[0] == 0.0
    assert tested[-1] == pytest.approx(REACH * limits["none"])
    assert set(table["process"].to_pylist()) == {"annihilation"}
    assert table["n_s_per_sigma_v"][0].as_py() == pytest.approx(per_sigma_v)
