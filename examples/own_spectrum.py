"""What does a spectrum of one's own do to the sensitivity?

Asked: dark matter of 20 GeV annihilates into two light particles, each of which decays into a neutrino and an
antineutrino: four neutrinos, evenly between 0 and 20 GeV, of all flavours alike. Beside it two taus, and a line.
Expect: the harder the neutrinos, the smaller the cross section that shows: the line first, then the box, then taus,
which make softer neutrinos and lose energy to other particles.
It hangs on: the spectrum above some 6 GeV, where the detector begins to see; what lies below does nothing.
"""

from pathlib import Path

import numpy as np
import pyarrow as pa

from core.configuration.config import read_config
from core.figures.run_spectra import run_spectra_figure
from core.stages.direct import made_products

MASS = 20.0
energy = np.geomspace(0.1, MASS, 200)  # GeV
each = np.full(200, 4 / 6 / MASS)  # of each of six species, per GeV and annihilation
np.savetxt("box.csv", np.column_stack([energy, each]), delimiter=",", header="energy,dn_de", comments="")

own = read_config(analysis="example-box", pairs={"box": [MASS]}, spectra={"file": str(Path("box.csv").resolve())})
usual = read_config(analysis="example-usual", pairs={"tautau": [MASS], "nunu": [MASS]})
stores = [made_products(config, "asimov") for config in (own, usual)]
rows = [row for store in stores for row in store.read("asimov").to_pylist()]
for row in sorted(rows, key=lambda row: row["sigma_v_sensitivity"]):
    print(f"{row['channel']:<7} {row['sigma_v_sensitivity']:.2e} cm³/s, {row['n_s_sensitivity']:.0f} events")

run_spectra_figure(pa.concat_tables([store.read("spectra") for store in stores])).savefig("own_spectrum.png")
