"""The fitted counts as drawn: sums of bins by class, residuals, pulls of parameters with priors."""

import numpy as np
import pyarrow as pa
from matplotlib.figure import Figure

from core.events.classes import EVENT_CLASSES
from core.events.public_release import public_counts
from core.figures.atmospheric_fit import atmospheric_fit_figure


def drawn() -> tuple[Figure, pa.Table]:
    """Counts that the model expects to 1 %, and three parameters, one without prior."""
    counts = public_counts()
    n_events = counts["n_events"].to_numpy().astype(float)
    for name, column in (
        ("n_expected", 1.01 * n_events),
        ("n_expected_error", 0.05 * n_events),
        ("n_expected_muons", 0.1 * n_events),
        ("residual", np.linspace(-2.0, 2.0, len(n_events))),
    ):
        counts = counts.append_column(name, pa.array(column))
    fit = pa.table(
        {
            "parameter": ["normalisation", "spectral_index", "dom_efficiency"],
            "pull": pa.array([None, 0.5, -1.0], pa.float64()),
            "uncertainty": [0.1, 0.02, 0.05],
            "prior_uncertainty": pa.array([None, 0.1, 0.1], pa.float64()),
            "goodness_of_fit": [0.42] * 3,
        }
    )
    return atmospheric_fit_figure(counts, fit), counts


def test_points_are_the_measured_counts_by_zenith() -> None:
    figure, counts = drawn()
    frame = counts.to_pandas()
    for axes, name in zip(figure.axes[:2], EVENT_CLASSES, strict=True):
        expected = frame[frame["event_class"] == name].groupby("reco_cos_zenith_low")["n_events"].sum()
        points = next(line for line in axes.lines if len(line.get_ydata()) == 8)
        np.testing.assert_allclose(points.get_ydata(), expected)


def test_only_parameters_with_priors_have_pulls() -> None:
    labels = [text.get_text() for text in drawn()[0].axes[2].get_yticklabels()]
    assert labels == ["spectral index", "dom efficiency"]


def test_the_p_value_stands_over_the_residuals() -> None:
    titles = [axes.get_title(loc="left") for axes in drawn()[0].axes]
    assert any("128 bins, p = 0.42" in title for title in titles)
