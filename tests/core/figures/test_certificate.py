"""Coverage is drawn where it was found, filled where its bound holds."""

import numpy as np
import pyarrow as pa
import pytest

from core.errors import ProductError
from core.figures.certificate import LIMITS, certificate_figure
from tests.figure_boxes import badly_placed

TRUTHS = [0.0, 1e-21, 5e-21]


def certificate(kinds: tuple[str, ...] = ("upper_limit_unfloored", "interval")) -> pa.Table:
    """A row a kind and truth: coverage 0.90 and 0.68, of which the last truth's bound is not held."""
    rows = [
        {
            "channel": "tautau",
            "mass": 20.0,
            "sigma_v_true": truth,
            "limit": kind,
            "coverage": 0.68 if kind == "interval" else 0.9,
            "coverage_error": 0.01,
            "n_skies": 900,
            "pull": 0.1,
            "pull_width": 0.9,
            "passed": truth != TRUTHS[-1],
        }
        for kind in kinds
        for truth in TRUTHS
    ]
    return pa.Table.from_pylist(rows)


def test_coverage_is_drawn_and_only_what_holds_is_filled() -> None:
    coverage, pulls = certificate_figure(certificate()).axes
    marks = [line for line in coverage.lines if line.get_marker() in ("o", "s") and len(line.get_xdata())]
    filled = [line for line in marks if line.get_markerfacecolor() != "white"]
    assert [len(line.get_xdata()) for line in filled] == [2, 2]
    np.testing.assert_allclose(np.concatenate([line.get_ydata() for line in marks]), [0.9] * 3 + [0.68] * 3)
    (width,) = (line for line in pulls.lines if line.get_label() == "standard deviation")
    np.testing.assert_allclose(width.get_ydata(), 0.9)


def test_all_kinds_of_limits_fit_without_covering_one_another() -> None:
    assert badly_placed(certificate_figure(certificate(tuple(LIMITS)))) == []


def test_no_rows_are_refused() -> None:
    with pytest.raises(ProductError, match="dwarfnu certify"):
        certificate_figure(certificate().slice(0, 0))
