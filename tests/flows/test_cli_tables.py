"""`dwarfnu spectra …` and `dwarfnu response …`: what they print and write, and what they refuse in one line."""

import csv
import re
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.dark_matter.channels import FLAVOURS
from core.events.binned_releases import RELEASES
from core.events.point_source_release import POINT_SOURCE_SEASONS
from core.spectra import produced_spectra, spectra_at_earth
from flows import cli
from flows.cli_tables import response_commands, spectra_commands
from tests.core.events.test_binned_releases import written
from tests.core.events.test_upgrade_release import rows
from tests.drawn_point_source import write_drawn_point_source
from tests.drawn_release import write_drawn_detector

NINE = RELEASES["nine-year"]
COMMANDS = {
    "spectra": (spectra_commands, {"show", "flux", "table", "compare", "figures", "make"}),
    "response": (response_commands, {"build", "draw", "rebuild"}),
}


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """Run the command line in this process: exit code, what was printed, what was refused."""

    def ended(*arguments: str | Path) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["dwarfnu", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            cli.main()
        printed = capsys.readouterr()
        return int(end.value.code or 0), printed.out, printed.err

    return ended


def cells(printed: str, first: str) -> list[str]:
    """The cells of the row of a printed table that begins with a word."""
    (row,) = (line for line in printed.splitlines() if re.match(rf"\W*{first}\b", line))
    return row.replace("│", " ").replace("┃", " ").split()


@pytest.mark.parametrize("group", COMMANDS)
def test_a_group_holds_its_commands_and_each_says_what_it_does(group: str) -> None:
    commands, names = COMMANDS[group]
    assert {command.name for command in commands.registered_commands} == names
    assert all((command.callback.__doc__ or "").strip() for command in commands.registered_commands)


@pytest.mark.parametrize(("channel", "mass"), [("tautau", 20.0), ("Mu", 50.0)])
def test_a_pair_is_shown_with_the_numbers_of_its_spectra(run, channel: str, mass: float) -> None:
    code, printed, _ = run("spectra", "show", channel, f"{mass:g}")
    made, arriving = produced_spectra(channel, mass), spectra_at_earth(channel, mass)
    assert code == 0
    for index, flavour in enumerate(FLAVOURS):
        shown = [float(cell) for cell in cells(printed, flavour)[1:]]
        expected = [made.multiplicity()[index], made.energy_fraction()[index], made.line[index]]
        expected += [arriving.multiplicity()[index], arriving.energy_fraction()[index]]
        np.testing.assert_allclose(shown[:5], expected, rtol=2e-3, atol=1e-12)
        assert shown[-1] == pytest.approx(arriving.line[index], rel=1e-3)


def test_oscillation_keeps_the_number_of_neutrinos_that_is_shown(run) -> None:
    _, printed, _ = run("spectra", "show", "bb", "30")
    shown = np.array([[float(cell) for cell in cells(printed, flavour)[1:]] for flavour in FLAVOURS])
    made, at_earth = shown[:, 0], shown[:, 3]
    assert at_earth[:3].sum() == pytest.approx(made[:3].sum(), rel=1e-3)
    assert at_earth[3:].sum() == pytest.approx(made[3:].sum(), rel=1e-3)


def flux_of(run, folder: Path, *options: str) -> pd.DataFrame:
    path = folder / "flux.csv"
    code, _, refused = run("spectra", "flux", "tautau", "20", *options, "--output", path)
    assert code == 0, refused
    return pd.read_csv(path)


def test_flux_grows_with_the_cross_section_and_halves_for_dirac_particles(run, tmp_path: Path) -> None:
    once, twice, dirac = (
        flux_of(run, tmp_path, *options)["dphi_de"].to_numpy()
        for options in (("--sigma-v", "1e-24"), ("--sigma-v", "2e-24"), ("--sigma-v", "2e-24", "--dirac"))
    )
    assert np.nanmax(once) > 0.0
    np.testing.assert_allclose(twice, 2.0 * once)
    np.testing.assert_allclose(dirac, once)


def test_a_wider_aperture_holds_more_dark_matter(run) -> None:
    number = {}
    for aperture in ("0.1", "0.5"):
        code, printed, _ = run("spectra", "flux", "tautau", "20", "--sigma-v", "1e-24", "--aperture", aperture)
        assert code == 0
        number[aperture] = float(cells(printed, "numu")[1])
    assert number["0.1"] < number["0.5"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "give either --sigma-v, for annihilation, or --lifetime, for decay"),
        (("--sigma-v", "1e-24", "--lifetime", "1e27"), "give either --sigma-v"),
        (("--lifetime", "1e27"), "has no column log10_d_factor_0.5deg"),
        (("--lifetime", "1e27", "--dirac"), "--dirac halves annihilation alone"),
        (("--sigma-v", "1e-24", "--aperture", "0.3"), "aperture"),
        (("--sigma-v", "1e-24", "--catalogue", "nowhere.csv"), "nowhere.csv"),
    ],
)
def test_a_flux_that_cannot_be_meant_is_one_line_and_writes_nothing(
    run, options: tuple[str, ...], said: str, tmp_path: Path
) -> None:
    code, printed, refused = run("spectra", "flux", "tautau", "20", *options, "--output", tmp_path / "flux.csv")
    assert code == 2
    assert said in refused
    assert refused.count("\n") == 1
    assert not printed
    assert not list(tmp_path.iterdir())


