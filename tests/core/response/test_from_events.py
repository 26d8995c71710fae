"""Responses from simulated events: against the response that the events were drawn from, and against their own sums."""

from dataclasses import replace
from functools import cache

import numpy as np
import pyarrow as pa
import pytest

from core.coordinates import angular_separation
from core.dark_matter.channels import FLAVOURS, PUBLISHED_PAIRS, Channel
from core.errors import InputError
from core.events.classes import EVENT_CLASSES, INTERACTIONS
from core.events.counts import event_counts
from core.events.seasons import season_shares
from core.pdfs.background import background_pdf, binned_background
from core.pdfs.one_sky import ratio_cells, signal_pdf
from core.response import Response, public_response
from core.response.angular import expected_counts
from core.response.build import PUBLIC_BINS, ResponseBins
from core.response.from_events import EVENT_BINS, response_from_events
from core.signal.acceptance import MAX_RELATIVE_ERROR, source_acceptance
from core.signal.expected_signal import ExpectedSignal
from core.simulation.injected import simulated_response
from core.simulation.sample import simulated_events
from core.simulation.seasons import SEASONS, simulated_livetime
from tests.core.response.simulated_cases import default_sources, full_response, parts, spectra

COARSE_BINS = ResponseBins(
    true_energy_edges=10.0 ** np.linspace(0.0, 3.0, 25),
    true_cos_zenith_edges=np.linspace(-1.0, 1.0, 9),
    reco_energy_edges=np.array([5.0, 20.0, 100.0, 1000.0]),
    reco_cos_zenith_edges=np.linspace(-1.0, 1.0, 5),
    angular_energy_edges=10.0 ** np.array([0.0, 1.5, 3.0]),
)


@cache
def coarse_response() -> Response:
    return response_from_events(parts(70_000), 1e8, COARSE_BINS)


def without(name: str, tables: tuple[pa.Table, ...]) -> pa.Table:
    together = pa.concat_tables(tables)
    column = together.column_names.index(name)
    return together.set_column(column, name, pa.nulls(together.num_rows, pa.string()))


@pytest.mark.slow
def test_effective_area_is_the_sum_of_weights() -> None:
    response, events = coarse_response(), pa.concat_tables(parts(70_000))
    phase_space = np.diff(response.true_energy_edges)[:, None] * 2 * np.pi * np.diff(response.true_cos_zenith_edges)
    inside = events["reco_energy"].to_numpy() < 1000.0
    weights = events["weight"].to_numpy()[inside] / len(SEASONS)
    assert (response.effective_area * phase_space).sum() == pytest.approx(weights.sum())
    variance = (response.effective_area_error * phase_space) ** 2
    assert variance.sum() == pytest.approx((weights**2).sum())
    assert response.livetime == 1e8
    np.testing.assert_allclose(response.energy_migration.sum(axis=-1), 1.0)
    assert Response.from_table(response.to_table()).differs_from(response) == []


@pytest.mark.slow
def test_tables_in_parts_are_the_table_in_one() -> None:
    together = response_from_events(pa.concat_tables(parts(70_000)), 1e8, COARSE_BINS)
    assert together.differs_from(coarse_response()) == []


@pytest.mark.slow
def test_seasons_count_by_their_livetimes() -> None:
    first, second = parts(70_000)[:2]
    alone = [response_from_events(table, 1e8, COARSE_BINS).effective_area for table in (first, second)]
    both = response_from_events([first, second], {SEASONS[0]: 3e7, SEASONS[1]: 1e7, SEASONS[2]: 2e7}, COARSE_BINS)
    np.testing.assert_allclose(both.effective_area, 0.75 * alone[0] + 0.25 * alone[1], rtol=1e-12)
    assert both.livetime == 6e7
    assert season_shares(SEASONS[:2], {SEASONS[2]: 1e7}) == {SEASONS[0]: 0.5, SEASONS[1]: 0.5}


