"""`dwarfnu export` of small analyses, read by a stranger with the descriptions alone: every limit comes back."""

import csv
from io import StringIO
from pathlib import Path

import h5py
import numpy as np
import pytest
import yaml
from rich.console import Console

from core.configuration.config import Config
from core.dark_matter.channels import FLAVOURS
from core.errors import ConfigError, ProductError
from core.products.store import ProductStore
from core.signal.flux import flux_per_sigma_v
from core.spectra import spectrum_at_earth
from flows import cli
from flows.cli_export import export
from flows.command_export import export_results
from tests.core.export.hepdata_reader import hepdata_takes
from tests.core.export.pyhf_reader import pyhf_limit
from tests.core.stages.analyses import Analysis, made_once
from tests.made_analysis import made_analysis, unblinded
from tests.runs import run_cli, written_config

Z_SQUARED = 1.2815515655446004**2
CATALOGUE = """source,ra_deg,dec_deg,distance_kpc,half_light_radius_arcmin,log10_j_factor_0.5deg,log10_d_factor_0.5deg
A,10,20,30,1,19,18
B,50,-30,80,2,18.5,17.5
"""
EDGES = (5.623413251903491, 10.0, 17.78, 31.62, 56.23, 178.0, 1000.0)


def test_the_command_line_has_it() -> None:
    assert export in {command.callback for command in cli.app.registered_commands}


def exported(config: Config, store: ProductStore, folder: Path, **more: str) -> str:
    console = Console(record=True, width=200, file=StringIO())
    export_results(config, store, folder, more.get("licence", "CC0-1.0"), ["A. Author, 2026"], console)
    return console.export_text()


def rows_of(path: Path) -> list[dict[str, str]]:
    """A table: lines that begin with # are comments, the first other one names the columns."""
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return list(csv.DictReader(lines))


def text_limits(path: Path, offset: float = 0.0) -> dict[float, float]:
    """Limits by mass of a likelihood: line 1 the factor and the masses, then strengths down and -2ΔlnL a mass."""
    first, *others = (line.split() for line in path.read_text(encoding="ascii").splitlines())
    numbers = np.array(others, dtype=float)
    assert (np.diff(numbers[:, 0]) < 0.0).all()
    return {
        float(mass): limit_of(numbers[::-1, 0], numbers[::-1, 1 + column], offset)
        for column, mass in enumerate(first[1:])
    }


def limit_of(strengths: np.ndarray, falls: np.ndarray, offset: float = 0.0) -> float:
    """The strength, above the best one, where -2ΔlnL reaches z²."""
    best = int(np.argmin(falls))
    return float(np.interp(Z_SQUARED - offset, falls[best:], strengths[best:]))


def limits(
    folder: Path, likelihood: str, profile: str = "none", strength: str = "sigma_v"
) -> dict[tuple[str, float], float]:
    return {
        (row["channel"], float(row["mass"])): float(row[f"{strength}_profile_likelihood_limit"])
        for row in rows_of(folder / "tables" / "profile_likelihood.csv")
        if (row["likelihood"], row["profile"]) == (likelihood, profile)
    }


@pytest.fixture(scope="module")
def joint(shared_folder: Path) -> Analysis:
    return made_once(shared_folder, "joint")


