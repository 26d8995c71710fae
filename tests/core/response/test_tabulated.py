"""A telescope described by tables: its area by declination, its background, and a run to its sensitivity."""

from pathlib import Path

import numpy as np
import pytest

from core.configuration.config import read_config
from core.dark_matter.channels import FLAVOURS
from core.errors import InputError
from core.events.classes import EVENT_CLASSES
from core.response.kernels import kernel_density
from core.response.shipping import read_response
from core.response.tabulated import (
    declination_counts,
    energy_migration,
    kappa_of_median,
    read_telescope,
    telescope_response,
    whole_events,
    write_telescope,
)
from core.signal.acceptance import source_acceptance
from core.stages.pairs import served_pairs
from core.units import DAY, DEGREE
from tests.core.response.simulated_cases import default_sources, spectra
from tests.made_analysis import made_analysis
from tests.orca_like import ENERGIES, LATITUDE_DEG, LIVETIME_DAYS, ZENITHS, area_m2, write_tables

NAMES = ("response.parquet", "event_counts.parquet")
STAGES = (
    *("sources", "spectra", "response", "event_counts", "acceptance", "background_pdf", "signal_pdf", "ratio_cells"),
    *("background_trials", "signal_trials", "sensitivity"),
)


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tables(tmp_path_factory.mktemp("telescope"))


def integral_of_tables(channel: str, mass: float) -> float:
    """n_s per <σv> from the formula of the area: an integral over energy and over the hours of the day."""
    sources, at_earth = default_sources(), spectra(channel, mass)  # type: ignore[arg-type]
    hour = 2.0 * np.pi * (np.arange(2000) + 0.5) / 2000
    middles, bands = np.sqrt(ENERGIES[1:] * ENERGIES[:-1]), 0.5 * (ZENITHS[1:] + ZENITHS[:-1])
    by_zenith = {
        flavour: np.array(
            [[sum(area_m2(flavour, name, e, z) for name in EVENT_CLASSES) for e in middles] for z in bands]
        )
        for flavour in FLAVOURS
    }
    total, latitude = 0.0, LATITUDE_DEG * DEGREE
    for dec, j_factor in zip(sources["dec"].to_numpy(), sources["j_factor"].to_numpy(), strict=True):
        cos_zenith = np.sin(latitude) * np.sin(dec) + np.cos(latitude) * np.cos(dec) * np.cos(hour)
        weights = np.histogram(cos_zenith, ZENITHS)[0] / len(hour)
        for flavour in FLAVOURS:
            spectrum = at_earth[flavour]
            fine = np.geomspace(ENERGIES[0], min(ENERGIES[-1], mass), 4001)
            dn_de = np.interp(np.log(fine), np.log(spectrum.energy), spectrum.dn_de * spectrum.energy, 0.0, 0.0) / fine
            place = np.clip(np.searchsorted(ENERGIES, fine, side="right") - 1, 0, len(middles) - 1)
            total += j_factor * float(np.trapezoid(dn_de * (weights @ by_zenith[flavour])[place] * 1e4, fine))
    return total * LIVETIME_DAYS * DAY / (8.0 * np.pi * mass**2)


@pytest.mark.slow
def test_a_run_reaches_a_sensitivity_with_the_integral_of_the_tabulated_area(tables: Path, tmp_path: Path) -> None:
    _, (response, counts) = write_telescope(tables, tmp_path / "built", NAMES)
    config = read_config(
        None,
        products=str(tmp_path),
        analysis="orca-like",
        sample="binned",
        binned={"response": str(response), "event_counts": str(counts)},
        pairs={"tautau": [20.0]},
        statistic={"name": "joint", "nside": 8, "n_cells": 64},
        trials={"n_background": 2000, "n_signal": 500, "n_tail": 10_000},
    )
    store = made_analysis(config, STAGES)
    assert served_pairs(config, store) == {("tautau", 20.0): ""}
    (row,) = store.read("sensitivity", seed=config.seed).to_pylist()
    assert row["n_s_sensitivity"] > 0.0
    assert row["sigma_v_sensitivity"] == pytest.approx(row["n_s_sensitivity"] / row["n_s_per_sigma_v"], rel=1e-9)
    # Of the tabulated area a part lies outside the bins of reconstructed energy, as the table of migration says.
    whole = source_acceptance(read_response(response), spectra("tautau", 20.0), default_sources(), 20.0)
    assert row["n_s_per_sigma_v"] == pytest.approx(whole.total.n_s_per_strength, rel=1e-6)


@pytest.mark.parametrize(("channel", "mass"), [("tautau", 20.0), ("bb", 100.0)])
def test_expected_events_are_the_integral_of_the_tabulated_area(channel: str, mass: float, tables: Path) -> None:
    telescope = read_telescope(tables / "detector.toml")
    response = telescope_response(tables, telescope)
    _, migration = energy_migration(tables / "energy_migration.csv", ENERGIES)
    # Back to the area before events drop out of the bins of reconstructed energy.
    whole = response.effective_area / migration.sum(axis=-1)[:, :, None]
    response = type(response)(**{**vars(response), "effective_area": whole})
    found = source_acceptance(response, spectra(channel, mass), default_sources(), mass)  # type: ignore[arg-type]
    assert found.total.n_s_per_strength == pytest.approx(integral_of_tables(channel, mass), rel=0.01)


