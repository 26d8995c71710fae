"""The configuration that analyses the files made of the ten-year point-source release, in the release's own bins."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from core.response.point_source_tables import Smearing, TabulatedArea

Reals = NDArray[np.float64]

LOG10_HIGHEST = 3.0  # no spectrum of this package goes beyond 1000 GeV
# Reconstructed energies are told apart in the decades where the muons of such neutrinos are; two bins hold the rest.
LOG10_INNER: Reals = np.arange(8, 17) / 4.0
N_BANDS = 40  # of reconstructed cos zenith: 2.9 deg each at the horizon
_CONFIGURATION = """\
# The ten-year point-source release of IceCube (DOI 10.21234/sxvs-mt83), tracks; simulated events are drawn from its
# effective area and smearing matrix. Masses from 300 GeV on are worth asking for: below 100 GeV it sees nothing.
analysis = "ten-years"
sample = "own"

[events]
format = "parquet"
data = ["*_data.parquet"]
simulation = ["*_simulation.parquet"]
good_runs = ["*_good_runs.npy"]

[pairs]
tautau = [500, 1000]
mumu = [500, 1000]

[statistic]
nside = 64

[bins]
reco_energy_edges = {reco_energy}
reco_cos_zenith_edges = {reco_cos_zenith}
true_cos_zenith_edges = {true_cos_zenith}
"""


def point_source_configuration(area: TabulatedArea, smearings: Iterable[Smearing]) -> str:
    """Return the settings as TOML: energies that hold every neutrino below 1000 GeV, the area's own declinations."""
    true_cos_zenith = -area.sin_dec_edges[::-1] + 0.0
    return _CONFIGURATION.format(
        reco_energy=_numbers(10.0 ** reco_log10_energies(smearings)),
        reco_cos_zenith=_numbers(np.linspace(-1.0, 1.0, N_BANDS + 1)),
        true_cos_zenith=_numbers(true_cos_zenith),
    )


def reco_log10_energies(smearings: Iterable[Smearing]) -> Reals:
    """Return edges of reconstructed energy, log10 GeV, between which all neutrinos below 1000 GeV are found."""
    found = [smearing.reco_log10_energies(LOG10_HIGHEST) for smearing in smearings]
    lowest = np.floor(min(low for low, _ in found) - 1e-9)
    highest = np.ceil(max(high for _, high in found) + 1e-9)
    inner = LOG10_INNER[np.searchsorted(LOG10_INNER, lowest, side="right") : np.searchsorted(LOG10_INNER, highest)]
    return np.concatenate([[lowest], inner, [highest]])


def _numbers(values: Reals) -> str:
    return "[" + ", ".join(f"{value:.8g}" for value in values) + "]"
