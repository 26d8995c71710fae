"""The stage `likelihood`: what it hands on of a small analysis, beside what the analysis itself expects."""

import pytest

from core.configuration.config import Config
from core.pdfs.likelihood_cells import STACKED, likelihoods_of_table
from core.products.store import ProductStore
from core.stages.likelihood import STAGE, has_one_template
from core.stages.registry import recipes, stages_of
from core.stages.stage import make_product
from tests.core.stages.analyses import Analysis


def test_a_likelihood_is_of_one_signal_in_ratio_cells() -> None:
    assert has_one_template(Config())
    assert has_one_template(Config(halo={"treatment": "same_cross_section"}))
    assert not has_one_template(Config(halo={"treatment": "free"}))
    assert not has_one_template(Config(statistic={"name": "j_weighted"}))
    assert STAGE.name in stages_of(Config(), "export")
    assert STAGE.name not in stages_of(Config())


def test_the_stacked_one_expects_what_the_analysis_does(joint: Analysis) -> None:
    (recipe,) = recipes(joint.config, joint.store, STAGE.name)
    make_product(STAGE, joint.store, recipe)
    stacked, *by_source = likelihoods_of_table(joint.table("likelihood"))
    assert stacked.source == STACKED
    assert [cells.source for cells in by_source] == joint.table("sources")["source"].to_pylist()
    assert stacked.curve.best == pytest.approx(0.0, abs=1e-30)
    sensitivity = joint.row("asimov")["sigma_v_sensitivity"]
    assert stacked.curve.upper_limit(0.9) == pytest.approx(sensitivity, rel=0.03)
    assert all(cells.curve.upper_limit(0.9) > stacked.curve.upper_limit(0.9) for cells in by_source)
    assert set(joint.table("likelihood")["sky"].to_pylist()) == {"expected"}
    assert joint.store.metadata("likelihood")["remarks"] == {"left_out": []}


def test_a_product_without_acceptance_is_not_asked_for(tmp_path: object) -> None:
    assert recipes(Config(products=str(tmp_path)), ProductStore(str(tmp_path)), STAGE.name) == []
