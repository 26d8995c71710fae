"""PPPC4DMID's spectra are smoothed in log10 x: one kernel, taken from muons, explains them all."""

import numpy as np
import pytest

from core.spectra import produced_spectra
from core.spectra.former_tau_decays import SHIFTS
from core.spectra.grid import LOG10_X, X, trapezoid_widths

# Fitted to νe of mumu at 10, 50 and 100 GeV, which agree to 0.001: every neutrino is put at log10 x - 0.015 ± 0.074,
# and what would leave the table above x = 1 is put back into it.
SHIFT, WIDTH = -0.015, 0.074


def smoothed(counts, nodes):
    kernel = np.exp(-(((nodes[:, None] - (LOG10_X + SHIFT)) / WIDTH) ** 2) / 2.0)
    return (kernel / (trapezoid_widths(nodes) @ kernel)) @ counts


def both(channel, mass, flavour, folder):
    """Return PPPC's nodes, its dN/dlog10x and ours, smoothed, of one neutrino."""
    theirs, ours = produced_spectra(channel, mass, folder), produced_spectra(channel, mass)
    nodes = theirs.log10_x
    counts = (ours.counts[flavour] + ours.counts[flavour + 3]) / 2.0
    return nodes, theirs.counts[flavour] / trapezoid_widths(nodes), smoothed(counts, nodes), counts @ X


def energy(nodes, density):
    return trapezoid_widths(nodes) @ (density * 10.0**nodes)


@pytest.mark.parametrize("mass", [10.0, 50.0, 100.0])
@pytest.mark.parametrize("flavour", [0, 1])
def test_the_kernel_makes_pppcs_muon_of_the_exact_one(real_data, mass, flavour):
    nodes, theirs, ours, unsmoothed = both("mumu", mass, flavour, real_data / "pppc")
    # On the last node stands what was put back below x = 1, which no kernel tells.
    upper = (nodes > -1.5) & (nodes < 0.0)
    assert np.abs(ours - theirs)[upper].max() < 0.05 * theirs.max()
    assert energy(nodes, ours) / energy(nodes, theirs) == pytest.approx(1.0, abs=0.01)
    assert energy(nodes, ours) / unsmoothed == pytest.approx(0.975, abs=0.003)


@pytest.mark.parametrize(
    ("channel", "mass", "flavour", "within"),
    [
        *(("bb", mass, flavour, 0.013) for mass in (20.0, 100.0, 300.0) for flavour in (0, 1)),
        *(("tautau", mass, 2, 0.012) for mass in (20.0, 100.0, 150.0, 300.0)),
        *(("WW", mass, 2, 0.04) for mass in (100.0, 150.0, 300.0)),
    ],
)
def test_with_the_kernel_and_the_former_tau_decays_nothing_is_left(real_data, channel, mass, flavour, within):
    nodes, theirs, ours, _ = both(channel, mass, flavour, real_data / "pppc")
    former = SHIFTS[channel].factor if flavour == 2 else 1.0
    assert energy(nodes, ours) / former / energy(nodes, theirs) == pytest.approx(1.0, abs=within)
