"""The shipped table at masses it does not hold, against events generated there."""

import numpy as np
import pytest

from core.spectra import produced_spectra
from core.spectra.assembly import produced
from core.spectra.generator import generate
from core.spectra.grid import X

pytest.importorskip("pythia8mc", reason="the generator is an extra")
pytestmark = pytest.mark.slow

TENTHS = 10.0 ** np.arange(-8.0, 0.01, 0.1)


@pytest.mark.parametrize(
    ("channel", "mass"), [("bb", 25.0), ("bb", 120.0), ("tautau", 15.0), ("mumu", 250.0), ("WW", 110.0), ("WW", 130.0)]
)
def test_interpolation_finds_what_the_generator_makes(channel, mass):
    made, found = produced(generate(channel, mass, 10_000, seed=77)), produced_spectra(channel, mass)
    by_flavour = [np.add(*np.split(pair.counts, 2)) for pair in (made, found)]
    errors = np.hypot(made.energy_fraction_error, found.energy_fraction_error)
    for index, name in enumerate(("nue", "numu", "nutau")):
        share = made.energy_fraction()[index]
        if share < 0.01:
            continue
        statistics = 3.0 * errors[index] / share
        generated, interpolated = (counts[index] for counts in by_flavour)
        for power, more in ((1, 1.0), (2, 1.6)):
            # The tail weighs more in E², and so does its statistical error.
            assert interpolated @ X**power == pytest.approx(generated @ X**power, rel=0.03 + more * statistics)
        in_bins = [
            sum(pair.spectrum(species).counts_in_bins(mass * TENTHS) for species in (name, f"{name}bar"))
            for pair in (made, found)
        ]
        energies = in_bins[0] * np.sqrt(TENTHS[1:] * TENTHS[:-1])
        weighty = energies > 0.01 * energies.sum()
        noise = 3.0 * np.sqrt(in_bins[0] * (1.0 / made.n_events + 1.0 / found.n_events))
        assert (np.abs(in_bins[1] - in_bins[0]) <= 0.1 * in_bins[0] + noise)[weighty].all()
