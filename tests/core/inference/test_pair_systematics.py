"""The table of causes: shifts, the envelope in place of single detector parameters, the total."""

import numpy as np
import pyarrow as pa
import pytest

from core.glossary import GLOSSARY
from core.inference.pair_systematics import (
    Cause,
    cross_section_causes,
    detector_causes,
    drawn_detectors,
    systematics_product,
    varied_yields,
)
from core.inference.systematics import Shift
from core.response.hyperplanes import DETECTOR_PARAMETERS, NOMINAL, public_hyperplanes
from tests.core.inference.test_signal_systematics import PARTS, YIELDS

INSIDE = np.array([0, 9])
SOURCES = pa.table({"process": ["annihilation"]})


def test_draws_lie_within_the_valid_ranges() -> None:
    drawn = drawn_detectors(2000, np.random.Generator(np.random.Philox(key=1)))
    for parameter, values in zip(DETECTOR_PARAMETERS, drawn.T, strict=True):
        assert parameter.valid_low <= values.min() < values.max() <= parameter.valid_high
    assert drawn[:, 2].std() == pytest.approx(0.088, abs=0.01)


def test_the_nominal_detector_changes_nothing() -> None:
    np.testing.assert_allclose(varied_yields(PARTS, public_hyperplanes(), INSIDE, NOMINAL), YIELDS)
    assert len(detector_causes(PARTS, public_hyperplanes(), INSIDE)) == len(DETECTOR_PARAMETERS)


def test_neutral_currents_move_a_quarter_of_equal_yields() -> None:
    (cc, nc) = cross_section_causes(PARTS, {"cc": 0.2, "nc": 0.2})
    assert cc.yields[1].sum() / YIELDS.sum() == pytest.approx(1.15)
    assert nc.yields[0].sum() / YIELDS.sum() == pytest.approx(0.95)


def test_the_total_takes_the_detector_once() -> None:
    drawn = np.array([0.9 * YIELDS, YIELDS, 1.1 * YIELDS])
    causes = [*detector_causes(PARTS, public_hyperplanes(), INSIDE), Cause("area", np.array([1.25 * YIELDS]))]
    table = systematics_product(PARTS, SOURCES, causes, drawn, (Shift("angle", -0.1, 0.1),))
    rows = {row["cause"]: row for row in table.to_pylist()}
    assert rows["area"]["shift_lo"] == pytest.approx(-0.2)
    assert rows["total"]["shift_lo"] == pytest.approx(
        -np.sqrt(0.2**2 + 0.1**2 + rows["detector_envelope"]["shift_lo"] ** 2)
    )
    assert all(GLOSSARY[field.name].dtype == field.type for field in table.schema)
