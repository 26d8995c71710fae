"""`dwarfnu limits` for other programs, `dwarfnu status`, and what both say of nothing."""

import csv
import io
import json
from pathlib import Path

import pytest

from tests.runs import run_cli
from tests.small_analysis import PAIRS, sensitivity_row, write_analysis


@pytest.fixture(scope="module")
def products(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("products")
    write_analysis(root)
    return root


def printed(
    products: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str
) -> str:
    assert run_cli(monkeypatch, "limits", "--products", products, *arguments) == 0
    return capsys.readouterr().out


def test_programs_read_every_column(
    products: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = json.loads(printed(products, monkeypatch, capsys, "--json"))
    assert [(row["channel"], row["mass"]) for row in rows] == list(PAIRS)
    assert rows[3]["sigma_v_sensitivity"] == sensitivity_row("tautau", 20.0)["sigma_v_sensitivity"]
    lines = list(csv.DictReader(io.StringIO(printed(products, monkeypatch, capsys, "--csv"))))
    assert [line["sigma_v_sensitivity"] for line in lines] == [str(row["sigma_v_sensitivity"]) for row in rows]
    assert lines[0].keys() == rows[0].keys()


def test_a_paper_gets_a_table(
    products: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = printed(products, monkeypatch, capsys, "--latex")
    assert text.startswith("\\begin{tabular}")
    assert text.count("\\\\") == 1 + len(PAIRS)
    assert "$\\tau^+\\tau^-$ & 20 & $" in text


def test_one_pair_is_asked_for_as_people_write_it(
    products: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (row,) = json.loads(printed(products, monkeypatch, capsys, "--json", "--pair", "Tau/20"))
    assert (row["channel"], row["mass"]) == ("tautau", 20.0)
    assert "sigma_v_sensitivity" in printed(products, monkeypatch, capsys, "--pair", "tautau/20")
    for wrong, said in (("tautau", "after a stroke"), ("tautau/x", "not a pair"), ("bb/7", "no product")):
        assert run_cli(monkeypatch, "limits", "--products", products, "--pair", wrong) == 2
        assert said in capsys.readouterr().err
    assert run_cli(monkeypatch, "limits", "--products", products, "--csv", "--json") == 2
    assert "choose one of --csv, --json" in capsys.readouterr().err


def test_status_counts_and_says_why_when_it_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "my analysis.toml"
    config.write_text('products = "nowhere"\n[pairs]\ntautau = [20]\n', encoding="utf-8")
    assert run_cli(monkeypatch, "status", config) == 0
    counts = capsys.readouterr().out
    assert f"no products yet: there is no {tmp_path / 'nowhere'}" in counts
    assert f"why: dwarfnu status '{config}' --why; make them: dwarfnu run '{config}'" in counts
    assert "not made yet" not in counts
    assert run_cli(monkeypatch, "status", config, "--why") == 0
    assert "missing  sources: not made yet" in capsys.readouterr().out
    assert not (tmp_path / "nowhere").exists()


def test_the_release_is_told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_cli(monkeypatch, "--version") == 0
    assert capsys.readouterr().out.startswith("dwarfnu 0.")


def test_a_shell_completes_commands(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("shellingham.detect_shell", lambda: ("bash", "/bin/bash"))
    assert run_cli(monkeypatch, "--show-completion", "bash") == 0
    assert "dwarfnu" in capsys.readouterr().out
