"""What if: two sources by hand, and the joint likelihood's own closed form with other galaxies and livetimes."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import PhysicsError
from core.inference.what_if import WhatIf
from core.likelihood.closed_form import ClosedForm, closed_form
from core.pdfs.one_sky import ratio_cells, signal_pdf
from core.pdfs.source_information import slope_share
from core.signal.acceptance import Acceptance, TotalAcceptance
from core.signal.expected_signal import ExpectedSignal
from tests.core.pdfs.public_pairs import STATISTIC, public_pair
from tests.core.pdfs.source_pairs import patterns

PAIR = ("tautau", 20.0)
TWO = np.array([[4.0, 2.0], [2.0, 9.0]])


def test_two_sources_by_hand() -> None:
    """ω = (1, 2): ω·I·ω = 4 + 2·2·2 + 4·9 = 48, of which the first has 4 + 4 and the second 4 + 36; nominal is 17."""
    doubled = WhatIf(np.array([1.0, 2.0]))
    assert doubled.sensitivity_ratio(TWO) == pytest.approx(np.sqrt(17.0 / 48.0))
    assert doubled.shares(TWO) == pytest.approx([8.0 / 48.0, 40.0 / 48.0])


def test_nothing_changed_is_nominal() -> None:
    same = WhatIf(np.ones(2))
    assert same.sensitivity_ratio(TWO) == 1.0
    assert same.shares(TWO) == pytest.approx(slope_share(TWO))


@given(st.floats(1e-3, 1e3), st.floats(1e-3, 1e3))
def test_all_factors_alike_and_livetime_are_powers(factor: float, livetime: float) -> None:
    """Of twice the J factors half the strength is seen, of four times the livetime too."""
    found = WhatIf(np.full(2, factor), livetime)
    assert found.sensitivity_ratio(TWO) == pytest.approx(1.0 / factor / np.sqrt(livetime))
    assert found.shares(TWO) == pytest.approx(slope_share(TWO))


@pytest.mark.parametrize("livetime", [0.0, -1.0, np.inf, np.nan])
def test_a_livetime_is_positive(livetime: float) -> None:
    with pytest.raises(PhysicsError, match="times the livetime"):
        WhatIf(np.ones(2), livetime).sensitivity_ratio(TWO)


def test_without_any_source_there_is_nothing() -> None:
    nothing = WhatIf(np.zeros(2))
    with pytest.raises(PhysicsError, match="give other ones"):
        nothing.sensitivity_ratio(TWO)
    with pytest.raises(PhysicsError, match="give other ones"):
        nothing.shares(TWO)


def weighted(expected: ExpectedSignal, weights: np.ndarray) -> ExpectedSignal:
    """The same sources, their J factors times weights."""
    own = expected.acceptance
    n_s, error = own.n_s_per_strength * weights, own.n_s_per_strength_error * weights
    total = TotalAcceptance(float(n_s.sum()), own.total.n_s_per_strength_error)
    counts = own.signal_counts * weights[:, None, None, None, None]
    return replace(expected, acceptance=Acceptance(counts, n_s, error, total, own.process))


def law(weights: np.ndarray, livetime: float = 1.0) -> tuple[ClosedForm, float]:
    """The closed form of the joint likelihood's cells with other J factors and livetime; events per ⟨σv⟩."""
    pair = public_pair(*PAIR)
    sky = signal_pdf(weighted(pair.expected, weights), pair.binned_background, STATISTIC.nside)
    cells = ratio_cells(sky, pair.background, "data", STATISTIC.n_cells)
    columns = ("background_probability", "signal_probability", "ratio", "signal_average_probability")
    background, signal, ratio, average = (cells[name].to_numpy() for name in columns)
    n_events = round(livetime * cells["n_events"][0].as_py())
    return (
        closed_form(background, signal, ratio, n_events, signal_average=average),
        livetime * float(cells["n_s_per_sigma_v"][0].as_py()),
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("what", "livetime", "within"),
    [("without the brightest", 1.0, 0.01), ("half of Ursa Major II", 1.0, 0.01), ("nothing", 4.0, 0.03)],
)
def test_it_is_what_the_joint_likelihood_expects(what: str, livetime: float, within: float) -> None:
    """Of σ(n_s) to the loss of cells; of the sensitivity but for what single events add to a Gaussian."""
    found = patterns(*PAIR)
    weights = np.ones(len(found.sources))
    if what == "without the brightest":
        weights[np.argmax(slope_share(found.information))] = 0.0
    if what == "half of Ursa Major II":
        weights[found.sources.index("Ursa Major II")] = 0.5
    ratio = WhatIf(weights, livetime).sensitivity_ratio(found.information)
    (nominal, per_strength), (changed, changed_per_strength) = law(np.ones_like(weights)), law(weights, livetime)
    scale = per_strength / changed_per_strength
    assert changed.n_s_uncertainty / nominal.n_s_uncertainty * scale == pytest.approx(ratio, rel=0.002)
    assert changed.sensitivity / nominal.sensitivity * scale == pytest.approx(ratio, rel=within)
