"""Parts of the simulated sample: any part by itself, with the account that a file would have."""

import numpy as np

from core.events.ingestion import account_of
from core.simulation.parts import drawn_part
from core.spectra import spectra_table
from tests.small_analysis import sources

SEASON = "IC86_2013"
MC = {"seed": 2, "n_simulated": 1400, "n_parts": 2}


def test_parts_of_the_simulation_differ_and_are_the_same_each_time() -> None:
    first, again, second = (drawn_part("mc", SEASON, part, MC).events for part in (0, 0, 1))
    assert first.equals(again)
    assert first.num_rows + second.num_rows == 200
    assert not set(first["true_energy"].to_pylist()) & set(second["true_energy"].to_pylist())


def test_no_event_is_lost_in_the_account() -> None:
    part = drawn_part("mc", SEASON, 1, MC)
    account = account_of(part)
    assert account["n_read"] == account["n_kept"] == part.events.num_rows
    assert (account["n_cut"], account["n_broken"], account["damage"]) == (0, 0, None)
    assert account["path"].endswith("IC86_2013/mc-0001")


def test_a_signal_is_drawn_from_its_spectra_and_sources() -> None:
    spectra = spectra_table("tautau", 20.0)
    numbers = []
    for sigma_v in (5e-20, 2e-19):
        how = {"seed": 2, "injected": {"channel": "tautau", "mass": 20.0, "sigma_v": sigma_v, "lifetime": None}}
        part = drawn_part("data", SEASON, 1, how, sources(), spectra)
        numbers.append(part.events.num_rows)
        assert set(part.events["season"].to_pylist()) <= {SEASON}
    assert numbers[0] > 0
    assert abs(numbers[1] - 4 * numbers[0]) < 5.0 * np.sqrt(numbers[1] + 16 * numbers[0])
