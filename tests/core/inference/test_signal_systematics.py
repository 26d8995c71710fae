"""The closed form of a sensitivity whose yields vary."""

from dataclasses import replace
from functools import cache

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtr, ndtri

from core.dark_matter.channels import FLAVOURS
from core.errors import PhysicsError
from core.inference.signal_systematics import SignalParts, parts_inside, relative_yields
from core.pdfs.background import BinnedBackground
from core.pdfs.one_sky import signal_pdf
from core.response.hyperplanes import NEUTRINO_GROUPS
from core.response.model import EVENT_CLASSES
from core.signal.acceptance import source_acceptance
from core.signal.expected_signal import ExpectedSignal
from core.signal.windows import Window
from core.spectra.spectrum import Spectrum
from tests.core.response.response_cases import BANDS, RECO_ENERGY_EDGES, uneven_response

MASS = 50.0
YIELDS = np.full((4, 2), 1e20)
PARTS = SignalParts(YIELDS, np.array([0.2, 0.4]), np.array([0.3, 0.6]), 0.3, 1_000_000)


def test_a_signal_far_below_the_background_needs_its_gaussian_number_of_events() -> None:
    """n s = z (N I)^½ with n = 8e20 per strength and s = 0.3, to the share of signal in the variance."""
    expected = float(ndtri(0.9)) * np.sqrt(1e6 * 0.3) / 0.3 / 8e20
    assert PARTS.sensitivity(YIELDS[None])[0] == pytest.approx(expected, rel=2e-3)


def test_what_is_seen_more_often_is_found_at_a_smaller_strength() -> None:
    nominal, more = PARTS.sensitivity(np.array([YIELDS, 1.25 * YIELDS]))
    assert more == pytest.approx(nominal / 1.25, rel=1e-9)


def test_the_marginalised_strength_is_the_root_of_the_mean_exclusion() -> None:
    assert PARTS.marginalised_sensitivity(YIELDS[None]) == pytest.approx(PARTS.sensitivity(YIELDS[None])[0], rel=1e-6)
    draws = np.array([0.8 * YIELDS, 1.2 * YIELDS])
    low, high = sorted(PARTS.sensitivity(draws))
    marginalised = PARTS.marginalised_sensitivity(draws)
    assert low < marginalised < high
    assert marginalised > PARTS.sensitivity(YIELDS[None])[0]


@settings(max_examples=40, deadline=None)
@given(draws=st.lists(st.floats(0.3, 3.0), min_size=1, max_size=6))
def test_a_sensitivity_excludes_in_nine_of_ten_gaussian_skies(draws: list[float]) -> None:
    """At n = strength × yield: Φ[n s / √(N I + n (K - I) - n² s²/N)] = 0.9 of every draw, and in the mean of all."""
    yields = np.array(draws)[:, None, None] * YIELDS
    score, square, n_per_strength = 0.3, 0.45, 8e20 * np.array(draws)

    def excluded(strength: float | np.ndarray) -> np.ndarray:
        n = strength * n_per_strength
        variance = PARTS.n_events * PARTS.information + n * (square - PARTS.information)
        return np.asarray(ndtr(n * score / np.sqrt(variance - (n * score) ** 2 / PARTS.n_events)))

    np.testing.assert_allclose(excluded(PARTS.sensitivity(yields)), 0.9, rtol=1e-9)
    assert excluded(PARTS.marginalised_sensitivity(yields)).mean() == pytest.approx(0.9, rel=1e-6)


def test_a_signal_that_all_events_could_not_show_has_no_marginalised_strength() -> None:
    """30 events with a score of 0.1 σ each: all of them are 0.55 σ."""
    few = SignalParts(YIELDS, np.full(2, 0.1), np.full(2, 1.0), 1.0, 30)
    with pytest.raises(PhysicsError, match="no signal within the number of events is excluded in 90 % of skies"):
        few.marginalised_sensitivity(YIELDS[None])


def test_a_part_of_a_larger_score_finds_more_than_one_of_a_smaller() -> None:
    first, second = YIELDS.copy(), YIELDS.copy()
    first[:, 1], second[:, 0] = 0.0, 0.0  # the second part's score is twice the first's
    found = PARTS.sensitivity(np.array([first, second]))
    assert found[0] / found[1] == pytest.approx(2.0, rel=5e-3)


@cache
def plain_signal() -> ExpectedSignal:
    galaxies = pa.table(
        {"source": ["A", "B"], "dec": [0.4, -0.6], "half_light_radius": [0.0, 0.0], "j_factor": [1e20, 3e19]}
    )
    response = uneven_response()
    return ExpectedSignal(response, source_acceptance(response, falling(1.0), galaxies, MASS), galaxies)


def falling(scale: float, *only: str) -> dict[str, Spectrum]:
    energy = np.geomspace(2.0, MASS, 30)
    return {name: Spectrum(energy, (scale if not only or name in only else 1.0) * energy**-2.0) for name in FLAVOURS}


ALL_PARTS = np.arange(2 * 3)  # two classes, three reconstructed energies


def test_spectra_that_are_the_same_leave_every_yield_and_twice_as_many_double_it() -> None:
    signal = plain_signal()
    np.testing.assert_allclose(relative_yields(signal, falling(1.0), falling(1.0), ALL_PARTS), 1.0)
    np.testing.assert_allclose(relative_yields(signal, falling(1.0), falling(2.0), ALL_PARTS), 2.0)


def test_more_tau_neutrinos_are_seen_in_their_group_and_in_that_of_neutral_currents_alone() -> None:
    found = relative_yields(plain_signal(), falling(1.0), falling(3.0, "nutau", "nutaubar"), ALL_PARTS)
    groups = dict(zip(NEUTRINO_GROUPS, found, strict=True))
    np.testing.assert_allclose(groups["nutau_cc"], 3.0)
    np.testing.assert_allclose([groups["nue_cc"], groups["numu_cc"]], 1.0)
    assert np.all((groups["all_nc"] > 1.0) & (groups["all_nc"] < 3.0))


@pytest.mark.parametrize(
    ("window", "parts"), [(None, [0, 1, 2, 3, 4, 5]), ((10.0, 50.0), [1, 2, 4, 5]), ((5.0, 10.0), [0, 3])]
)
def test_parts_are_classes_times_the_energies_of_the_search(window: Window | None, parts: list[int]) -> None:
    background = BinnedBackground(EVENT_CLASSES, RECO_ENERGY_EDGES, BANDS, np.full((2, 3, 4), 1.0 / 24.0), 24_000)
    galaxies = plain_signal().sources.append_column("ra", pa.array([0.0, 1.0]))
    table = signal_pdf(replace(plain_signal(), sources=galaxies), background, 4, window)
    assert parts_inside(table, plain_signal().response).tolist() == parts
