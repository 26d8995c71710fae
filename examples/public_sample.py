"""How small a cross section could the public sample show?

Asked: dark matter of 20 GeV that annihilates into two taus, in the public three-year sample.
Expect: a sensitivity of some 4e-21 cm³/s, two hundred signal events among 40,902, known to a few per cent from so few
trials, and close to what the densities alone say.
It hangs on: two galaxies, Willman 1 and Ursa Major II, which carry three quarters of it; and on a Galactic halo that
does not shine (halo.py).
"""

from core.configuration.config import read_config
from core.figures.test_statistic import trials_figure
from core.stages.direct import made_products

config = read_config(
    analysis="example-public-sample",
    pairs={"tautau": [20]},
    trials={"n_background": 20_000, "n_signal": 2_000},  # a result takes fifty times as many
)
store = made_products(config, "sensitivity", "asimov", "source_information")

(row,) = store.read("sensitivity").to_pylist()
print(f"sensitivity:    {row['sigma_v_sensitivity']:.2e} cm³/s, {row['n_s_sensitivity']:.0f} events")
print(f"68 % of skies:  {row['sigma_v_band_lo68']:.1e} to {row['sigma_v_band_hi68']:.1e} cm³/s")
(expected,) = store.read("asimov").to_pylist()
print(f"without trials: {expected['sigma_v_sensitivity']:.2e} cm³/s")
shares = store.read("source_information").sort_by([("slope_share", "descending")]).to_pylist()
print("carried by:     " + ", ".join(f"{share['source']} {share['slope_share']:.0%}" for share in shares[:2]))

figure = trials_figure(store.read("background_trials"), store.read("signal_trials"), store.read("sensitivity"))
figure.savefig("public_sample.png")
