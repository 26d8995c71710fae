"""What the closing table says of the sources that sensitivities hang on."""

import pytest

from core.stages.freshness import Freshness
from flows.doubts import PROFILED, Doubts, fresh_doubts
from tests.core.stages.analyses import Analysis, made_once

PAIR = ("tautau", 20.0)
DOUBTS = Doubts(
    {PAIR: {"nominal": 1.0, "without Willman 1": 1.73, "without Draco": 1.2, PROFILED: 1.5}},
    {"Willman 1": [0.46], "Ursa Major II": [0.29], "Draco": [0.05]},
)


def test_beside_a_sensitivity_stands_that_without_the_largest_source() -> None:
    row = {"channel": "tautau", "mass": 20.0, "sigma_v_sensitivity": 1e-20}
    assert DOUBTS.headings == ("without Willman 1",)
    assert DOUBTS.cells(row) == ("1.73e-20",)
    assert DOUBTS.cells(row | {"decay_rate_sensitivity": 1e-28}) == (f"{1e28 / 1.73:.2e}",)
    assert DOUBTS.cells(row | {"mass": 30.0}) == ("–",)


def test_pairs_with_other_largest_sources_share_a_heading() -> None:
    both = Doubts(DOUBTS.ratios | {("bb", 50.0): {"without Draco": 1.4}}, DOUBTS.shares)
    assert both.headings == ("without its largest source",)


def test_the_two_largest_are_named_with_their_shares() -> None:
    first, second = DOUBTS.lines()
    assert first.startswith("shares in the slope: Willman 1 46%, Ursa Major II 29%")
    assert "× 1.50" in second


def test_where_nothing_is_fresh_nothing_is_said() -> None:
    nothing = Doubts({}, {})
    assert nothing.headings == nothing.cells({}) == ()
    assert list(nothing.lines()) == []


@pytest.fixture(scope="module")
def joint(shared_folder) -> Analysis:
    return made_once(shared_folder, "joint")


def test_doubts_are_those_of_the_fresh_products(joint: Analysis) -> None:
    found = fresh_doubts(joint.config, joint.store, Freshness(joint.config, joint.store))
    rows = joint.table("robustness").to_pylist()
    assert found.ratios == {PAIR: {row["variant"]: row["ratio"] for row in rows}}
    assert sum(share for (share,) in found.shares.values()) == pytest.approx(1.0, rel=1e-6)
