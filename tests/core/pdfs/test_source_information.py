"""Patterns of single sources, the information of pairs, and cells in which all sources have one ratio."""

import numpy as np
import pyarrow as pa
import pytest

from core.errors import PhysicsError
from core.glossary import GLOSSARY
from core.pdfs.background import background_on_sky
from core.pdfs.one_sky import ratio_cells, signal_pdf
from core.pdfs.source_information import (
    information_of_table,
    pair_information,
    slope_share,
    source_cells,
    source_information_table,
    source_patterns,
)
from core.signal.expected_signal import ExpectedSignal, expected_signal
from core.spectra import spectra_table
from tests.core.pdfs.public_pairs import STATISTIC, public_pair
from tests.core.pdfs.source_pairs import cells, patterns

PAIR = ("tautau", 20.0)


@pytest.mark.slow
def test_the_sources_together_are_the_signal_of_the_pair() -> None:
    signal, average, background = public_pair(*PAIR).sky()
    found = patterns(*PAIR)
    total = found.signal.sum(axis=0)
    assert total / total.sum() == pytest.approx(signal.ravel(), abs=1e-12)
    excess = found.excess.sum(axis=0) / total.sum()
    assert excess == pytest.approx((signal - average).ravel(), abs=1e-12)
    assert found.background / found.n_events == pytest.approx(background.ravel(), abs=1e-15)
    assert found.n_events == pytest.approx(40_902)


def test_the_information_is_that_of_the_joint_likelihood() -> None:
    found = patterns(*PAIR)
    n_s_per_strength = found.signal.sum()
    uncertainty = n_s_per_strength / np.sqrt(found.information.sum())
    assert uncertainty == pytest.approx(public_pair(*PAIR).closed_form().n_s_uncertainty, rel=0.002)


def test_the_information_is_symmetric_and_positive() -> None:
    information = patterns(*PAIR).information
    assert np.array_equal(information, information.T) or information == pytest.approx(information.T, rel=1e-12)
    assert np.linalg.eigvalsh(information).min() > -1e-9 * np.trace(information)


def test_pair_information_by_hand() -> None:
    excess, background = np.array([[1.0, -1.0, 7.0], [2.0, 0.0, 7.0]]), np.array([1.0, 2.0, 0.0])
    assert pair_information(excess, background) == pytest.approx(np.array([[1.5, 2.0], [2.0, 4.0]]))


def test_no_function_of_declination_and_energy_is_seen() -> None:
    """The subtracted excess is orthogonal to what is even in right ascension."""
    found = patterns(*PAIR)
    rings = found.excess.reshape(30, -1, 12 * STATISTIC.nside**2)
    assert rings.sum(axis=2) == pytest.approx(0.0, abs=1e-9 * found.signal.sum())


def test_a_known_background_tells_more() -> None:
    pair = public_pair(*PAIR)
    known = source_patterns(pair.expected, pair.binned_background, STATISTIC.nside, "known")
    ratio = np.sqrt(known.information.sum() / patterns(*PAIR).information.sum())
    assert 1.3 < ratio < 1.6


def test_a_window_keeps_its_own_events() -> None:
    pair = public_pair(*PAIR)
    background = pair.binned_background
    edges = background.reco_energy_edges
    found = source_patterns(pair.expected, background, 16, "data", (float(edges[2]), float(edges[5])))
    assert found.shape[1] == 3
    share = background_on_sky(background, 16)[:, 2:5].sum()
    assert found.n_events == pytest.approx(share * background.n_events)


def test_merged_cells_keep_sums_and_nearly_all_information() -> None:
    whole, merged = patterns(*PAIR), cells(*PAIR)
    assert len(merged.background) == 512
    assert merged.background.sum() == pytest.approx(whole.background.sum())
    assert merged.signal.sum(axis=1) == pytest.approx(whole.signal.sum(axis=1))
    assert merged.excess.sum(axis=1) == pytest.approx(0.0, abs=1e-9 * whole.signal.sum())
    assert 0.0 < merged.information_loss < 0.002
    order = np.argsort(slope_share(whole.information))[::-1]
    assert merged.source_information_loss[order[:2]].max() < 0.03


@pytest.mark.slow
def test_more_cells_lose_less() -> None:
    losses = [cells(*PAIR, n_cells).information_loss for n_cells in (64, 256, 1024)]
    assert losses == sorted(losses, reverse=True)
    assert losses[-1] < 0.0011


def test_sources_without_a_pattern_have_no_share() -> None:
    with pytest.raises(PhysicsError, match="no information"):
        slope_share(np.zeros((2, 2)))


def test_products_hold_shares_and_the_matrix() -> None:
    table = source_information_table(patterns(*PAIR))
    assert table["source"].to_pylist()[0] == "Willman 1"
    assert sum(table["slope_share"].to_pylist()) == pytest.approx(1.0)
    assert np.array_equal(information_of_table(table), patterns(*PAIR).information)
    for column in table.schema:
        assert GLOSSARY[column.name].dtype == column.type


def source_at(dec_deg: float) -> ExpectedSignal:
    """One galaxy alone, at a declination."""
    pair = public_pair(*PAIR)
    one = pair.expected.sources.slice(0, 1)
    moved = one.set_column(one.schema.get_field_index("dec"), "dec", pa.array([np.radians(dec_deg)]))
    return expected_signal(pair.expected.response.to_table(), spectra_table(*PAIR), moved, PAIR[1])


@pytest.mark.parametrize("dec_deg", [0.0, 80.0, 89.0, -89.0, 89.7])
def test_one_source_has_the_information_of_its_own_ratio_cells_up_to_the_pole(dec_deg: float) -> None:
    expected, pair = source_at(dec_deg), public_pair(*PAIR)
    found = source_patterns(expected, pair.binned_background, STATISTIC.nside)
    table = signal_pdf(expected, pair.binned_background, STATISTIC.nside)
    merged = ratio_cells(table, pair.background, "data", STATISTIC.n_cells)
    uncertainty = found.signal.sum() / np.sqrt(found.information.sum())
    assert merged["n_s_uncertainty"][0].as_py() == pytest.approx(uncertainty, rel=0.005)
    assert slope_share(found.information) == pytest.approx([1.0])


@pytest.mark.parametrize("dec_deg", [90.0, -90.0, 89.999])
def test_a_source_at_the_pole_alone_gets_no_cells_to_draw_trials_from(dec_deg: float) -> None:
    expected, pair = source_at(dec_deg), public_pair(*PAIR)
    table = signal_pdf(expected, pair.binned_background, STATISTIC.nside)
    with pytest.raises(PhysicsError, match="too near to a celestial pole"):
        ratio_cells(table, pair.background, "data", STATISTIC.n_cells)


@pytest.mark.slow
def test_five_hundred_sources_are_as_right_as_their_sum() -> None:
    """The 30 galaxies many times, each with a part of its J factor, have the information of the 30."""
    pair = public_pair(*PAIR)
    copies = [k % 30 for k in range(510)]
    expected = pair.expected
    acceptance = type(expected.acceptance)(
        expected.acceptance.signal_counts[copies] / 17.0,
        expected.acceptance.n_s_per_strength[copies] / 17.0,
        expected.acceptance.n_s_per_strength_error[copies] / 17.0,
        expected.acceptance.total,
    )
    many = type(expected)(expected.response, acceptance, expected.sources.take(copies))
    found = source_patterns(many, pair.binned_background, STATISTIC.nside)
    assert found.information.sum() == pytest.approx(patterns(*PAIR).information.sum(), rel=1e-9)
    assert source_cells(found, 256).information_loss < 0.01
