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


def test_error_of_the_mean_pull_is_its_width_over_the_root_of_the_skies() -> None:
    """0.9 of 900 skies: 0.03."""
    _, pulls = certificate_figure(certificate()).axes
    (mean,) = (group for group in pulls.containers if group.get_label() == "mean")
    (bars,) = mean[2]
    ends = np.array([segment[:, 1] for segment in bars.get_segments()])
    np.testing.assert_allclose(ends, [[0.07, 0.13]] * 3)


def test_the_lines_are_the_claimed_level_and_of_an_interval_68_percent() -> None:
    def levels(*kinds: str) -> list[float]:
        coverage = certificate_figure(certificate(kinds), confidence_level=0.95).axes[0]
        return [line.get_ydata()[0] for line in coverage.lines if list(line.get_xdata()) == [0, 1]]

    assert levels("upper_limit_cls") == [0.95]
    assert levels("upper_limit_cls", "interval") == [0.95, 0.6827]