@pytest.mark.slow
def test_samples_that_know_less_are_served_by_stated_rules() -> None:
    classless = response_from_events(without("event_class", parts(70_000)), 1e8, COARSE_BINS)
    assert not classless.effective_area[:, :, 1].any()
    np.testing.assert_allclose(classless.effective_area[:, :, 0], coarse_response().effective_area.sum(axis=2))
    currentless = response_from_events(without("interaction", parts(70_000)), 1e8, COARSE_BINS)
    np.testing.assert_allclose(currentless.effective_area[:, 0], coarse_response().effective_area.sum(axis=1))
    flavourless = response_from_events(without("flavour", parts(70_000)), 1e8, COARSE_BINS)
    mean_area = coarse_response().effective_area.mean(axis=0)
    np.testing.assert_allclose(flavourless.effective_area, np.broadcast_to(mean_area, flavourless.effective_area.shape))
    variance = (flavourless.effective_area_error**2).sum(axis=0)
    np.testing.assert_allclose(variance, (coarse_response().effective_area_error ** 2).sum(axis=0))


def test_half_known_columns_and_empty_samples_are_refused() -> None:
    known, unknown = parts(70_000)[0], without("flavour", parts(70_000)[1:2])
    with pytest.raises(InputError, match="flavour is known for"):
        response_from_events([unknown, known], 1e8, COARSE_BINS)
    with pytest.raises(InputError, match=r"flavour of .* events is None"):
        response_from_events([known, unknown], 1e8, COARSE_BINS)
    with pytest.raises(InputError, match="no simulated event"):
        response_from_events([], 1e8)
    with pytest.raises(InputError, match="no simulated event is reconstructed at 2000-3000 GeV"):
        response_from_events(known, 1e8, replace(EVENT_BINS, reco_energy_edges=np.array([2000.0, 3000.0])))


@pytest.mark.slow
def test_public_response_and_that_of_its_events_agree() -> None:
    public, found = public_response(), response_from_events(parts(), simulated_livetime(), PUBLIC_BINS)
    coarse = [values.reshape(6, 2, 2, 30, 4, 4, 4).sum(axis=(4, 6)) for values in (
        found.effective_area, public.effective_area, found.effective_area_error**2)]  # fmt: skip
    known = coarse[0] > 5.0 * np.sqrt(coarse[2])
    pull = ((coarse[0] - coarse[1])[known]) / np.sqrt(coarse[2][known])
    assert abs(pull.mean()) < 0.1
    assert pull.std() == pytest.approx(1.0, abs=0.1)
    energy = np.sqrt(public.true_energy_edges[1:] * public.true_energy_edges[:-1])
    fitted = (found.energy_migration_error > 0.0) & (found.energy_migration_error < 0.1)
    fitted &= ((energy > 6.0) & (energy < 90.0))[:, None]
    pull = (found.energy_migration - public.energy_migration)[fitted] / found.energy_migration_error[fitted]
    assert abs(pull.mean()) < 0.2
    assert pull.std() == pytest.approx(1.0, abs=0.2)


@pytest.mark.slow
@pytest.mark.parametrize("cos_zenith", [-0.9, -0.45, 0.05, 0.5, 0.9])
@pytest.mark.parametrize(("low", "high"), [(8.0, 12.0), (16.0, 22.0), (30.0, 42.0)])
def test_bands_and_energies_of_a_direction_agree(cos_zenith: float, low: float, high: float) -> None:
    """P(band | true) and P(energy | true) of both classes, within 2 % of all events: the statistics of such a slice."""
    public, found = public_response(), full_response()
    n_public = len(public.reco_energy_edges) - 1
    energy = np.sqrt(public.true_energy_edges[1:] * public.true_energy_edges[:-1])
    flux = ((energy > low) & (energy < high)) * energy**-2.0 * np.diff(public.true_energy_edges)
    first = expected_counts(public, public.effective_area.mean(axis=-1) * flux, cos_zenith)
    second = expected_counts(found, found.effective_area.mean(axis=-1) * flux, cos_zenith)[:, :n_public]
    for event_class in range(2):
        for axis in (0, 1):
            shares = [counts[event_class].sum(axis=axis) / counts[event_class].sum() for counts in (first, second)]
            assert np.abs(shares[0] - shares[1]).max() < 0.03