def test_at_the_south_pole_the_area_is_that_of_the_table(tmp_path: Path) -> None:
    folder = write_tables(tmp_path, -90.0)
    telescope = read_telescope(folder / "detector.toml")
    response = telescope_response(folder, telescope)
    kept = energy_migration(folder / "energy_migration.csv", ENERGIES)[1].sum(axis=-1)
    middles = np.sqrt(ENERGIES[1:] * ENERGIES[:-1])
    for zenith in (0, 5, 13, 19):
        dec = -np.arcsin(0.5 * (ZENITHS[zenith] + ZENITHS[zenith + 1]))
        for index, name in enumerate(EVENT_CLASSES):
            expected = [area_m2("numu", name, e, -float(np.sin(dec))) for e in middles] * kept[index] * 1e4
            area = response.effective_area_at(float(dec))[FLAVOURS.index("numu"), 0, index]
            np.testing.assert_allclose(area, expected, rtol=1e-12)


def test_background_keeps_its_number_and_at_the_pole_its_bins(tables: Path, tmp_path: Path) -> None:
    path = tables / "event_counts.csv"
    here, energies = declination_counts(path, LATITUDE_DEG * DEGREE)
    at_pole, _ = declination_counts(path, -90.0 * DEGREE)
    np.testing.assert_array_equal(here.sum(axis=2), at_pole.sum(axis=2))
    values = np.array([float(line.rsplit(",", 1)[1]) for line in path.read_text().splitlines()[1:]])
    assert np.abs(at_pole.ravel() - values).max() < 1.0
    assert len(energies) == 11
    # From here the band with most events from below is spread over declinations that stand there for part of a day.
    assert here.max() < at_pole.max()


@pytest.mark.parametrize("median_deg", [0.1, 1.0, 20.0, 60.0, 85.0])
def test_half_of_a_kernel_lies_within_its_median_angle(median_deg: float) -> None:
    kappa = kappa_of_median(np.array([median_deg * DEGREE]))
    angle = np.linspace(0.0, median_deg * DEGREE, 20_001)
    density = kernel_density(kappa, angle) * 2.0 * np.pi * np.sin(angle)
    assert np.trapezoid(density, angle) == pytest.approx(0.5, rel=1e-5)


def test_whole_events_keep_the_sum_and_the_largest_remainders() -> None:
    np.testing.assert_array_equal(whole_events(np.array([[0.6, 1.7, 2.7], [0.0, 0.0, 3.0]])), [[0, 2, 3], [0, 0, 3]])


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("detector.toml", "42.8", "142.8", "latitude_deg = 142.8; a number from -90 to 90"),
        ("detector.toml", "livetime_days = 1000", "livetime_days = 0", "days above 0 are due"),
        ("detector.toml", "name = ", "names = ", "name, latitude_deg, livetime_days are due|are due"),
        ("detector.toml", "name = ", "name ", "is not a TOML file"),
        ("effective_area.csv", "\nnue,", "\nnux,", "row 2, column flavour: 'nux'"),
        ("effective_area.csv", "e-06", "e+306", r"column effective_area_m2: .* allowed is 0 to 1e\+09 m2"),
        ("effective_area.csv", "effective_area_m2", "area", "lacks effective_area_m2"),
        ("effective_area.csv", "\nnue,cascade,2.0,", "\nnue,cascade,2.1,", "bins follow one another"),
        ("energy_migration.csv", "\ncascade,2.0,", "\ntrack,2.0,", "one row in each cell is due"),
        ("energy_migration.csv", "200.0", "220.0", "has 20 bins of energy, 2 to 220 GeV; those of effective_area.csv"),
        ("angular_error.csv", "\ncascade,2.0,", "\nmuon,2.0,", "column event_class: 'muon'"),
        ("event_counts.csv", ",1.0,", ",0.99,", "all directions, -1 to 1, are due"),
        ("event_counts.csv", ",150.0", ",160.0", "its reconstructed energies are not those of"),
    ],
)
def test_what_is_wrong_with_a_table_is_named_and_nothing_is_written(
    tables: Path, tmp_path: Path, name: str, old: str, new: str, said: str
) -> None:
    folder = tmp_path / "copy"
    folder.mkdir()
    for path in tables.iterdir():
        text = path.read_text(encoding="utf-8")
        (folder / path.name).write_text(text.replace(old, new) if path.name == name else text, encoding="utf-8")
    with pytest.raises(InputError, match=said) as refused:
        write_telescope(folder, tmp_path / "built", NAMES)
    assert name in str(refused.value)
    assert not (tmp_path / "built").exists()
