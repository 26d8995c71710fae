"""How near what is expected without trials comes to trials, of every pair of the public sample.

    python -m benchmarks.asimov_bands [n_background n_signal]

Each pair is made by its stages in a folder that goes with it: a million background trials and half a million signal
trials a number of injected events, for the edge of a band that lies near no signal hangs on few of the trials (at
a quarter of a standard deviation of n_s, 10,000 trials are 6 % of it). Prints the ratios pair by pair, then how far
the farthest of each column is from 1.
"""

import sys
import tempfile
import time

from benchmarks.measure import markdown
from core.configuration.config import Config, read_config
from core.stages.registry import stages_before, stages_of
from tests.made_analysis import made_analysis

COLUMNS = ("sigma_v_sensitivity", *(f"sigma_v_band_{edge}" for edge in ("lo68", "hi68", "hi95")))
CLS_COLUMNS = ("sigma_v_cls_median", *(f"sigma_v_cls_band_{edge}" for edge in ("lo95", "lo68", "hi68", "hi95")))
DISCOVERIES = ("sigma_v_discovery_3sigma", "sigma_v_discovery_5sigma")
N_BACKGROUND, N_SIGNAL = 1_000_000, 500_000
INJECTED = (0.25, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0)
Ratios = dict[str, float]


def main() -> None:
    """Print a row a pair, then the greatest distance of each column from 1."""
    n_background, n_signal = map(int, sys.argv[1:3]) if len(sys.argv) > 2 else (N_BACKGROUND, N_SIGNAL)
    found: dict[str, Ratios] = {}
    for channel, mass in Config().channel_masses:
        with tempfile.TemporaryDirectory() as folder:
            ratios = ratios_of(folder, channel, mass, n_background, n_signal)
        if ratios:
            found[f"{channel}/{mass:g}"] = ratios
            print(f"{channel}/{mass:g}", ratios, f"{time.process_time():.0f} CPU s", file=sys.stderr, flush=True)
    names = [name.removeprefix("sigma_v_") for name in (*COLUMNS, *CLS_COLUMNS, *DISCOVERIES)]
    rows = [[pair, *(f"{ratio:.3f}" for ratio in ratios.values())] for pair, ratios in found.items()]
    farthest = [
        max(abs(ratio - 1.0) for ratio in column) for column in zip(*map(dict.values, found.values()), strict=True)
    ]
    print(markdown(["pair", *names], [*rows, ["farthest from 1", *(f"{distance:.2%}" for distance in farthest)]]))


def ratios_of(folder: str, channel: str, mass: float, n_background: int, n_signal: int) -> Ratios:
    """Return without trials over with trials, by column; nothing of a pair that the sample does not serve."""
    trials = {"n_background": n_background, "n_signal": n_signal, "injected_over_uncertainty": INJECTED}
    config = read_config(None, products=folder, pairs={channel: [mass]}, trials=trials)
    wanted = {"asimov", "sensitivity", "discovery_potential"}
    stages = [s for s in stages_of(config) if s in wanted or any(s in stages_before(config, last) for last in wanted)]
    store = made_analysis(config, stages)
    if not store.keys("sensitivity"):
        return {}
    asimov, trials_row, discovery = (
        store.read(stage).to_pylist()[0] for stage in ("asimov", "sensitivity", "discovery_potential")
    )
    of_trials = {**trials_row, **{name: discovery[name] for name in DISCOVERIES}}
    return {name: asimov[name] / of_trials[name] for name in (*COLUMNS, *CLS_COLUMNS, *DISCOVERIES)}


if __name__ == "__main__":
    main()
