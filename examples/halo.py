"""What does the halo of the Milky Way do to a search of dwarf galaxies?

Asked: dark matter that annihilates into two taus, at 10 and 50 GeV, in galaxies alone and in galaxies and halo at once.
Expect: the halo is hundreds of times brighter than all galaxies together. At the sensitivity of the galaxies alone it
would give several times as many events as the sample has: that number is conditional on a halo that does not shine.
Searched for together, both show at a cross section hundreds of times smaller.
It hangs on: the shape of the halo. NFW has a cusp in the middle, Burkert a core; truth may lie between.
"""

from core.configuration.config import read_config
from core.figures.limits import channel_limits_figure
from core.stages.direct import made_products

N_EVENTS = 40_902  # of the public sample
config = read_config(analysis="example-halo", pairs={"tautau": [10, 50]})
store = made_products(config, "asimov", "halo")

for row in store.read("halo").to_pylist():
    if row["profile"] in ("nfw", "burkert"):
        alone, both = row["sigma_v_sensitivity_asimov"], row["sigma_v_sensitivity_asimov_same_cross_section"]
        events = row["n_events_per_sigma_v"] * alone
        print(f"{row['mass']:g} GeV, {row['profile']}: {row['halo_over_sources']:.0f} times the galaxies' J")
        print(f"  galaxies alone {alone:.1e} cm³/s: the halo would give {events / N_EVENTS:.1f} times the sample")
        print(f"  galaxies and halo {both:.1e} cm³/s")

expected = store.read("asimov")  # has the columns of a sensitivity
channel_limits_figure(expected, "tautau", halo=store.read("halo")).savefig("halo.png")
