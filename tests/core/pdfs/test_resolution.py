"""Pixels and merged cells are fine enough: what halving and doubling them changes."""

from dataclasses import replace

import pyarrow as pa
import pytest

from core.dark_matter.channels import PUBLISHED_PAIRS
from core.signal.acceptance import MAX_RELATIVE_ERROR
from tests.core.pdfs.public_pairs import STATISTIC, public_pair
from tests.core.pdfs.simulated_pairs import simulated_pair

COARSE_NSIDE = 16
LARGEST_LOSS = 1e-4
# The softest and hardest continua and the lines, whose kernels are the narrowest.
PUBLIC_PAIRS = [
    ("mumu", 5.0),
    ("bb", 10.0),
    ("tautau", 50.0),
    ("WW", 90.0),
    ("mumu", 300.0),
    ("nunu", 30.0),
    ("nunu", 50.0),
]
SIMULATED_PAIRS = [("mumu", 5.0), ("bb", 300.0), ("mumu", 300.0), ("nunu", 30.0), ("nunu", 300.0)]


def test_the_default_is_what_is_tested() -> None:
    assert (STATISTIC.nside, STATISTIC.n_cells, STATISTIC.background) == (32, 512, "data")


@pytest.mark.slow
@pytest.mark.parametrize(("channel", "mass"), PUBLIC_PAIRS)
def test_half_the_resolution_or_twice_the_cells_leave_the_public_sensitivity(channel: str, mass: float) -> None:
    pair = public_pair(channel, mass)
    default = pair.closed_form().sensitivity
    assert pair.closed_form(nside=COARSE_NSIDE).sensitivity == pytest.approx(default, rel=0.01)
    assert pair.closed_form(n_cells=2 * STATISTIC.n_cells).sensitivity == pytest.approx(default, rel=0.01)


@pytest.mark.slow
@pytest.mark.parametrize(("channel", "mass"), SIMULATED_PAIRS)
def test_half_the_resolution_or_twice_the_cells_leave_the_simulated_sensitivity(channel: str, mass: float) -> None:
    pair = simulated_pair(channel, mass)
    default = pair.closed_form().sensitivity
    assert pair.closed_form(nside=COARSE_NSIDE).sensitivity == pytest.approx(default, rel=0.01)
    assert pair.closed_form(n_cells=2 * STATISTIC.n_cells).sensitivity == pytest.approx(default, rel=0.01)


@pytest.mark.slow
@pytest.mark.parametrize(("channel", "mass"), [("tautau", 20.0), ("nunu", 50.0)])
def test_the_extent_of_the_sources_hardly_matters(channel: str, mass: float) -> None:
    """Angular errors are degrees; J profiles within 0.5 deg have an rms of 0.07 to 0.18 deg per axis."""
    pair = public_pair(channel, mass)
    sources = pair.expected.sources
    place = sources.column_names.index("half_light_radius")
    for factor in (0.0, 2.0):
        extent = pa.array(factor * sources["half_light_radius"].to_numpy())
        other = replace(pair.expected, sources=sources.set_column(place, "half_light_radius", extent))
        found = replace(pair, expected=other).closed_form(nside=COARSE_NSIDE).sensitivity
        assert found == pytest.approx(pair.closed_form(nside=COARSE_NSIDE).sensitivity, rel=1e-3)


@pytest.mark.slow
def test_merging_loses_less_than_a_ten_thousandth_for_every_pair_of_the_public_sample() -> None:
    """On the coarser pixels, which are a quarter of the work: the loss is that of the steps in R."""
    losses = {}
    for channel, mass in PUBLISHED_PAIRS:
        pair = public_pair(channel, mass)
        if pair.expected.acceptance.total.relative_error < MAX_RELATIVE_ERROR:
            cells = pair.ratio_cells(COARSE_NSIDE)
            losses[channel, mass] = cells["fisher_information_loss"][0].as_py()
    assert len(losses) == 39
    assert max(losses.values()) < LARGEST_LOSS


@pytest.mark.slow
def test_merging_loses_less_than_a_ten_thousandth_for_every_pair_of_the_simulated_sample() -> None:
    losses = [simulated_pair(*pair).ratio_cells(COARSE_NSIDE).fisher_information_loss for pair in PUBLISHED_PAIRS]
    assert len(losses) == 44
    assert max(losses) < LARGEST_LOSS
