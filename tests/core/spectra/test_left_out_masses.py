"""The shipped table at each of its own masses, interpolated as if that mass were not in it."""

import numpy as np
import pytest

from core.dark_matter.channels import LINE_CHANNELS
from core.spectra.grid import X
from core.spectra.production import FURTHER_MASSES
from core.spectra.shipped import shipped_table
from core.spectra.spectrum import ProducedSpectra
from core.spectra.table import SpectrumTable

TENTHS = 10.0 ** np.arange(-8.0, 0.01, 0.1)
N_SIGMA = 3.0


def left_out(channel, mass) -> tuple[ProducedSpectra, ProducedSpectra]:
    table = shipped_table()
    others = {other: pair for other, pair in table.pairs[channel].items() if other != mass}
    return table.pairs[channel][mass], SpectrumTable("the rest", {channel: others}, table.at_rest).production(
        channel, mass
    )


def in_tenths(pair, flavour):
    """Return neutrinos and antineutrinos of the continuum in tenths of a decade of x."""
    of_both = [pair.spectrum(species).counts_in_bins(pair.mass * TENTHS) for species in (flavour, f"{flavour}bar")]
    # Differences of cumulated counts leave -1e-17 in empty bins.
    return np.maximum(np.sum(of_both, axis=0), 0.0)


@pytest.mark.slow
@pytest.mark.parametrize("channel", sorted(FURTHER_MASSES))
def test_a_mass_left_out_is_found_again(channel):
    """3 % in the energy and in ∫E² dN/dE, 10 % in each bin of more than 1 % of the energy, beyond 3σ of both runs."""
    for mass in sorted(shipped_table().pairs[channel])[1:-1]:
        made, found = left_out(channel, mass)
        for index, flavour in enumerate(("nue", "numu", "nutau")):
            carried = [
                [
                    (pair.counts[index] + pair.counts[index + 3]) @ X**power + pair.line[index] + pair.line[index + 3]
                    for power in (1, 2)
                ]
                for pair in (made, found)
            ]
            if carried[0][0] < 0.02:
                continue
            errors = [
                2.0 * (pair.energy_fraction_error[index] + pair.energy_fraction_error[index + 3])
                for pair in (made, found)
            ]
            noise = N_SIGMA * np.hypot(*errors) / carried[0][0]
            # The tail weighs more in E², and so does its statistical error.
            for power, generated, interpolated in zip((1.0, 1.6), *carried, strict=True):
                assert interpolated == pytest.approx(generated, rel=0.03 + power * noise), (mass, flavour)
            generated, interpolated = in_tenths(made, flavour), in_tenths(found, flavour)
            energies = generated * np.sqrt(TENTHS[1:] * TENTHS[:-1])
            weighty = energies > 0.01 * carried[0][0]
            allowed = 0.1 * generated + N_SIGMA * np.sqrt(generated * (1.0 / made.n_events + 1.0 / found.n_events))
            assert (np.abs(interpolated - generated) <= allowed)[weighty].all(), (mass, flavour)


def test_lines_keep_their_weight_between_masses():
    for channel in LINE_CHANNELS[1:]:
        made, found = left_out(channel, 150.0)
        assert found.line == pytest.approx(made.line, abs=0.01)
