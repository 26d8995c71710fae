"""How long must dark matter live, if it decays?

Asked: dark matter of 20 to 200 GeV that decays into two taus. A decay needs D factors, the integral of the density, in
the place of J, that of its square. The shipped catalogue has none; here they follow from the NFW profiles that the
stage `dwarf_profiles` fits to the J factors, each cut off at its tidal radius:
    D = (1/d²) [M(r_t) − ∫_R^{r_t} 4πr² ρ(r) (1 − R²/r²)^½ dr],  R = d sin 0.5°.
Expect: lifetimes near 1e21 s, a thousand times the age of the universe (4e17 s) and more. Decay of mass m has the
spectrum of annihilation at m/2. Galaxies differ less than by J: D goes by density, J by its square.
It hangs on: the profiles. J tells the density's square, and D more of the outskirts, where no star is seen.
"""

from pathlib import Path

import numpy as np

from core.configuration.config import read_config
from core.dark_matter.sources import catalogue_path, read_catalogue
from core.figures.limits import channel_limits_figure
from core.stages.direct import made_products
from core.units import DEGREE, KILOPARSEC


def d_factor(scale_density: float, scale_radius: float, tidal_radius: float, distance: float) -> float:
    """Return D (GeV cm⁻²) within 0.5° of an NFW profile; density in GeV cm⁻³, lengths in kpc."""
    radius = np.geomspace(1e-6 * scale_radius, tidal_radius, 20_001)
    reach = min(distance * np.sin(0.5 * DEGREE), tidal_radius)
    x = radius / scale_radius
    shells = 4 * np.pi * radius**2 * scale_density / (x * (1 + x) ** 2)
    outside = np.sqrt(np.clip(1 - (reach / radius) ** 2, 0, None))
    return float(np.trapezoid(shells * (1 - outside), radius) / distance**2 * KILOPARSEC)


profiles = made_products(read_config(analysis="example-profiles"), "dwarf_profiles").read("dwarf_profiles").to_pandas()
catalogue = read_catalogue(catalogue_path(read_config().sources)).merge(profiles, on="source")
columns = ["scale_density", "scale_radius_kpc", "tidal_radius_kpc", "distance_kpc"]
catalogue["log10_d_factor_0.5deg"] = [np.log10(d_factor(*row)) for row in catalogue[columns].to_numpy()]
given = ["source", "ra_deg", "dec_deg", "distance_kpc", "half_light_radius_arcmin", "log10_d_factor_0.5deg"]
catalogue[given].to_csv("with-d-factors.csv", index=False)

config = read_config(
    analysis="example-decay",
    process="decay",
    pairs={"tautau": [20, 40, 100, 200]},
    sources={"catalogue": str(Path("with-d-factors.csv").resolve())},
)
store = made_products(config, "asimov")
brightest = store.read("sources").sort_by([("log10_d_factor", "descending")]).to_pylist()[:3]
print("brightest: " + ", ".join(f"{row['source']} {row['log10_d_factor']:.1f}" for row in brightest))
for row in store.read("asimov").to_pylist():
    print(f"{row['mass']:g} GeV: lifetime {1 / row['decay_rate_sensitivity']:.1e} s")

channel_limits_figure(store.read("asimov"), "tautau").savefig("decay.png")
