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
from scipy.special import ndtri
from scipy.stats import kstest

from core.glossary import GLOSSARY
from core.inference.sensitivity import EfficiencyCurve
from core.inference.unified_interval import unified_content
from core.likelihood.closed_form import CONFIDENCE
from core.likelihood.fit import fit_n_s
from core.likelihood.interval import likelihood_interval
from core.pdfs.sky_model import SkyModel
from core.pdfs.source_information import SourceCells, SourcePatterns, summed_by
from core.pdfs.source_skies import SourceSkies
from core.trials.statistic import TrialStatistic

Reals = NDArray[np.float64]

OVER_SENSITIVITY = (0.0, 0.5, 1.0, 2.0, 5.0)
ONE_SIGMA_COVERAGE = 0.6827
N_THRESHOLDS = 25
# Bounds: of coverage, beside three binomial errors; of bias in standard deviations of n_s, beside three errors.
MOST_MISCOVERED, MOST_MISCOVERED_INTERVAL = 0.015, 0.03
MOST_BIAS = 0.1
LEAST_FLATNESS = 1e-3
N_ERRORS = 3.0


@dataclass(frozen=True)
class CertifiedPair:
    """What pseudo-skies of a pair are drawn from and fitted with.

    `skies`: draws of background and signal; `excess`: (n_cells,), of the signal's probability over its average over
    right ascension in merged cells.
    """

    skies: SourceSkies
    excess: Reals
    n_s_per_strength: float

    @classmethod
    def of(
        cls, sky: SkyModel, signal_pdf: pa.Table, treatment: str, reco_cos_zenith_edges: Reals, n_s_per_strength: float
    ) -> "CertifiedPair":
        """Return it from a pair's densities and the merging of its `ratio_cells`."""
        names = ("signal_probability", "signal_average_probability", "background_probability")
        signal, average, background = (signal_pdf[name].to_numpy() for name in names)
        even = average if treatment == "data" else background
        silent = background <= 0.0
        excess = np.where(silent, 0.0, signal - even)
        n_pixels = int(12 * signal_pdf["nside"][0].as_py() ** 2)
        shape = (2, signal.size // (2 * n_pixels), n_pixels)
        patterns = SourcePatterns(
            ("all",), signal[np.newaxis] * n_s_per_strength, excess[np.newaxis], background * sky.model.n_events, shape
        )
        cell_of = sky.cell_of[_inside(sky, signal_pdf)]
        # Where no background event has been seen the sky has no say: there R is 1.
        cell_of = np.where(cell_of < 0, int(np.argmin(np.abs(sky.model.ratio[0] - 1.0))), cell_of)
        n_cells = sky.model.n_cells
        merged = summed_by(cell_of, excess, n_cells)
        cells = SourceCells(
            ("all",), sky.model.background[0] * sky.model.n_events, patterns.signal, merged[np.newaxis], cell_of,
            0.0, np.zeros(1),
        )  # fmt: skip
        return cls(SourceSkies.of(patterns, cells, reco_cos_zenith_edges), merged, n_s_per_strength)


@dataclass(frozen=True)
class SkyFits:
    """Fits of pseudo-skies of one truth, (n_skies,) each: n_s, its signed root of TS, 68 % interval and limit."""

    n_s: Reals
    root: Reals
    low: Reals
    high: Reals
    limit: Reals


def fits_of_skies(
    pair: CertifiedPair, strength: float, n_skies: int, generator: np.random.Generator, confidence: float = CONFIDENCE
) -> SkyFits:
    """Return the fits of skies drawn at a strength, each with the background that it gives."""
    rows = [_fit(pair, strength, generator, float(ndtri(confidence)) ** 2) for _ in range(n_skies)]
    return SkyFits(*np.array(rows).T)


def _fit(pair: CertifiedPair, strength: float, generator: np.random.Generator, drop: float) -> tuple[float, ...]:
    """Return n_s, root, interval and limit of one sky."""
    sky = pair.skies.draw([strength], generator)
    n_events, seen = sky.counts.sum(), sky.background > 0.0
    relative = np.divide(pair.excess * n_events, sky.background, out=np.zeros_like(pair.excess), where=seen)
    counts, ratio = sky.counts[np.newaxis].astype(np.int64), 1.0 + relative
    fit = fit_n_s(counts, ratio, allow_negative=True)
    signed = float(fit.test_statistic[0])
    interval = likelihood_interval(counts, ratio)
    limit = likelihood_interval(counts, ratio, drop + max(-signed, 0.0)).high[0]
    root = np.sign(signed) * np.sqrt(abs(signed))
    return float(fit.n_s[0]), float(root), float(interval.low[0]), float(interval.high[0]), float(limit)


def covered(
    fits: SkyFits,
    background: TrialStatistic,
    signal: Mapping[int, TrialStatistic],
    truth: float,
    sensitivity: float,
    confidence: float = CONFIDENCE,
) -> tuple[dict[str, NDArray[np.bool_]], Reals]:
    """Return by kind of limit which skies cover a true mean n_s, and the p-values of the truth, (n_skies,) each."""
    roots = np.linspace(fits.root.min() - 0.01, fits.root.max() + 0.01, N_THRESHOLDS)
    thresholds = roots * np.abs(roots)
    curves = [EfficiencyCurve(background, signal, float(threshold)) for threshold in thresholds]
    exceeding = np.interp(fits.root, roots, [curve.efficiency(truth) for curve in curves])
    without = np.interp(fits.root, roots, [curve.efficiency(0.0) for curve in curves])
    content = [unified_content(background, signal, float(threshold), truth) for threshold in thresholds]
    bare = exceeding <= confidence
    found = {
        "upper_limit_unfloored": bare,
        "upper_limit": bare | (truth <= sensitivity),
        "upper_limit_cls": 1.0 - exceeding >= (1.0 - confidence) * (1.0 - without),
        "feldman_cousins": np.interp(fits.root, roots, content) <= confidence,
        "upper_limit_likelihood": fits.limit >= truth,
        "interval": (fits.low <= truth) & (truth <= fits.high),
    }
    return found, exceeding


def certificate_rows(
    pair: CertifiedPair,
    background: TrialStatistic,
    signal: Mapping[int, TrialStatistic],
    sensitivity: float,
    n_s_uncertainty: float,
    n_skies: int,
    seed: int,
    confidence: float = CONFIDENCE,
) -> list[dict[str, object]]:
    """Return a row a truth and kind of limit; `sensitivity` and `n_s_uncertainty` in events."""
    rows: list[dict[str, object]] = []
    for number, factor in enumerate(OVER_SENSITIVITY):
        truth = factor * sensitivity
        fits = fits_of_skies(
            pair, truth / pair.n_s_per_strength, n_skies, np.random.default_rng([seed, number]), confidence
        )
        kinds, p_values = covered(fits, background, signal, truth, sensitivity, confidence)
        spread = float(fits.n_s.std(ddof=1))
        pulls = (fits.n_s - truth) / (0.5 * (fits.high - fits.low))
        common: dict[str, object] = {
            "strength_true": truth / pair.n_s_per_strength,
            "n_skies": n_skies,
            "bias": float(fits.n_s.mean()) - truth,
            "bias_error": spread / np.sqrt(n_skies),
            "pull": float(pulls.mean()),
            "pull_width": float(pulls.std(ddof=1)),
            "p_value_flatness": float(kstest(p_values, "uniform").pvalue),
        }
        for kind, covers in kinds.items():
            share = float(covers.mean())
            error = float(np.sqrt(max(share * (1.0 - share), 1.0 / n_skies) / n_skies))
            row = {**common, "limit": kind, "coverage": share, "coverage_error": error}
            reason = complaint(row, n_s_uncertainty, confidence)
            rows.append({**row, "passed": reason == "", "reason": reason})
    return rows


def complaint(row: Mapping[str, object], n_s_uncertainty: float, confidence: float) -> str:
    """Return which bounds a row of a certificate breaks, in words; "" if none."""
    kind, share, error = str(row["limit"]), float(str(row["coverage"])), float(str(row["coverage_error"]))
    wanted = ONE_SIGMA_COVERAGE if kind == "interval" else confidence
    most = (MOST_MISCOVERED_INTERVAL if kind == "interval" else MOST_MISCOVERED) + N_ERRORS * error
    may_be_more = kind in {"upper_limit", "upper_limit_cls", "upper_limit_likelihood"}
    found = []
    if share < wanted - most or (share > wanted + most and not may_be_more):
        found.append(f"{kind} covers {share:.1%} ± {error:.1%}, {wanted:.1%} are due")
    if kind == "upper_limit_unfloored":
        bias, bias_error = float(str(row["bias"])), float(str(row["bias_error"]))
        if abs(bias) > MOST_BIAS * n_s_uncertainty + N_ERRORS * bias_error:
            found.append(f"n_s is {bias:+.1f} ± {bias_error:.1f} from the truth, allowed are {MOST_BIAS} of its spread")
        if float(str(row["p_value_flatness"])) < LEAST_FLATNESS:
            found.append("p-values of the truth are not flat")
    return "; ".join(found)


def certificate_table(rows: list[dict[str, object]], strength: str) -> pa.Table:
    """Return the `certificate` product; `strength`: sigma_v or decay_rate."""
    named = [{f"{strength}_true": row["strength_true"], **row} for row in rows]
    names = [name for name in named[0] if name != "strength_true"]
    return pa.table({name: pa.array([row[name] for row in named], GLOSSARY[name].dtype) for name in names})


def _inside(sky: SkyModel, signal_pdf: pa.Table) -> NDArray[np.bool_]:
    """Return which cells of the whole sky a `signal_pdf` product has, (n_sky_cells,)."""
    n_classes, n_pixels = 2, int(12 * signal_pdf["nside"][0].as_py() ** 2)
    by_energy = sky.cell_of.reshape(n_classes, -1, n_pixels)
    inside = np.zeros(by_energy.shape, dtype=bool)
    inside[:, (by_energy >= 0).any(axis=(0, 2))] = True
    return inside.ravel()