def test_the_written_flux_has_every_line_of_a_direct_channel(run, tmp_path: Path) -> None:
    path = tmp_path / "flux.csv"
    assert run("spectra", "flux", "nunu", "50", "--sigma-v", "1e-24", "--output", path)[0] == 0
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    lines = [row for row in rows if row["line_flux"]]
    assert [row["flavour"] for row in lines] == list(FLAVOURS)
    assert {float(row["energy"]) for row in lines} == {50.0}
    assert float(lines[0]["line_flux"]) > 0.0
    np.testing.assert_allclose([float(row["line_flux"]) for row in lines], float(lines[0]["line_flux"]))


def test_the_shipped_table_is_listed_by_channel(run) -> None:
    code, printed, _ = run("spectra", "table")
    assert code == 0
    assert "Pythia" in printed
    assert cells(printed, "WW")[1] == "81"


def half_as_many(folder: Path) -> Path:
    """Tables in the form of PPPC4DMID, dN/dlog10 x, that hold half of our neutrinos of muons at 10 and 20 GeV."""
    log10_x = np.round(np.arange(-3.0, 0.001, 0.05), 2) + 0.0
    for name in ("e", "mu", "tau"):
        lines = ["#mDM Log[10,x] \\[Mu]"]
        for mass in (10.0, 20.0):
            spectrum = produced_spectra("mumu", mass).spectrum(f"nu{name}")
            energy = mass * 10.0**log10_x
            density = np.interp(energy, spectrum.energy, spectrum.dn_de) * energy * np.log(10.0)
            lines += [f"{mass:g} {x:g} {0.5 * value:.8g}" for x, value in zip(log10_x, density, strict=True)]
        (folder / f"AtProduction_neutrinos_{name}.dat").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def test_a_table_that_differs_beyond_tolerance_is_exit_code_1(run, tmp_path: Path) -> None:
    code, printed, _ = run("spectra", "compare", half_as_many(tmp_path))
    assert code == 1
    assert "OUT" in printed
    assert re.search(r"[1-9]\d* of \d+ rows are out of tolerance, [1-9]", " ".join(printed.split()))


def test_our_own_table_differs_in_nothing(run) -> None:
    code, printed, _ = run("spectra", "compare", "pythia")
    assert code == 0
    assert "0 of 105 rows are out of tolerance" in " ".join(printed.split())


def test_a_folder_without_tables_is_refused(run, tmp_path: Path) -> None:
    code, _, refused = run("spectra", "compare", tmp_path)
    assert code == 2
    assert str(tmp_path) in refused
    assert refused.count("\n") == 1


@pytest.mark.parametrize("masses", ["10,x", "10,,20", "", "10;20"])
def test_masses_that_are_no_numbers_are_refused_before_anything_is_drawn(run, masses: str, tmp_path: Path) -> None:
    code, _, refused = run("spectra", "figures", tmp_path / "figures", "--masses", masses)
    assert code == 2
    assert f"{masses!r} is not a list of numbers separated by commas" in refused
    assert not list(tmp_path.iterdir())


def test_figures_are_named_where_they_were_drawn(run, tmp_path: Path) -> None:
    code, printed, _ = run("spectra", "figures", tmp_path, "--channels", "mumu", "--masses", "10")
    assert code == 0
    named = [Path(line) for line in printed.split()]
    assert sorted(named) == sorted(tmp_path.iterdir())
    assert len(named) == 3


