"""The stage `systematics`: shifts of a sensitivity by cause, and all together."""

import numpy as np
import pytest

from core.configuration.config import Config
from core.inference.pair_systematics import ENVELOPE
from core.inference.systematics import TOTAL
from core.response.hyperplanes import DETECTOR_PARAMETERS
from core.stages.registry import recipes
from core.stages.systematics import CROSS_SECTIONS, OF_RESPONSE
from tests.core.stages.analyses import Analysis


def by_cause(analysis: Analysis) -> dict[str, dict[str, float]]:
    return {row["cause"]: row for row in analysis.table("systematics").to_pylist()}


def test_every_cause_has_a_row_and_the_total_is_last(joint: Analysis) -> None:
    rows = by_cause(joint)
    assert len(rows) == joint.table("systematics").num_rows
    assert {parameter.name for parameter in DETECTOR_PARAMETERS} <= set(rows)
    assert ENVELOPE in rows
    assert list(rows)[-1] == TOTAL


def test_lower_is_not_above_higher(joint: Analysis) -> None:
    for row in by_cause(joint).values():
        assert row["shift_lo"] <= row["shift_hi"]
        assert row["shift_lo"] > -0.9
        assert row["shift_hi"] < 3.0


def test_the_total_is_at_least_the_largest(joint: Analysis) -> None:
    rows = by_cause(joint)
    counted = [row for name, row in rows.items() if name in (ENVELOPE, "cc_cross_section", "nc_cross_section")]
    assert rows[TOTAL]["shift_hi"] >= max(row["shift_hi"] for row in counted) - 1e-12
    assert rows[TOTAL]["shift_lo"] <= min(row["shift_lo"] for row in counted) + 1e-12


def test_the_nominal_is_the_expected_sensitivity(joint: Analysis) -> None:
    (nominal,) = {row["sigma_v_sensitivity_asimov"] for row in by_cause(joint).values()} - {None}
    assert nominal == pytest.approx(joint.row("asimov")["sigma_v_sensitivity"], rel=0.02)


def test_the_public_sample_has_parameters_of_its_own_and_others_take_named_sizes(joint: Analysis) -> None:
    (recipe,) = joint.recipes("systematics")
    assert recipe.parameters["response"] == {}
    assert recipe.parameters["n_draws"] == joint.config.systematics.n_draws
    assert set(recipe.parameters["cross_sections"]) == set(CROSS_SECTIONS)
    assert set(OF_RESPONSE) <= set(Config().systematics.model_dump())


def test_before_a_pair_is_served_there_is_none(tmp_path) -> None:
    from core.products.store import ProductStore

    assert recipes(Config(), ProductStore(tmp_path), "systematics") == []


def test_draws_make_the_marginalised_sensitivity_weaker_or_equal(joint: Analysis) -> None:
    found = [row["sigma_v_sensitivity_marginalised"] for row in by_cause(joint).values()]
    known = [value for value in found if value is not None]
    assert known
    assert np.all(np.array(known) > 0.9 * joint.row("asimov")["sigma_v_sensitivity"])
