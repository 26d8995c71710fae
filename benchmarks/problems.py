"""The problems that every contestant solves: dwarfs on histograms of the angle, and the merged cells of one sky."""

import numpy as np

from core.likelihood.model import TrialModel

N_BINS = 36


def source_problem(n_sources: int, n_events: int, grid: bool = False) -> TrialModel:
    """Return the published problem: 36 bins in the angle event-source, weights spread over two decades."""
    rng = np.random.default_rng(20)
    angle = (np.arange(N_BINS) + 0.5) / N_BINS * np.pi
    background = np.sin(angle) * (1.0 + 0.3 * np.outer(rng.uniform(-1.0, 1.0, n_sources), np.cos(angle)))
    background /= background.sum(axis=1, keepdims=True)
    signal = np.sin(angle) * np.exp(-0.5 * (angle / 0.35) ** 2)
    weights = 10.0 ** rng.uniform(-2.0, 0.0, n_sources)
    return TrialModel.per_source(background, signal / signal.sum(), weights, n_events, grid=grid)


def joint_problem(n_cells: int, n_events: int = 40_902) -> TrialModel:
    """Return a joint problem like the public sample's: cells merged by ratio, sigma(n_s) near 170."""
    rng = np.random.default_rng(7)
    background = rng.exponential(size=n_cells) ** 2
    background /= background.sum()
    signal = background * np.exp(1.05 * rng.normal(size=n_cells))
    signal /= signal.sum()
    return TrialModel.joint(background, signal, signal / background, n_events)
