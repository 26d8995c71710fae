"""What a sky says of each galaxy alone: fits of what was put in, p-values of what was not."""

import numpy as np
import pytest
from scipy.special import ndtr

from core.dark_matter.processes import PROCESSES
from core.inference.observed_sources import model_of, observed_sources_table
from core.pdfs.likelihood_cells import STACKED, LikelihoodCells

# 40,000 events; 3 % of the background and 80 % of the signal lie in the first cell.
SHARES, SIGNAL = np.array([0.03, 0.17, 0.8]), np.array([0.8, 0.15, 0.05])
N_EVENTS, N_S_PER_SIGMA_V = 40_000, 5e22
DESCRIBED = {"sky": "simulated", "sample": "simulated-7y"}
STANDARD_DEVIATION = float(np.sqrt(N_EVENTS / np.sum((SIGNAL - SHARES) ** 2 / SHARES)))


def cells_with(n_s: float, name: str = "Draco") -> LikelihoodCells:
    """The cells of a sky that holds exactly so many signal events beside its background."""
    events = np.rint(N_EVENTS * SHARES + n_s * (SIGNAL - SHARES))
    return LikelihoodCells(name, N_EVENTS * SHARES, N_S_PER_SIGMA_V * (SIGNAL - SHARES), events, N_S_PER_SIGMA_V, 0.0)


def row_of(n_s: float, process: str = "annihilation") -> dict[str, object]:
    cells = [cells_with(0.0, STACKED), cells_with(n_s)]
    table = observed_sources_table(cells, PROCESSES[process], 0.9, 20_000, 7, DESCRIBED)
    (row,) = table.to_pylist()
    return row


@pytest.mark.parametrize("n_s", [-60.0, 20.0, 120.0])
def test_the_signal_that_a_galaxy_has_is_found(n_s: float) -> None:
    row = row_of(n_s)
    assert (row["source"], row["sky"], row["sample"]) == ("Draco", "simulated", "simulated-7y")
    assert row["n_s_signed"] == pytest.approx(n_s, abs=1.0)  # events are whole numbers
    assert row["n_s"] == pytest.approx(max(n_s, 0.0), abs=1.0)
    assert row["sigma_v_best_fit"] == pytest.approx(row["n_s_signed"] / N_S_PER_SIGMA_V)
    half = 0.5 * (row["sigma_v_interval_hi"] - row["sigma_v_interval_lo"]) * N_S_PER_SIGMA_V
    assert half == pytest.approx(STANDARD_DEVIATION, rel=0.05)
    if n_s > 0.0:
        limit = row["sigma_v_upper_limit_likelihood"] * N_S_PER_SIGMA_V
        assert limit == pytest.approx(n_s + 1.2816 * STANDARD_DEVIATION, rel=0.03)


def test_p_values_are_those_of_a_gaussian_fit() -> None:
    row = row_of(1.5 * STANDARD_DEVIATION)
    expected = float(ndtr(-1.5))
    assert row["p_value"] == pytest.approx(expected, rel=0.1)
    assert row["p_value_signed"] == pytest.approx(expected, rel=0.1)
    below = row_of(-STANDARD_DEVIATION)
    assert below["p_value"] == 1.0
    assert below["p_value_signed"] == pytest.approx(float(ndtr(1.0)), rel=0.03)


def test_trials_have_the_events_and_the_shares_of_the_sky() -> None:
    model = model_of(cells_with(0.0))
    assert model.n_events == N_EVENTS
    assert model.background[0] == pytest.approx(SHARES)
    assert float(model.background[0] @ model.ratio[0]) == pytest.approx(1.0)


def test_of_decay_it_is_a_rate() -> None:
    row = row_of(20.0, "decay")
    assert row["decay_rate_best_fit"] == pytest.approx(row["n_s_signed"] / N_S_PER_SIGMA_V)
