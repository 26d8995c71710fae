"""Coverage of the limits from the measured counts: histograms drawn from the atmospheric fit with a known signal.

    python -m benchmarks.counts_coverage [n_histograms] [n_trials]

For strengths of 0, 1 and 2 σ of the signal of tautau at 20 GeV: how often the true strength lies below the limit, by
the asymptotic law (without CL_s, and with it) and by trials whose parameters are fitted to each histogram anew.
"""

import sys
import time

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from benchmarks.counts_pairs import public_signal
from core.events.public_release import public_counts
from core.inference.atmospheric_fit import CountsFit, fit_counts
from core.inference.atmospheric_model import CountsModel, public_counts_model
from core.inference.counts_expansion import expanded_model, fit_expanded
from core.inference.counts_limit import CONFIDENCE, asimov_profile, cls_of
from core.inference.counts_trials import drawn_histograms, signed_statistics


def coverage(model: CountsModel, truth: CountsFit, n_histograms: int, n_trials: int, seed: int) -> dict[str, float]:
    """Share of histograms whose limit is not below the true strength, by kind of limit."""
    random = np.random.Generator(np.random.Philox(key=seed))
    drawn = drawn_histograms(model, truth, n_histograms, random)
    series = expanded_model(model, np.append(truth.values, truth.strength))
    free = fit_expanded(series, drawn.counts, drawn.priors)
    held = fit_expanded(series, drawn.counts, drawn.priors, truth.strength)
    rise = np.where(free.strength < truth.strength, np.maximum(held.minimum - free.minimum, 0.0), 0.0)
    width = asimov_profile(model, truth).best.strength_uncertainty
    cls = cls_of(rise, np.full_like(rise, (truth.strength / width) ** 2))
    covered = {
        "asymptotic": float(np.mean(rise <= ndtri(CONFIDENCE) ** 2)),
        "asymptotic CLs": float(np.mean(cls >= 1.0 - CONFIDENCE)) if truth.strength > 0.0 else 1.0,
    }
    if n_trials:
        observed = signed_statistics(model, truth, drawn)[0]
        above = [
            _share_above(model, truth, held.values[i], observed[i], n_trials, seed + 1 + i)
            for i in range(n_histograms)
        ]  # fmt: skip
        covered["trials"] = float(np.mean(np.array(above) <= CONFIDENCE))
    return covered


def _share_above(
    model: CountsModel, truth: CountsFit, values: NDArray[np.float64], observed: float, n_trials: int, seed: int
) -> float:
    """Share of the trials above the histogram's statistic, parameters fitted to it at the true strength."""
    fitted = CountsFit(**{
        **vars(truth), "values": values[:-1], "expected": model.expected(values[:-1], truth.strength),
    })  # fmt: skip
    random = np.random.Generator(np.random.Philox(key=seed))
    trials = signed_statistics(model, fitted, drawn_histograms(model, fitted, n_trials, random))[0]
    return float(np.mean(trials >= observed))


def main() -> None:
    """Print the coverage at each strength."""
    n_histograms = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    n_trials = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    shape = public_signal("tautau", 20.0)
    model = public_counts_model().with_signal(shape / shape.sum())
    counts = public_counts()["n_events"].to_numpy().astype(float)
    background = fit_counts(model, counts)
    width = asimov_profile(model, background).best.strength_uncertainty
    for n_sigma in (0.0, 1.0, 2.0):
        began = time.perf_counter()
        strength = n_sigma * width
        truth = CountsFit(**{
            **vars(background), "strength": strength, "expected": model.expected(background.values, strength),
        })  # fmt: skip
        found = coverage(model, truth, n_histograms, n_trials, seed=20261130)
        print(
            f"{n_sigma:.0f} sigma ({strength:.0f} events):", found, f"{time.perf_counter() - began:.0f} s", flush=True
        )


if __name__ == "__main__":
    main()
