"""What sensitivities hang on, as drawn: a point a pair, medians beside, what is far below in words."""

import numpy as np
import pyarrow as pa
import pytest

from core.errors import ProductError
from core.figures.robustness import robustness_figure
from tests.small_analysis import sources

NAMES = sources()["source"].to_pylist()
SHARES = pa.table({"source": NAMES, "slope_share": [0.5, 0.3, *[0.2 / (len(NAMES) - 2)] * (len(NAMES) - 2)]})
VARIANTS = ("nominal", "without Willman 1", "halo at one cross section")
ROWS = [
    (c, 20.0, v, r)
    for c, f in (("bb", 1.0), ("tautau", 1.1))
    for v, r in zip(VARIANTS, (1.0, 1.7 * f, 0.002 * f), strict=True)
]
ROBUSTNESS = pa.table(dict(zip(("channel", "mass", "variant", "ratio"), zip(*ROWS, strict=True), strict=True)))


def texts() -> list[str]:
    figure = robustness_figure(sources(), SHARES, ROBUSTNESS)
    return [text.get_text() for text in figure.findobj(lambda item: hasattr(item, "get_text"))]


def test_medians_stand_beside_variants_and_the_nominal_is_left_out() -> None:
    said = texts()
    assert f"{np.median([1.7, 1.7 * 1.1]):.2f}" in said
    assert "without Willman 1" in said
    assert "nominal" not in said


def test_what_would_press_all_together_is_written() -> None:
    assert any("halo at one cross section: × 0.002" in text for text in texts())


def test_the_brightest_source_is_first() -> None:
    assert any(text.startswith(NAMES[0]) and "50.0%" in text for text in texts())


def test_without_rows_there_is_nothing_to_draw() -> None:
    with pytest.raises(ProductError, match="there are no variants to draw"):
        robustness_figure(sources(), SHARES, ROBUSTNESS.slice(0, 0))