def test_a_response_is_not_rebuilt_from_a_folder_without_the_release(run, tmp_path: Path) -> None:
    output = tmp_path / "response.parquet"
    code, _, refused = run("response", "rebuild", tmp_path / "nowhere", "--output", output)
    assert code == 2
    assert "nowhere" in refused
    assert refused.count("\n") == 1
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_a_release_is_built_with_its_detector_or_says_that_it_has_none(run, tmp_path: Path) -> None:
    (folder := tmp_path / "release").mkdir()
    built = ("response", "build", folder, "--livetime-days", "2737.5", "--output", tmp_path / "built")
    write_drawn_detector(written(folder, NINE), NINE)
    path = folder / "hs_numu_cc.csv"
    good = path.read_text(encoding="utf-8")
    pd.read_csv(path).assign(reco_energy=5.0).to_csv(path, index=False)
    code, printed, refused = run(*built)
    assert (code, printed) == (2, "")
    assert refused.count("\n") == 1
    assert "hs_numu_cc.csv: reco_energy 5.0 lies outside the bins 6.31 to 158.5 (row 1)" in refused
    assert not (tmp_path / "built").exists()

    path.write_text(good, encoding="utf-8")
    (folder / "mc_mu.csv").unlink()
    code, printed, _ = run(*built)
    assert code == 0
    assert "has no mc_mu.csv: the expected muons are left out" in printed
    assert f'hyperplanes = "{tmp_path / "built" / "hyperplanes.parquet"}"' in printed
    assert {file.name for file in (tmp_path / "built").iterdir()} == {
        *("response.parquet", "event_counts.parquet", "hyperplanes.parquet")
    }


@pytest.mark.slow
def test_the_upgrade_is_built_with_what_the_atmosphere_gives_and_says_so(run, tmp_path: Path) -> None:
    (folder := tmp_path / "events").mkdir()
    rows(reco_azimuth=[0.2, 1.0, 0.2]).to_csv(folder / "neutrino_mc.csv", index=False)
    built = ("response", "build", folder, "--output", tmp_path / "built")
    code, _, refused = run(*built)
    assert (code, refused.count("\n")) == (2, 1)
    assert "give --livetime-days" in refused
    rows(reco_azimuth=9.0).to_csv(folder / "neutrino_mc.csv", index=False)
    code, _, refused = run(*built, "--livetime-days", "1000")
    assert (code, refused.count("\n")) == (2, 1)
    assert "reco_azimuth in row 1 is 9" in refused
    assert not (tmp_path / "built").exists()
    rows(reco_azimuth=[0.2, 1.0, 0.2]).to_csv(folder / "neutrino_mc.csv", index=False)
    code, printed, _ = run(*built, "--livetime-days", "1000")
    assert code == 0
    assert "none was measured" in printed
    assert "0 simulated neutrinos lie in no bin" in printed
    assert {file.name for file in (tmp_path / "built").iterdir()} == {"response.parquet", "event_counts.parquet"}


def test_the_ten_years_become_files_and_the_command_that_runs_them(run, tmp_path: Path) -> None:
    season = POINT_SOURCE_SEASONS[4]
    release = write_drawn_point_source(tmp_path / "release", 50, (season,))
    out, options = tmp_path / "ten-years", ("--season", "IC86_II", "--n-simulated", "1000")
    code, printed, _ = run("response", "draw", release, "--output", out, *options)
    assert code == 0
    assert "IC86_2012: 240.00 days, 50 events, 1,000 simulated" in printed
    assert printed.replace("\n", "").endswith(f"dwarfnu run {out / 'analysis.toml'}")
    assert {path.name for path in out.iterdir()} == {
        "analysis.toml",
        *(f"IC86_2012_{name}" for name in ("data.parquet", "simulation.parquet", "good_runs.npy")),
    }


@pytest.mark.parametrize(
    ("options", "missing", "said"),
    [
        ((), None, "events: lacks IC40_exp.csv"),
        (("--season", "IC86_VIII"), None, "there is no season 'IC86_VIII'"),
        (("--season", "IC86_II"), "irfs/IC86_II_smearing.csv", "irfs: lacks IC86_II_smearing.csv"),
        (("--season", "IC86_II"), "uptime/IC86_II_exp.csv", "uptime: lacks IC86_II_exp.csv"),
    ],
)
def test_what_the_ten_years_lack_is_one_line_and_nothing_is_written(
    run, options: tuple[str, ...], missing: str | None, said: str, tmp_path: Path
) -> None:
    release = write_drawn_point_source(tmp_path / "release", 5, (POINT_SOURCE_SEASONS[4],))
    if missing is not None:
        (release / missing).unlink()
    code, _, refused = run("response", "draw", release, "--output", tmp_path / "out", *options)
    assert code == 2
    assert said in refused
    assert len(refused.strip().splitlines()) == 1
    assert not (tmp_path / "out").exists()
