"""Discovery potential: the signal that half of trials would show at 3 or 5 sigma, of trials of one sky.

Thresholds are those of background by importance sampling (`core.trials.tail`), with their statistical errors; the
asymptotic law's p-value at each stands beside it. Half of signal trials, at a Poisson mean of injected events, exceed a
threshold at the discovery potential. Trials with each source on a sky of its own understate the tail, so that there is
no discovery potential from them.
"""

import pyarrow as pa

from core.errors import PhysicsError
from core.glossary import GLOSSARY
from core.inference.sensitivity import discovery_potential
from core.inference.sensitivity_product import SignalScale
from core.inference.stacked_product import statistic_word
from core.likelihood.model import TrialModel
from core.likelihood.one_sky_law import OneSkyLaw
from core.likelihood.stacked_model import source_trial_model
from core.trials.run import run_trials
from core.trials.tail import FIVE_SIGMA, THREE_SIGMA, AsymptoticLaw, tail_sample

P_VALUES = {"3sigma": THREE_SIGMA, "5sigma": FIVE_SIGMA}
# Numbers of injected events in standard deviations of the fitted n_s without signal.
INJECTED_OVER_UNCERTAINTY = (1.5, 2.25, 3.0, 3.75, 4.5, 5.25, 6.0, 7.0)


def discovery_table(
    model: TrialModel,
    scale: SignalScale,
    n_s_uncertainty: float,
    n_tail: int,
    n_signal: int,
    seed: int,
    background_from: str,
    statistic: str = "joint",
) -> pa.Table:
    """Return the `discovery_potential` product of one pair, one row.

    n_s_uncertainty: standard deviation of the fitted n_s without signal. n_tail: weighted background trials behind
    the thresholds; n_signal: trials of each number of injected events. seed: 0 ... 2^64 - 1, see stream_seed.
    background_from: "data" or "known", what the column `background` says; statistic: what that column says. Raises
    PhysicsError for a model whose sources do not share one sky, or if the trials do not reach a threshold.
    """
    if not model.shares_one_sky:
        raise PhysicsError(
            "each source of these trials is on a sky of its own: their tail gives no discovery potential"
        )
    tail = tail_sample(model, n_tail, seed)
    background = run_trials(model, n_tail, 0, seed)
    is_one_fit = model.patterns is None
    law = AsymptoticLaw.fitted(model.weights, background.test_statistic) if is_one_fit else OneSkyLaw.of(model)
    most = int(model.draw_events.min())
    counts = sorted({min(max(1, round(factor * n_s_uncertainty)), most) for factor in INJECTED_OVER_UNCERTAINTY})
    signal = {n: run_trials(model, n_signal, n, seed).test_statistic for n in counts}
    row: dict[str, object] = {
        "n_tail_trials": n_tail,
        "n_signal_trials": n_signal * len(counts),
        "limitation": scale.limitation,
    }
    for level, p_value in P_VALUES.items():
        found = tail.threshold(p_value)
        potential = discovery_potential(background.test_statistic, signal, found.test_statistic, found.error)
        row |= {
            f"threshold_{level}": found.test_statistic,
            f"threshold_{level}_error": found.error,
            f"threshold_{level}_n_effective": found.n_effective,
            f"threshold_{level}_asymptotic_p_value": law.p_value(found.test_statistic),
            f"n_s_discovery_{level}": potential.n_s,
            f"n_s_discovery_{level}_error": potential.error,
            f"{scale.process.strength}_discovery_{level}": potential.n_s / scale.n_s_per_strength,
        }
    row |= {"statistic": statistic, "background": background_from, "sample": scale.sample}
    row |= {"process": scale.process.name, "hypothesis": scale.hypothesis}
    return pa.table({name: pa.array([value], GLOSSARY[name].dtype) for name, value in row.items()})


def source_discovery_table(
    source_background_pdf: pa.Table,
    source_signal_pdf: pa.Table,
    sources: pa.Table,
    sky_patterns: pa.Table,
    scale: SignalScale,
    n_tail: int,
    n_signal: int,
    seed: int,
    grid: bool,
) -> pa.Table:
    """Return the `discovery_potential` product of one pair, one row, from its products.

    n_tail, n_signal and seed as for `discovery_table`. On the published grid thresholds and signal trials are of that
    grid.
    """
    return discovery_table(
        source_trial_model(source_background_pdf, source_signal_pdf, sources, grid, sky_patterns),
        scale,
        sky_patterns["n_s_uncertainty"][0].as_py(),
        n_tail,
        n_signal,
        seed,
        "data",
        statistic_word(grid, one_sky=True),
    )
