"""The resolution drawn is that of numpy's quantiles, in each class and interaction, where events suffice."""

from io import BytesIO

import numpy as np
import pytest

from core.coordinates import angular_separation
from core.errors import ProductError
from core.events.resolution import reconstruction_errors
from core.figures.resolution import RATIO_QUANTILES, energy_edges, resolution, resolution_figure
from tests.core.figures.event_cases import events

EDGES = np.array([1.0, 10.0, 30.0, 300.0])


def test_equal_weights_give_the_plain_quantiles() -> None:
    simulation = events("mc", 3000, atmospheric_rate=np.ones(3000))
    found = resolution(reconstruction_errors(simulation), EDGES)
    energy, reco_energy = (simulation[name].to_numpy() for name in ("true_energy", "reco_energy"))
    directions = (simulation[name].to_numpy() for name in ("reco_ra", "reco_dec", "true_ra", "true_dec"))
    separation = angular_separation(*directions)
    for index in range(3):
        own = (energy >= EDGES[index]) & (energy < EDGES[index + 1])
        assert found.n_effective[index] == pytest.approx(own.sum())
        expected = [np.quantile(separation[own], share, method="inverted_cdf") for share in (0.5, 0.68, 0.9)]
        np.testing.assert_array_equal(found.separation[:, index], expected)
        expected = np.quantile((reco_energy / energy)[own], RATIO_QUANTILES, method="inverted_cdf")
        np.testing.assert_array_equal(found.ratio[:, index], expected)


def test_a_weight_of_three_counts_as_three_events() -> None:
    weights = np.random.default_rng(3).integers(1, 4, 400)
    simulation = events("mc", 400, atmospheric_rate=weights.astype(float))
    repeated = simulation.take(np.repeat(np.arange(400), weights))
    repeated = repeated.set_column(
        repeated.schema.names.index("atmospheric_rate"), "atmospheric_rate", [np.ones(weights.sum())]
    )
    found, expected = (resolution(reconstruction_errors(table), EDGES) for table in (simulation, repeated))
    np.testing.assert_array_equal(found.separation, expected.separation)
    all_weights = resolution(reconstruction_errors(simulation), np.array([0.1, 1e4])).n_effective
    assert all_weights[0] == pytest.approx(weights.sum() ** 2 / (weights**2).sum())


def test_few_events_have_no_quantiles_but_are_counted() -> None:
    errors = reconstruction_errors(events("mc", 19, atmospheric_rate=np.ones(19)))
    found = resolution(errors, np.array([0.1, 1e4]))
    assert np.isnan(found.separation).all()
    assert found.n_effective[0] == pytest.approx(19.0)


def test_each_class_and_interaction_is_drawn() -> None:
    simulation = events("mc", 3000)
    figure = resolution_figure([(simulation.slice(0, 1000), 2.0), (simulation.slice(1000), 2.0)], "IC86")
    assert figure.get_suptitle() == "IC86: 3 000 simulated events, weighted with the atmospheric flux"
    assert len(figure.axes) == 6
    cascades, tracks = figure.axes[:2]
    assert [axes.get_title(loc="left") for axes in (cascades, tracks)] == ["Cascades", "Tracks"]
    own = simulation.filter(
        (np.array(simulation["event_class"]) == "track") & (np.array(simulation["interaction"]) == "nc")
    )
    found = resolution(reconstruction_errors(own), energy_edges(simulation["true_energy"].to_numpy()))
    assert len(tracks.lines) == 6
    np.testing.assert_allclose(tracks.lines[3].get_ydata(), np.degrees(found.separation[0]))
    np.testing.assert_allclose(figure.axes[5].patches[1].get_data()[0], found.n_effective)


def test_events_without_class_and_interaction_stand_together() -> None:
    figure = resolution_figure([(events("mc", event_class=None, interaction=None), 1.0)])
    assert len(figure.axes) == 3
    assert figure.axes[0].get_title(loc="left") == "All events"
    assert "interaction not known" in [text.get_text() for text in figure.axes[1].get_legend().get_texts()]


@pytest.mark.slow
@pytest.mark.parametrize("rate", [1.0, 0.0])
def test_too_few_events_are_said_in_a_figure_that_can_be_saved(rate: float) -> None:
    figure = resolution_figure([(events("mc", 30, atmospheric_rate=np.full(30, rate)), 1.0)])
    figure.savefig(BytesIO())
    said = ["too few events in every bin" in [text.get_text() for text in axes.texts] for axes in figure.axes]
    assert said == [True] * 4 + [rate == 0.0] * 2


def test_one_event_can_be_drawn_and_none_is_refused() -> None:
    assert np.nansum(resolution_figure([(events("mc", 1), 1.0)]).axes[2].patches[0].get_data()[0]) == pytest.approx(1.0)
    with pytest.raises(ProductError, match="no simulated events"):
        resolution_figure([(events("mc", 0), 1.0)])
    with pytest.raises(ProductError, match="no simulated events"):
        resolution_figure([])
