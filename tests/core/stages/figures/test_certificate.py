"""The figures of certificates: none before a pair was certified, one for each that was."""

import pytest

from core.products.recipe import ProductKey
from core.stages.figures.certificate import figures
from core.stages.figures.figure import FigureContext
from core.stages.registry import recipes
from tests.core.stages.analyses import Analysis


def test_there_is_none_before_one_was_made(joint: Analysis) -> None:
    assert figures(FigureContext(joint.config, joint.store)) == []


def test_each_fresh_one_is_drawn_at_the_level_that_it_claims(joint: Analysis, monkeypatch: pytest.MonkeyPatch) -> None:
    context = FigureContext(joint.config, joint.store)
    found = recipes(joint.config, joint.store, "certificate")
    monkeypatch.setattr(context, "fresh", lambda stage: found if stage == "certificate" else [])
    (figure,) = figures(context)
    assert figure.name == "certificate-tautau-20.png"
    assert figure.inputs == (ProductKey("certificate", found[0].product.keys),)
    assert figure.draw.keywords["confidence_level"] == joint.config.limits.confidence_levels[0]
