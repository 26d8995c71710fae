"""A certificate that limits hold: pseudo-skies of known cross sections, each analysed with the background it gives.

For each true strength skies are drawn (`core.pdfs.source_skies`), n_s is fitted with the ratio to the background that
the sky itself gives, and every kind of limit is asked whether it covers the truth μ. By trials a limit covers where
P(TS > observed | μ) is not above the confidence level; that probability, a p-value of the truth, is flat if trials
describe skies. CL_s, floor and the unified interval follow from the same trials.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from core.glossary import GLOSSARY
from core.inference.certificate_verdict import verdict_of
from core.inference.certified_pair import CertifiedPair, SkyFits, fits_of_skies
from core.inference.detector_limit import marginal_efficiency
from core.inference.sensitivity import EfficiencyCurve
from core.inference.unified_interval import unified_content
from core.likelihood.closed_form import CONFIDENCE
from core.likelihood.model import TrialModel
from core.trials.run import run_trials
from core.trials.statistic import TrialStatistic

Reals = NDArray[np.float64]
Row = dict[str, object]

OVER_SENSITIVITY = (0.0, 0.5, 1.0, 2.0, 5.0)
N_THRESHOLDS = 17
LEAST_SHARE = 1e-12
# Trials of each number of injected events, which are STEP standard deviations of n_s apart, to FARTHEST above a truth.
N_SIGNAL = 100_000  # with 10,000 the trials alone move a coverage by 0.4 %
STEP, FARTHEST = 0.75, 6.0


@dataclass(frozen=True)
class TrialsOfPair:
    """Signed test statistics of trials behind the limits of skies of one truth: background, and by number injected."""

    background: TrialStatistic
    signal: dict[int, TrialStatistic]

    @classmethod
    def drawn(
        cls, model: TrialModel, n_s_uncertainty: float, truth: float, seed: int, n_signal: int | None = None
    ) -> "TrialsOfPair":
        """Draw them from a model up to what the limits of skies of a true mean n_s ask for.

        n_signal: trials of each number of injected events, N_SIGNAL if None; of background there are ten times as many.
        """
        n_signal = n_signal or N_SIGNAL
        step, most = STEP * n_s_uncertainty, int(model.draw_events.min())
        numbers = np.arange(step, truth + FARTHEST * n_s_uncertainty + step, step)
        signal = {
            number: TrialStatistic.of_values(run_trials(model, n_signal, number, seed).test_statistic_signed)
            for number in sorted({min(round(number), most) for number in numbers})
        }
        return cls(
            TrialStatistic.of_values(run_trials(model, 10 * n_signal, 0, seed).test_statistic_signed),
            signal,
        )


def covered(
    fits: SkyFits,
    background: TrialStatistic,
    signal: Mapping[int, TrialStatistic],
    truth: float,
    sensitivity: float,
    confidence: float = CONFIDENCE,
) -> tuple[dict[str, NDArray[np.bool_]], Reals]:
    """Return by kind of limit which skies cover a true mean n_s, and the p-values of the truth, (n_skies,) each."""
    roots = _roots_across(fits)
    thresholds = roots * np.abs(roots)
    curves = [EfficiencyCurve(background, signal, float(threshold)) for threshold in thresholds]
    exceeding = _between(fits.root, roots, [curve.efficiency(truth) for curve in curves])
    without = _between(fits.root, roots, [curve.efficiency(0.0) for curve in curves])
    content = [unified_content(background, signal, float(threshold), truth) for threshold in thresholds]
    bare = exceeding <= confidence
    found = {
        "upper_limit_unfloored": bare,
        "upper_limit": bare | (truth <= sensitivity),
        "upper_limit_cls": 1.0 - exceeding >= (1.0 - confidence) * (1.0 - without),
        "feldman_cousins": _content_between(fits.root, roots, content) <= confidence,
        "upper_limit_likelihood": fits.limit >= truth,
        "interval": (fits.low <= truth) & (truth <= fits.high),
    }
    return found, exceeding


def exceeding(fits: SkyFits, trials: TrialsOfPair, truth: float, nodes: Reals) -> Reals:
    """Return the share of trials above each sky, (n_skies,), over drawn detectors by their nodes (n,).

    nodes: fitted events of drawn detectors over nominal, as of `detector_limit.quantile_nodes`; `truth`: mean n_s.
    """
    roots = _roots_across(fits)
    curves = [EfficiencyCurve(trials.background, trials.signal, float(root * abs(root))) for root in roots]
    return _between(fits.root, roots, [marginal_efficiency(curve, truth, nodes) for curve in curves])


def _roots_across(fits: SkyFits) -> Reals:
    """Return rising signed roots that span those of skies, (N_THRESHOLDS,)."""
    return np.linspace(fits.root.min() - 0.01, fits.root.max() + 0.01, N_THRESHOLDS)


def _between(root: Reals, roots: Reals, shares: list[float]) -> Reals:
    """Return shares between those at rising roots; their deviates are nearly straight lines."""
    return np.asarray(ndtr(np.interp(root, roots, ndtri(np.clip(shares, LEAST_SHARE, 1.0 - LEAST_SHARE)))))


def _content_between(root: Reals, roots: Reals, contents: list[float]) -> Reals:
    """Return the content of an order between those at rising roots: of a normal law, of two equal tails."""
    return 2.0 * _between(root, roots, [0.5 * (1.0 + content) for content in contents]) - 1.0


def certificate_rows(
    pair: CertifiedPair,
    sensitivity: float,
    n_s_uncertainty: float,
    n_skies: int,
    seed: int,
    confidence: float = CONFIDENCE,
) -> list[Row]:
    """Return a row a truth and kind of limit; `sensitivity` and `n_s_uncertainty` in events."""
    rows: list[Row] = []
    for number, factor in enumerate(OVER_SENSITIVITY):
        truth = factor * sensitivity
        strength = truth / pair.n_s_per_strength
        trials = TrialsOfPair.drawn(pair.expected_model(strength), n_s_uncertainty, truth, seed)
        fits = fits_of_skies(pair, strength, n_skies, np.random.default_rng([seed, number]), confidence)
        kinds, p_values = covered(fits, trials.background, trials.signal, truth, sensitivity, confidence)
        common = {**of_fits(fits, truth, p_values), "strength_true": strength}
        rows += judged_rows(common, kinds, n_s_uncertainty, confidence)
    return rows


def of_fits(fits: SkyFits, truth: float | Reals, p_values: Reals) -> Row:
    """Return what fits of skies say of a mean n_s, that of all or of each sky, but for coverage."""
    from scipy.stats import kstest  # half a second to import, for this alone

    n_skies = fits.n_s.size
    distance = fits.n_s - truth
    pulls = distance / (0.5 * (fits.high - fits.low))
    return {
        "n_skies": n_skies,
        "bias": float(distance.mean()),
        "bias_error": float(distance.std(ddof=1) / np.sqrt(n_skies)),
        "pull": float(pulls.mean()),
        "pull_width": float(pulls.std(ddof=1)),
        "p_value_flatness": float(kstest(p_values, "uniform").pvalue),
    }


def judged_rows(
    common: Row, kinds: Mapping[str, NDArray[np.bool_]], n_s_uncertainty: float, confidence: float
) -> list[Row]:
    """Return a row a kind of limit with its coverage and verdict; `kinds`: which skies each covers, (n_skies,)."""
    rows = []
    for kind, covers in kinds.items():
        share, n_skies = float(covers.mean()), covers.size
        error = float(np.sqrt(max(share * (1.0 - share), 1.0 / n_skies) / n_skies))
        row = {**common, "limit": kind, "n_skies": n_skies, "coverage": share, "coverage_error": error}
        verdict = verdict_of(row, n_s_uncertainty, confidence)
        rows.append({**row, "passed": verdict.passed, "reason": verdict.reason})
    return rows


def certificate_table(rows: list[Row], strength: str) -> pa.Table:
    """Return the `certificate` product; `strength`: sigma_v or decay_rate."""
    named = [{f"{strength}_true": row["strength_true"], **row} for row in rows]
    names = [name for name in named[0] if name != "strength_true"]
    return pa.table({name: pa.array([row[name] for row in named], GLOSSARY[name].dtype) for name in names})
