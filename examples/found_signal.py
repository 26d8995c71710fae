"""Is a signal that is put into a sky found again?

Asked: one sky of the public sample's size with twice as many signal events of tautau at 20 GeV as the sensitivity has,
fitted as data would be, and its p-value and 90 % upper limit; then two thousand such skies.
Expect: a fit within its error of what was put in, a p-value of a few per cent or less, a limit above the truth. In the
mean of many skies the fit gives back what was put in, within the error of that mean.
It hangs on: the luck of this one sky (another seed, another luck), and on a background that is known as well as the
trials know it. Whether nine limits of ten lie above the truth is what a certificate tries (docs/unblinding.md).
"""

from core.configuration.config import read_config
from core.figures.recovery import recovery_figure
from core.inference import p_value, upper_limit
from core.inference.upper_limit_product import reaching_trials
from core.stages.direct import made_products
from core.stages.statistics.joint import model_of_cells
from core.trials.run import run_trials
from core.trials.statistic import TrialStatistic, by_n_injected

STATISTIC = "test_statistic_signed"  # -2 ln of the likelihood ratio, with the sign of the fitted n_s
config = read_config(
    analysis="example-found-signal",
    pairs={"tautau": [20]},
    trials={"n_background": 20_000, "n_signal": 2_000},
)
store = made_products(config, "sensitivity")
model = model_of_cells(store.read("ratio_cells"))
background = TrialStatistic.of_table(store.read("background_trials"), STATISTIC)
signal = by_n_injected(store.read("signal_trials"), STATISTIC)
(sensitivity,) = store.read("sensitivity").to_pylist()

n_injected = round(2.0 * sensitivity["n_s_sensitivity"])
many = run_trials(model, 2_000, n_injected, seed=7)
n_s, error, observed = many.n_s_signed[0], many.n_s_signed.std(), many.test_statistic_signed[0]
chance = p_value(background, observed, one_sky=model.shares_one_sky)
trials = reaching_trials(model, signal, STATISTIC, error, n_s + 4.0 * error, config.trials.n_signal, seed=8)
limit = upper_limit(background, trials, observed, one_sky=model.shares_one_sky).cls_upper_limit

print(f"put in:         {n_injected} signal events among {model.n_events:,}")
print(f"fitted:         {n_s:.0f} ± {error:.0f}, TS = {observed:.1f}")
print(f"p-value:        {chance.p_value:.1e} ± {chance.error:.0e}")
print(f"limit by CL_s:  {limit.n_s:.0f} ± {limit.error:.0f} events")
print(f"in 2,000 skies: {many.n_s_signed.mean():.0f} ± {error / 2_000**0.5:.0f} in the mean")

recovery_figure(store.read("signal_trials"), store.read("background_trials")).savefig("found_signal.png")
