"""The command line: what cannot be meant is one clear line and exit code 2, and leaves no product."""

import sys
import tomllib
from pathlib import Path

import pytest

from core.config import Config
from flows import cli


def run_cli(monkeypatch: pytest.MonkeyPatch, *arguments: str | Path) -> int:
    monkeypatch.setattr(sys, "argv", ["dwarfnu", *map(str, arguments)])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return int(ended.value.code or 0)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[pairs]\nqq = [10]", "unknown channel 'qq'"),
        ("[pairs]\nbb = [1e9]", "pairs.bb.0 = 1000000000.0"),
        ("[pairs]\nWW = [80]", "WW is closed at 80 GeV"),
        ("[trails]\nn_background = 10", "unknown key trails"),
        ('[sources]\ncatalogue = "nowhere.csv"', "nowhere.csv: No such file"),
        ('[sources]\ncatalogue = "mine.csv"', "J factor of A within 0.5 deg is not a number"),
        ('[spectra]\nsource = "nowhere"', "nowhere: No such file or directory"),
        ('products = "analysis.toml/products"', "cannot write products under"),
        ('products = "/proc/products"', "cannot write products under"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(
    text: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine.csv").write_text(
        "source,ra_deg,dec_deg,distance_kpc,half_light_radius_arcmin,log10_j_factor_0.5deg\nA,1,1,20,60,nan\n"
    )
    place = "" if "products" in text else 'products = "products"\n'
    path = tmp_path / "analysis.toml"
    path.write_text(place + text, encoding="utf-8")
    before = sorted(tmp_path.rglob("*"))
    assert run_cli(monkeypatch, "run", path) == 2
    printed = capsys.readouterr()
    assert said in printed.err
    assert printed.err.startswith("dwarfnu: ")
    assert printed.err.count("\n") == 1
    assert sorted(tmp_path.rglob("*")) == before


def test_a_missing_configuration_is_exit_code_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_cli(monkeypatch, "run", tmp_path / "nowhere.toml") == 2
    assert "cannot read the configuration" in capsys.readouterr().err


def test_print_config_shows_what_a_run_would_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "analysis.toml"
    path.write_text("[pairs]\nTau = [20]\n", encoding="utf-8")
    assert run_cli(monkeypatch, "run", path, "--seed", "5", "--print-config") == 0
    config = Config.model_validate(tomllib.loads(capsys.readouterr().out))
    assert config.seed == 5
    assert config.channel_masses == (("tautau", 20.0),)


def test_limits_without_products_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_cli(monkeypatch, "limits", "--products", tmp_path / "nothing") == 2
    assert "no product sensitivity" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["run", "status", "trials", "limits", "figures", "dashboard", "serve"])
def test_every_command_explains_itself(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_cli(monkeypatch, name, "--help") == 0
    assert "Usage: dwarfnu " + name in capsys.readouterr().out