@pytest.fixture(scope="module")
def public(joint: Analysis, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("public") / "export"
    exported(joint.config, joint.store, folder)
    return folder


@pytest.mark.slow
def test_the_text_form_gives_the_limits_of_the_analysis_back(public: Path, joint: Analysis) -> None:
    """The expected one is the sensitivity of Gaussian fits; those of single galaxies are the table's."""
    likelihoods = public / "likelihoods" / "right_ascension_expected"
    found = text_limits(likelihoods / "tautau_stacked_dwarfnupublic3y.txt")
    assert found[20.0] == pytest.approx(limits(public, "right ascension, expected")["tautau", 20.0], rel=0.01)
    assert found[20.0] == pytest.approx(joint.row("asimov")["sigma_v_sensitivity"], rel=0.03)
    alone = rows_of(public / "tables" / "profile_likelihood_by_source.csv")
    assert len(alone) == 30
    for row in alone:
        path = likelihoods / f"tautau_{row['source'].replace(' ', '')}_dwarfnupublic3y.txt"
        assert text_limits(path)[20.0] == pytest.approx(float(row["sigma_v_profile_likelihood_limit"]), rel=0.01)


@pytest.mark.slow
def test_the_counts_give_their_observed_limits_back(public: Path, joint: Analysis) -> None:
    """Without the bound at 0 the limit is where -2ΔlnL + fall_below_zero is z²: that of `counts_limit`, CL_{s+b}."""
    table = rows_of(public / "tables" / "profile_likelihood.csv")
    plain = {
        row["profile"]: row["sigma_v_upper_limit_unfloored"]
        for row in joint.table("counts_limit").to_pylist()
        if row["method"] == "atmospheric_cls"
    }
    for profile, source in (("none", "dwarfs"), ("nfw", "dwarfsandnfwhalo")):
        path = public / "likelihoods" / "counts_measured" / f"tautau_{source}_dwarfnupublic3y.txt"
        (row,) = (row for row in table if row["likelihood"] == "counts, measured" and row["profile"] == profile)
        bounded = limits(public, "counts, measured", profile)["tautau", 20.0]
        assert text_limits(path)[20.0] == pytest.approx(bounded, rel=0.01)
        assert text_limits(path, float(row["fall_below_zero"]))[20.0] == pytest.approx(plain[profile], rel=0.01)


@pytest.mark.slow
def test_lklcoms_hdf5_has_the_same_limits(public: Path) -> None:
    with h5py.File(public / "likelihoods" / "right_ascension_expected" / "lklcom.hdf5") as file:
        rows = file["dwarfnupublic3y/stacked/tautau/data"][:]
        assert len(file["dwarfnupublic3y"]) == 31
    found = limit_of(rows["ts_values"][0].astype(float), rows["ts_values"][1].astype(float))
    assert found == pytest.approx(limits(public, "right ascension, expected")["tautau", 20.0], rel=0.01)


@pytest.mark.slow
def test_a_spectrum_is_limited_by_the_folded_response(public: Path) -> None:
    """-2ΔlnL(s) = -2 Σ events ln(1 + s c), with c = Σ flux x column / expected events, for the fluxes of tautau/20."""
    path = public / "likelihoods" / "by_energy_expected" / "response_folded.csv"
    rows = rows_of(path)
    names = [name for name in rows[0] if name not in {"cell", "background_events", "events"}]
    table = np.array([[float(row[name]) for name in names] for row in rows])
    background, events = (np.array([float(row[name]) for row in rows]) for name in ("background_events", "events"))
    with_j = flux_per_sigma_v(10.0**20.207, 20.0)
    spectra = {f: spectrum_at_earth("tautau", 20.0, f) for f in FLAVOURS}
    fluxes = []
    for name in names:
        flavour, low, high = name.split("_")
        edges = np.array([float(low), float(high)])
        fluxes.append(with_j * sum(spectra[own].counts_in_bins(edges)[0] for own in (flavour, f"{flavour}bar")))
    change = table @ np.array(fluxes) / background
    told = limits(public, "right ascension, expected")["tautau", 20.0]
    strengths = np.linspace(0.0, 3.0 * told, 601)
    found = limit_of(strengths, -2.0 * np.log1p(np.outer(strengths, change)) @ events)
    assert found == pytest.approx(told, rel=0.02)
    assert (path.parent / "likelihood_sed.fits").is_file()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:jsonschema:DeprecationWarning")
def test_pyhf_gives_the_limit_back(public: Path) -> None:
    pytest.importorskip("pyhf")
    found = pyhf_limit((public / "workspaces" / "tautau_20.json").read_text(encoding="utf-8"))
    assert found == pytest.approx(limits(public, "right ascension, expected")["tautau", 20.0], rel=0.01)


@pytest.mark.slow
def test_hepdata_takes_the_submission(public: Path) -> None:
    assert hepdata_takes(public / "hepdata")


@pytest.mark.slow
def test_tables_say_what_is_expected_and_what_is_observed(public: Path, joint: Analysis) -> None:
    (row,) = rows_of(public / "tables" / "sensitivity.csv")
    assert float(row["sigma_v_sensitivity"]) == joint.row("sensitivity")["sigma_v_sensitivity"]
    distances = rows_of(public / "tables" / "profile_likelihood.csv")
    assert {row["likelihood"] for row in distances} == {"right ascension, expected", "counts, measured"}
    readme = (public / "README.md").read_text(encoding="utf-8")
    for said in ("**expected, not observed**", "**observed**", "CC0-1.0", "A. Author, 2026", "10.21234/ac23-ra43"):
        assert said in readme
    about = yaml.safe_load((public / "workspaces" / "about.yaml").read_text(encoding="utf-8"))
    products = rows_of(public / "products.csv")
    assert about["recipe_digest"] in readme
    stored = joint.store.metadata("sensitivity")
    (sensitivity,) = (row for row in products if row["product"] == stored["path"])
    assert sensitivity["recipe_digest"] == stored["recipe_digest"]


@pytest.mark.slow
def test_a_folder_that_holds_something_is_left_alone(joint: Analysis, public: Path, tmp_path: Path) -> None:
    before = sorted(path.name for path in public.iterdir())
    with pytest.raises(ConfigError, match="holds something already"):
        exported(joint.config, joint.store, public)
    assert sorted(path.name for path in public.iterdir()) == before
    with pytest.raises(ConfigError, match="--licence GPL: choose one of"):
        exported(joint.config, joint.store, tmp_path / "new", licence="GPL")
    assert not list(tmp_path.iterdir())


def test_without_results_it_says_how_to_make_them(tmp_path: Path) -> None:
    with pytest.raises(ProductError, match=r"no sensitivity .* is fresh .*`dwarfnu run` makes them"):
        exported(Config(products=str(tmp_path)), ProductStore(tmp_path), tmp_path / "export")
    assert not (tmp_path / "export").exists()


def test_the_command_asks_for_a_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_cli(monkeypatch, "export") == 2
    assert "--to" in capsys.readouterr().err
    assert run_cli(monkeypatch, "export", written_config(tmp_path), "--to", tmp_path / "export") == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 1
    assert not (tmp_path / "export").exists()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:jsonschema:DeprecationWarning")
def test_decay_is_told_in_its_rate(tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text(CATALOGUE, encoding="utf-8")
    config = Config(
        analysis="my-decay",
        process="decay",
        products=str(tmp_path / "products"),
        sources={"catalogue": str(tmp_path / "mine.csv")},
        pairs={"tautau": (40.0,)},
        statistic={"nside": 8, "n_cells": 64},
        trials={"n_background": 2000, "n_signal": 500, "n_tail": 10_000},
    )
    made = ["sources", "spectra", "event_counts", "response", "background_pdf", "acceptance", "energy_range"]
    made += ["signal_pdf", "ratio_cells", "background_trials", "signal_trials", "asimov", "sensitivity"]
    store = made_analysis(config, made)
    printed = exported(config, store, tmp_path / "export")
    folder = tmp_path / "export"
    assert "counts_likelihood" in printed
    found = text_limits(folder / "likelihoods" / "right_ascension_expected" / "tautau_stacked_dwarfnumydecay.txt")
    told = limits(folder, "right ascension, expected", strength="decay_rate")["tautau", 40.0]
    assert found[40.0] == pytest.approx(told, rel=0.01)
    assert told == pytest.approx(store.read("asimov")["decay_rate_sensitivity"][0].as_py(), rel=0.03)
    first = (folder / "likelihoods" / "right_ascension_expected" / "tautau_A_dwarfnumydecay.txt").read_text()
    assert first.startswith("18 40\n")
    assert not (folder / "curves").exists()
    pytest.importorskip("pyhf")
    assert pyhf_limit((folder / "workspaces" / "tautau_40.json").read_text()) == pytest.approx(told, rel=0.01)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:jsonschema:DeprecationWarning")
def test_an_unblinded_sky_is_handed_on_as_it_was_observed(tmp_path: Path) -> None:
    """With a signal of some three times the sensitivity: the likelihood's own limit of `upper_limit` comes back."""
    config = Config(
        sample="simulated-7y",
        analysis="with-signal",
        seed=2,
        products=str(tmp_path / "products"),
        pairs={"tautau": (20.0,)},
        simulated={"n_simulated": 350_000, "injected": ({"channel": "tautau", "mass": 20.0, "sigma_v": 1e-20},)},
        bins={"reco_energy_edges": EDGES},
        trials={"n_background": 4000, "n_signal": 1000},
        limits={"n_common_skies": 200},
    )
    store = made_analysis(config)
    unblinded(config, store)
    folder = tmp_path / "export"
    exported(config, store, folder)
    ours = store.read("upper_limit")["sigma_v_upper_limit_likelihood"][0].as_py()
    text = folder / "likelihoods" / "right_ascension_simulated" / "tautau_stacked_dwarfnuwithsignal.txt"
    assert text_limits(text)[20.0] == pytest.approx(ours, rel=0.01)
    assert limits(folder, "right ascension, simulated")["tautau", 20.0] == pytest.approx(ours, rel=1e-4)
    assert "SIMULATED events" in (folder / "README.md").read_text(encoding="utf-8")
    pytest.importorskip("pyhf")
    assert pyhf_limit((folder / "workspaces" / "tautau_20.json").read_text()) == pytest.approx(ours, rel=0.01)
