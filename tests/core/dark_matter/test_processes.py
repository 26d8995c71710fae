"""Annihilation, annihilation of Dirac particles, and decay: what their signals are in proportion to."""

import math

import numpy as np
import pyarrow as pa
import pytest

from core.dark_matter.processes import ANNIHILATION, PROCESSES, Process, process_of, strength_column
from core.errors import InputError, PhysicsError
from core.signal.flux import flux_per_strength


def test_each_process_has_its_flux_per_strength() -> None:
    factor, mass = np.array([1e18, 3e18]), 40.0
    of_annihilation = factor / (8.0 * math.pi * mass**2)
    assert flux_per_strength(ANNIHILATION, factor, mass) == pytest.approx(of_annihilation)
    assert flux_per_strength(PROCESSES["dirac_annihilation"], factor, mass) == pytest.approx(of_annihilation / 2.0)
    assert flux_per_strength(PROCESSES["decay"], factor, mass) == pytest.approx(factor / (4.0 * math.pi * mass))


def test_a_particle_that_decays_has_half_its_mass_for_each_product() -> None:
    assert [process.spectrum_mass(40.0) for process in PROCESSES.values()] == [40.0, 40.0, 20.0]


@pytest.mark.parametrize("process", PROCESSES.values(), ids=lambda process: process.name)
def test_tables_name_their_process(process: Process) -> None:
    table = pa.table({"process": [process.name], f"n_s_per_{process.strength}": [1.0]})
    assert process_of(table) is process
    assert strength_column(table, "n_s_per_{}") == f"n_s_per_{process.strength}"


def test_tables_that_name_none_are_of_annihilation() -> None:
    assert process_of(pa.table({"j_factor": [1e18]})) is ANNIHILATION


def test_what_is_not_known_is_said() -> None:
    with pytest.raises(InputError, match="process 'oscillation' is not known: known are annihilation"):
        process_of(pa.table({"process": ["oscillation"]}))
    with pytest.raises(InputError, match="no column n_s_per_sigma_v or n_s_per_decay_rate; it has mass"):
        strength_column(pa.table({"mass": [1.0]}), "n_s_per_{}")


@pytest.mark.parametrize("factor", [0.0, -1.0, math.nan, math.inf])
def test_a_source_without_its_factor_is_named(factor: float) -> None:
    sources = pa.table({"source": ["A", "B"], "process": ["decay"] * 2, "d_factor": [1e18, factor]})
    with pytest.raises(PhysicsError, match=r"D factor .* of source B: needed is a finite one above 0"):
        process_of(sources).factors(sources)
