"""Files as the published analysis writes them, with round numbers."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

SOURCES = ("Draco", "Ursa Major II", "Segue 1", "Willman 1", "Sculptor", "Fornax")
EDGES = np.linspace(0.0, np.pi, 37)

Saved = Callable[[str, Any], Path]


@pytest.fixture
def saved(tmp_path: Path) -> Saved:
    """Write a dict as a pickle in a .npy file."""

    def save(name: str, content: Any) -> Path:
        path = tmp_path / name
        np.save(path, content, allow_pickle=True)
        return path

    return save


def histogram(*filled: int) -> dict[str, Any]:
    counts = np.zeros(36)
    counts[list(filled)] = 25.0
    return {"Counts": counts, "Bins": EDGES}


def trial_rows(n_trials: int, n_injected: int | None = None, first: int = 0) -> np.ndarray:
    """Row i: source k has n_s = k + 1 and TS = i + 1 + k/10; stacked n_s = i, TS = 2 i; injected events in front."""
    trials = np.arange(first, first + n_trials)
    columns = [] if n_injected is None else [np.full(n_trials, n_injected)]
    for k in range(len(SOURCES)):
        columns += [np.full(n_trials, k + 1.0), trials + 1 + k / 10]
    return np.column_stack([*columns, trials, 2.0 * trials])


def trial_header() -> str:
    return " \t ".join([*(f"{name}{ending}" for name in SOURCES for ending in ("_ns", "_TS")), "ns", "TS"])


def save_trials(path: Path, rows: np.ndarray, fmt: str = "%.10g") -> Path:
    np.savetxt(path, rows, delimiter="\t", header=trial_header(), fmt=fmt)
    return path
