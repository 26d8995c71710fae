"""Trials of the published statistic from products: whose events, whose weights, and one sky that adds up."""

import numpy as np
import pyarrow as pa
import pytest

from core.errors import PhysicsError, ProductError
from core.likelihood.stacked_model import separate_skies, source_trial_model

NAMES = ["Draco", "Fornax"]
# Entries of three bins of angle: 60 and 40 events; 3 and 1 expected events of signal.
BACKGROUND = np.array([[30.0, 20.0, 10.0], [10.0, 10.0, 20.0]])
SIGNAL = np.array([[1.5, 1.5, 0.0], [1.0, 0.0, 0.0]])


def histogram(entries: np.ndarray, column: str, names: list[str] = NAMES) -> pa.Table:
    return pa.table(
        {
            "source": np.repeat(names, entries.shape[1]).tolist(),
            column: (entries / entries.sum(axis=1, keepdims=True)).ravel(),
            "entries": entries.ravel(),
        }
    )


def sources(factor: str = "j_factor", **more: list[str]) -> pa.Table:
    return pa.table({"source": NAMES, factor: [3e18, 1e18], **more})


def products() -> tuple[pa.Table, pa.Table]:
    return histogram(BACKGROUND, "background_probability"), histogram(SIGNAL, "signal_probability")


def test_weights_are_of_j_and_injected_events_of_what_is_expected() -> None:
    """Draco has three quarters of J, and three quarters of the signal's entries by chance of these numbers."""
    model = separate_skies(*products(), sources())
    np.testing.assert_allclose(model.weights, [0.75, 0.25])
    dim = SIGNAL * [[1.0], [6.0]]  # the response sees six of Fornax where it saw one: 3 events to 6
    changed = separate_skies(products()[0], histogram(dim, "signal_probability"), sources())
    np.testing.assert_allclose(changed.weights, [0.75, 0.25])
    np.testing.assert_allclose(changed.draw_weights, [1.0 / 3.0, 2.0 / 3.0])


def test_each_source_has_the_events_of_its_own_band() -> None:
    model = separate_skies(*products(), sources())
    np.testing.assert_array_equal(model.draw_events, [60, 40])
    assert model.n_events == 60
    even = separate_skies(histogram(BACKGROUND * [[1.0], [1.5]], "background_probability"), products()[1], sources())
    assert even.source_events is None
    assert even.n_events == 60


def test_the_ratio_is_signal_over_background_bin_by_bin() -> None:
    model = separate_skies(*products(), sources())
    np.testing.assert_allclose(model.ratio, [[1.0, 1.5, 0.0], [4.0, 0.0, 0.0]])
    np.testing.assert_allclose((model.background * model.ratio).sum(axis=1), 1.0)


def test_of_decay_the_d_factors_weigh() -> None:
    decaying = sources("d_factor", process=["decay"] * 2)
    np.testing.assert_allclose(separate_skies(*products(), decaying).weights, [0.75, 0.25])


@pytest.mark.parametrize("which", ["source_background_pdf", "source_signal_pdf"])
@pytest.mark.parametrize("others", [["Fornax", "Draco"], ["Draco", "Sculptor"]])
def test_histograms_of_other_sources_or_in_another_order_are_refused(which: str, others: list[str]) -> None:
    background, signal = products()
    if which == "source_background_pdf":
        background = histogram(BACKGROUND, "background_probability", others)
    else:
        signal = histogram(SIGNAL, "signal_probability", others)
    with pytest.raises(ProductError, match=f"^{which} is of other sources than the `sources` product"):
        separate_skies(background, signal, sources())


def sky_patterns() -> pa.Table:
    """Six cells of one sky, each in a bin of angle of both sources, with the marginals of the histograms."""
    bins = [[0, 0], [0, 2], [1, 1], [1, 2], [2, 0], [2, 2]]
    background = np.array([0.15, 0.35, 0.25, 1.0 / 12.0, 0.1, 1.0 / 15.0])
    return pa.table(
        {
            "background_probability": background,
            "signal_probability": [0.5, 0.0, 0.4, 0.1, 0.0, 0.0],
            "angle_bins": pa.array(bins, pa.list_(pa.int64())),
        }
    )


def equal_events() -> tuple[pa.Table, pa.Table]:
    """On one sky every source sees the same events: 60 of each."""
    background = np.array([[30.0, 20.0, 10.0], [15.0, 15.0, 30.0]])
    return histogram(background, "background_probability"), products()[1]


def test_on_one_sky_each_event_is_in_a_bin_of_every_source() -> None:
    model = source_trial_model(*equal_events(), sources(), False, sky_patterns())
    assert model.shares_one_sky
    assert (model.n_cells, model.n_sources) == (6, 2)
    assert model.patterns is not None
    # What a source's bin is drawn with is the sum of the cells in it.
    first = np.bincount(model.patterns[0], weights=model.background[0])
    np.testing.assert_allclose(first, [0.5, 1.0 / 3.0, 1.0 / 6.0])
    np.testing.assert_allclose(model.background.sum(), 1.0)
    np.testing.assert_allclose(model.draw_weights, [1.0])


def test_without_patterns_sources_have_skies_of_their_own() -> None:
    model = source_trial_model(*products(), sources(), True)
    assert not model.shares_one_sky
    assert model.grid
    assert model.n_draws == 2


def test_sources_with_events_of_their_own_bands_share_no_sky() -> None:
    with pytest.raises(PhysicsError, match="leave out declination bands"):
        source_trial_model(*products(), sources(), False, sky_patterns())


def test_patterns_of_another_number_of_sources_are_refused() -> None:
    three = sky_patterns().set_column(2, "angle_bins", pa.array([[0, 1, 2]] * 6, pa.list_(pa.int64())))
    with pytest.raises(ProductError, match="sky_patterns is of other sources"):
        source_trial_model(*equal_events(), sources(), False, three)
