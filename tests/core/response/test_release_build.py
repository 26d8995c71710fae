"""A release in the nine-year format, drawn from our own response: built, held against its events, run to a limit."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.configuration.config import read_config
from core.dark_matter.channels import FLAVOURS
from core.errors import InputError
from core.events.binned_releases import RELEASES, read_simulated_neutrinos
from core.response.angular import expected_counts
from core.response.hyperplanes import NINE_YEAR_PARAMETERS, read_hyperplanes
from core.response.model import Response
from core.response.muons import ExpectedMuons
from core.response.release_build import release_bins, write_release
from core.response.shipping import read_response
from core.signal.acceptance import source_acceptance
from core.spectra import Spectrum
from core.stages.pairs import served_pairs
from tests.core.events.test_binned_releases import counts_of, written
from tests.core.response.simulated_cases import default_sources, spectra
from tests.drawn_release import drawn_simulation, write_drawn_detector, write_drawn_release
from tests.made_analysis import made_analysis

NINE = RELEASES["nine-year"]
LIVETIME = 7.0 * 365.0 * 86400.0
STAGES = (
    *("sources", "spectra", "response", "event_counts", "acceptance", "background_pdf", "signal_pdf", "ratio_cells"),
    *("background_trials", "signal_trials", "sensitivity", "systematics"),
)


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, pa.Table]:
    """The folder of a drawn release, built in its folder `built`, and its simulated events."""
    folder = tmp_path_factory.mktemp("nine-year")
    simulation = drawn_simulation(NINE, 300_000)
    write_drawn_release(folder, NINE, simulation)
    write_drawn_detector(folder, NINE)
    write_release(folder, folder / "built", LIVETIME)
    return folder, simulation


def summed_over_events(at_earth: dict[str, Spectrum], mass: float, events: pa.Table, response: Response) -> float:
    """n_s per <σv>: each event with the flux at its own energy, of the sources that its zenith bin stands for."""
    sources, edges = default_sources(), response.true_cos_zenith_edges
    per_bin = sources["j_factor"].to_numpy() @ response.zenith_shares(-np.sin(sources["dec"].to_numpy()))
    per_bin /= 2.0 * np.pi * np.diff(edges)
    zenith_bin = np.clip(np.searchsorted(edges, -np.sin(events["true_dec"].to_numpy()), side="right") - 1, 0, 15)
    energy, flavour = events["true_energy"].to_numpy(), events["flavour"].to_numpy().astype(str)
    density = np.zeros(len(energy))
    for name in FLAVOURS:
        own, spectrum = flavour == name, at_earth[name]
        assert not spectrum.lines
        per_log = np.interp(np.log(energy[own]), np.log(spectrum.energy), spectrum.dn_de * spectrum.energy, 0.0, 0.0)
        density[own] = per_log / energy[own]
    return float(np.sum(events["weight"].to_numpy() * per_bin[zenith_bin] * density)) * LIVETIME / (8 * np.pi * mass**2)


@pytest.mark.slow
@pytest.mark.parametrize(("channel", "mass"), [("tautau", 20.0), ("tautau", 100.0), ("bb", 100.0), ("mumu", 50.0)])
def test_expected_events_are_the_direct_sum_over_the_drawn_ones(
    channel: str, mass: float, drawn: tuple[Path, pa.Table]
) -> None:
    response = read_response(drawn[0] / "built" / "response.parquet")
    at_earth = spectra(channel, mass)  # type: ignore[arg-type]
    binned = source_acceptance(response, at_earth, default_sources(), mass).total.n_s_per_strength
    assert binned == pytest.approx(summed_over_events(at_earth, mass, drawn[1], response), rel=0.01)


@pytest.mark.slow
def test_the_drawn_events_come_back_in_their_bins(drawn: tuple[Path, pa.Table]) -> None:
    response = read_response(drawn[0] / "built" / "response.parquet")
    events = read_simulated_neutrinos(drawn[0], NINE)
    centres = 0.5 * (response.true_cos_zenith_edges[1:] + response.true_cos_zenith_edges[:-1])
    counts = np.zeros((2, *NINE.shape[1:]))
    phase_space = np.diff(response.true_energy_edges)[:, None] * 2.0 * np.pi * np.diff(response.true_cos_zenith_edges)
    for zenith, cos_zenith in enumerate(centres):
        found = expected_counts(response, (response.effective_area * phase_space)[..., zenith], float(cos_zenith))
        assert np.all(found[..., -1] == 0.0), "the release has no event above the horizon"
        counts += found[..., :-1]
    direct = np.zeros_like(counts)
    np.add.at(direct, (events.event_class, events.reco_energy_bin, events.reco_cos_zenith_bin), events.weight)
    assert counts.sum() == pytest.approx(direct.sum(), rel=1e-3)
    # Migration in energy is a smooth law of the class: single bins of energy keep to it, not to their events.
    np.testing.assert_allclose(counts.sum(axis=2) / direct.sum(axis=2), 1.0, atol=0.1)


@pytest.mark.slow
def test_a_run_reaches_its_sensitivity_above_the_cut_of_three_years(
    drawn: tuple[Path, pa.Table], tmp_path: Path
) -> None:
    config = read_config(
        None,
        products=str(tmp_path),
        analysis="nine-years",
        sample="binned",
        binned={
            name: str(drawn[0] / "built" / f"{name}.parquet") for name in ("response", "event_counts", "hyperplanes")
        },
        pairs={"tautau": [100.0]},
        statistic={"name": "joint", "nside": 8, "n_cells": 64},
        trials={"n_background": 2000, "n_signal": 500, "n_tail": 10_000},
    )
    store = made_analysis(config, STAGES)
    assert served_pairs(config, store) == {("tautau", 100.0): ""}
    (row,) = store.read("sensitivity", seed=config.seed).to_pylist()
    assert row["n_s_sensitivity"] > 0.0
    assert row["sigma_v_sensitivity"] == pytest.approx(row["n_s_sensitivity"] / row["n_s_per_sigma_v"], rel=1e-9)
    response = read_response(drawn[0] / "built" / "response.parquet")
    direct = summed_over_events(spectra("tautau", 100.0), 100.0, drawn[1], response)
    assert row["n_s_per_sigma_v"] == pytest.approx(direct, rel=0.01)
    systematics = {one["cause"]: one for one in store.read("systematics").to_pylist()}
    assert {parameter.name for parameter in NINE_YEAR_PARAMETERS} <= set(systematics)
    assert not {"effective_area", "energy_scale", "angular_error", "ice_absorption"} & set(systematics)
    assert systematics["dom_eff"]["shift_lo"] < -0.02 < 0.02 < systematics["dom_eff"]["shift_hi"]
    assert systematics["detector_envelope"]["shift_hi"] > systematics["cc_cross_section"]["shift_hi"]
    assert systematics["total"]["sigma_v_sensitivity_marginalised"] == pytest.approx(
        systematics["total"]["sigma_v_sensitivity_asimov"], rel=0.2
    )


def small_release(folder: Path) -> Path:
    """A folder of a dozen events with muons and hypersurfaces; its counts are of every bin."""
    write_drawn_detector(written(folder, NINE), NINE)
    return folder


@pytest.mark.slow
def test_muons_and_hyperplanes_are_written_where_the_folder_has_them(tmp_path: Path) -> None:
    (folder := tmp_path / "release").mkdir()
    built = write_release(small_release(folder), tmp_path / "with", LIVETIME)
    assert set(built.files) == {"response", "event_counts", "hyperplanes", "muons"}
    assert built.left_out == ()
    assert read_hyperplanes(built.files["hyperplanes"]).parameters == NINE_YEAR_PARAMETERS
    muons = pq.read_table(built.files["muons"], partitioning=None)
    assert ExpectedMuons.from_table(muons).n_expected.shape == NINE.shape
    assert {b"mc_mu.csv", b"hs_numu_cc.csv", b"data.csv"} <= set(muons.schema.metadata)

    for name in ("mc_mu.csv", *NINE.surface_files.values()):
        (folder / name).unlink(missing_ok=True)
    without = write_release(folder, tmp_path / "without", LIVETIME)
    assert set(without.files) == {"response", "event_counts"}
    assert [sentence.split(" has no ")[1] for sentence in without.left_out] == [
        "hs_nu_nc_nue_cc.csv, hs_numu_cc.csv, hs_nutau_cc.csv: the detector's uncertainties are left out",
        "mc_mu.csv: the expected muons are left out",
    ]
    for name in ("response", "event_counts"):
        assert pq.read_table(built.files[name]).equals(pq.read_table(without.files[name]))


def test_a_wrong_surface_or_muon_leaves_nothing_behind(tmp_path: Path) -> None:
    (folder := tmp_path / "release").mkdir()
    path = small_release(folder) / "hs_nutau_cc.csv"
    pd.read_csv(path).assign(reco_coszen=0.2).to_csv(path, index=False)
    with pytest.raises(InputError, match=r"hs_nutau_cc\.csv: reco_coszen 0\.2 lies outside the bins -1 to 0\.1"):
        write_release(folder, tmp_path / "built", LIVETIME)
    path.unlink()
    with pytest.raises(InputError, match=r"lacks hs_nutau_cc\.csv"):
        write_release(folder, tmp_path / "built", LIVETIME)
    (folder / "mc_mu.csv").write_text("count\n1\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"mc_mu\.csv lacks the columns abs_uncertainty, pid"):
        write_release(folder, tmp_path / "built", LIVETIME)
    assert not (tmp_path / "built").exists()


def test_what_a_release_does_not_tell_must_be_told_and_nothing_is_written(tmp_path: Path) -> None:
    folder = written(tmp_path, NINE)
    with pytest.raises(InputError, match="do not tell the livetime: give --livetime-days"):
        write_release(folder, folder / "built")
    counts_of(NINE).assign(count=0).to_csv(folder / "data.csv", index=False)
    with pytest.raises(InputError, match="holds no event"):
        write_release(folder, folder / "built", LIVETIME)
    assert not (folder / "built").exists()


def test_energies_reach_beyond_the_three_years() -> None:
    bins = release_bins(NINE)
    assert bins.reco_energy_edges[-1] == 158.49
    assert (bins.n_energies, bins.n_bands) == (10, 11)
