"""Is a signal that is put in found again?

Asked: a simulated sample of seven years, 119,000 events, with dark matter of 20 GeV and ⟨σv⟩ = 2e-20 cm³/s among them.
Its sky is sealed like that of measured data; `dwarfnu unblind` opens it, once its digest is named.
Expect: a sensitivity of some 3e-21 cm³/s, so a signal of some 8σ, and a best fit whose 68 % interval holds the truth,
as it does for two of three skies.
It hangs on: a detector that is taken as known, and J factors too: the same galaxies with the same J made the signal.
For a minute's sake the response is from few simulated events in wide bins; the defaults take some minutes.
"""

import subprocess
import sys
from pathlib import Path

from core.configuration.config import read_config
from core.figures.observed_sky import observed_figure
from core.stages.direct import made_products
from core.stages.unblinding import unblinding_plan

SETTINGS = """
analysis = "example-found-signal"
sample = "simulated-7y"
seed = 2
[pairs]
tautau = [20]
[simulated]
n_simulated = 350_000
injected = [{ channel = "tautau", mass = 20, sigma_v = 2e-20 }]
[bins]
reco_energy_edges = [5.6234, 10, 17.78, 31.62, 56.23, 178, 1000]
[trials]
n_background = 10_000
n_signal = 1_000
[limits]
n_common_skies = 200
"""
Path("found_signal.toml").write_text(SETTINGS, encoding="utf-8")
config = read_config(Path("found_signal.toml"))
store = made_products(config, "sensitivity", "discovery_potential")
(row,) = store.read("sensitivity").to_pylist()
print(f"before: sensitivity {row['sigma_v_sensitivity']:.2e} cm³/s")

digest = unblinding_plan(config, store).digest
dwarfnu = [sys.executable, "-m", "flows.cli"]  # `dwarfnu`, with this very Python
subprocess.run([*dwarfnu, "unblind", "found_signal.toml", "--i-mean", digest], check=True, stdout=subprocess.DEVNULL)
(found,) = store.read("observed").to_pylist()
print(f"found:  {found['sigma_v_best_fit']:.2e} cm³/s, {found['n_s']:.0f} of {found['n_events']} events")
print(f"68 %:   {found['sigma_v_interval_lo']:.2e} to {found['sigma_v_interval_hi']:.2e} cm³/s, put in: 2.00e-20")
print(f"p:      {found['p_value']:.0e}, test statistic {found['test_statistic']:.1f}")

observed_figure(store.read("observed"), ("SIMULATED sky, no measurement",)).savefig("found_signal.png")