def share_below(kappa: np.ndarray, angle: float) -> np.ndarray:
    """The share of a kernel within an angle of its centre."""
    return np.expm1(-kappa * (1.0 - np.cos(angle))) / np.expm1(-2.0 * kappa)


@pytest.mark.slow
@pytest.mark.parametrize(("flavour", "interaction", "event_class"), [(1, 0, 1), (0, 0, 0), (2, 0, 0)])
@pytest.mark.parametrize(("low", "high"), [(8.0, 10.6), (33.5, 44.7), (158.0, 316.0)])
def test_kernels_have_the_angles_of_the_events(
    flavour: int, interaction: int, event_class: int, low: float, high: float
) -> None:
    """Kernels are fitted to cos zenith alone; the whole angle to the truth follows, within 3 % of the events."""
    response, events = full_response(), pa.concat_tables(parts())
    words = (FLAVOURS[flavour], INTERACTIONS[interaction], EVENT_CLASSES[event_class])
    energy = events["true_energy"].to_numpy()
    chosen = (energy > low) & (energy < high)
    for name, word in zip(("flavour", "interaction", "event_class"), words, strict=True):
        chosen &= events[name].to_numpy() == word
    events = events.filter(chosen)
    angle = angular_separation(*(events[name].to_numpy() for name in ("true_ra", "true_dec", "reco_ra", "reco_dec")))
    reco = np.searchsorted(response.reco_energy_edges, events["reco_energy"].to_numpy(), side="right") - 1
    angular = np.searchsorted(response.angular_energy_edges, energy[chosen], side="right") - 1
    core, tail, share = (
        getattr(response, name)[flavour, interaction, event_class, angular, reco]
        for name in ("kappa_core", "kappa_tail", "tail_fraction")
    )
    for radius in np.deg2rad([5.0, 10.0, 20.0, 40.0, 70.0]):
        expected = (1.0 - share) * share_below(core, radius) + share * share_below(tail, radius)
        assert (angle < radius).mean() == pytest.approx(expected.mean(), abs=0.03)


@pytest.mark.slow
@pytest.mark.parametrize(("channel", "mass"), [("bb", 300.0), ("tautau", 20.0), ("nunu", 100.0)])
def test_one_sky_is_made_of_any_sample(channel: Channel, mass: float) -> None:
    data = pa.concat_tables([simulated_events("data", season) for season in SEASONS])
    response = full_response()
    background = background_pdf(event_counts(data, response.reco_energy_edges, response.reco_cos_zenith_edges))
    acceptance = source_acceptance(response, spectra(channel, mass), default_sources(), mass)
    expected = ExpectedSignal(response, acceptance, default_sources())
    sky = signal_pdf(expected, binned_background(background), nside=16)
    cells = ratio_cells(sky, background, "data", n_cells=512)
    assert cells["n_events"][0].as_py() == data.num_rows
    for name in ("signal_probability", "signal_average_probability", "background_probability"):
        assert sky[name].to_numpy().sum() == pytest.approx(1.0, abs=1e-9)
        assert sky[name].to_numpy().min() >= 0.0
    for name in ("signal_probability", "background_probability"):
        assert cells[name].to_numpy().sum() == pytest.approx(1.0, abs=1e-9)
    mean = cells["background_probability"].to_numpy() @ cells["ratio"].to_numpy()
    assert mean == pytest.approx(1.0, abs=1e-9)


@pytest.mark.slow
def test_all_published_pairs_are_served() -> None:
    for channel, mass in PUBLISHED_PAIRS:
        found, exact = (
            source_acceptance(response, spectra(channel, mass), default_sources(), mass).total
            for response in (full_response(), simulated_response())
        )
        assert found.relative_error < MAX_RELATIVE_ERROR
        assert abs(found.n_s_per_strength - exact.n_s_per_strength) < 4.0 * found.n_s_per_strength_error
