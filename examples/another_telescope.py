"""What would another telescope see of the same galaxies?

Asked: the detector of the tables below, once where IceCube is and once in the Mediterranean, both for 1000 days, with
dark matter of 20 GeV that annihilates into two taus. Its numbers are made up; those of a real one take their place.
Expect: the Earth shields it from below. At the South Pole that is the north, where Willman 1 and Ursa Major II stand;
from 43° north these two never set, and are seen from above alone, where the area is small, while galaxies of the south
are seen from below. So the Mediterranean needs a larger cross section, and Horologium I takes the lead there.
It hangs on: the area below and above the horizon. Errors of the tables are not known.
"""

from itertools import pairwise, product
from math import exp
from pathlib import Path

import numpy as np
import pandas as pd

from core.configuration.config import read_config
from core.figures.source_counts import source_counts_figure
from core.figures.style import BINNED_SAMPLE_CAVEATS
from core.response.tabulated import write_telescope
from core.stages.direct import made_products

FLAVOURS = ("nue", "numu", "nutau", "nuebar", "numubar", "nutaubar")
CLASSES = {"cascade": 26.0, "track": 20.0}  # median angle in degrees at 10 GeV
energies = list(pairwise(np.geomspace(2.0, 200.0, 21).tolist()))
measured = energies[2:-2]  # bins of reconstructed energy
bands = list(pairwise(np.linspace(-1.0, 1.0, 21).tolist()))


def area_m2(low: float, cos_zenith: float) -> float:
    """Grows with energy, and falls above the horizon."""
    return 1e-6 * low**2 / (1.0 + low / 40.0) / (1.0 + exp(8.0 * cos_zenith))


def resolved(true: tuple[float, float]) -> list[float]:
    """Shares of events in bins of reconstructed energy: a bell in the logarithm of the energy."""
    bell = [exp(-0.5 * (np.log(bin_[0] / true[0]) / 0.35) ** 2) for bin_ in energies]
    return [value / sum(bell) for value in bell][2:-2]


def write(folder: Path, latitude_deg: float) -> None:
    """Write the five files of a telescope."""
    folder.mkdir(exist_ok=True)
    told = f'name = "made up"\nlatitude_deg = {latitude_deg}\nlivetime_days = 1000\n'
    (folder / "detector.toml").write_text(told)
    true, reco = ["energy_low", "energy_high"], ["reco_energy_low", "reco_energy_high"]
    zenith = ["cos_zenith_low", "cos_zenith_high"]
    cells = product(FLAVOURS, CLASSES, energies, bands)
    areas = [(flavour, name, *e, *band, area_m2(e[0], sum(band) / 2.0)) for flavour, name, e, band in cells]
    of_true = [(name, e) for name in CLASSES for e in energies]
    shares = [(name, *e, *r, share) for name, e in of_true for r, share in zip(measured, resolved(e), strict=True)]
    angles = [(name, *e, CLASSES[name] * (e[0] / 10.0) ** -0.4) for name, e in of_true]
    counts = [(name, *r, *band, 450.0 * (r[0] / 10.0) ** -0.8) for name, r, band in product(CLASSES, measured, bands)]
    for file, rows, columns in (
        ("effective_area", areas, ["flavour", "event_class", *true, *zenith, "effective_area_m2"]),
        ("energy_migration", shares, ["event_class", *true, *reco, "probability"]),
        ("angular_error", angles, ["event_class", *true, "median_angle_deg"]),
        ("event_counts", counts, ["event_class", *reco, *(f"reco_{name}" for name in zenith), "n_events"]),
    ):
        pd.DataFrame(rows, columns=columns).to_csv(folder / f"{file}.csv", index=False)


for place, latitude_deg in (("south-pole", -90.0), ("mediterranean", 43.0)):
    write(Path(place), latitude_deg)
    _, (response, counted) = write_telescope(Path(place), Path(place), ("response.parquet", "counts.parquet"))
    config = read_config(
        analysis=f"example-{place}",
        sample="binned",
        binned={"response": str(response.resolve()), "event_counts": str(counted.resolve())},
        pairs={"tautau": [20]},
    )
    store = made_products(config, "asimov", "source_counts")
    (expected,) = store.read("asimov").to_pylist()
    seen = store.read("source_counts").to_pandas().set_index("source")["n_signal_in_angle_per_sigma_v"]
    print(f"{place:<13} {expected['sigma_v_sensitivity']:.2e} cm³/s, {expected['n_s_sensitivity']:.0f} events")
    print("  " + ", ".join(f"{name} {share:.0%}" for name, share in (seen / seen.sum()).nlargest(4).items()))

source_counts_figure(store.read("source_counts"), BINNED_SAMPLE_CAVEATS).savefig("another_telescope.png")
