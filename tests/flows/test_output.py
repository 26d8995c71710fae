"""What is printed: no letter that a terminal does not have ends the work."""

import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.runs import clean_environment

PRINTED = """
from flows.progress import show_what_can_be_shown, wide_console
from rich.table import Table
show_what_can_be_shown()
table = Table(title="⟨σv⟩ sensitivity")
table.add_column("n_s")
table.add_row("4.7 ± 0.1 … –")
wide_console().print(table)
print("Künstler 銀河 \\udcff")
import subprocess, sys
subprocess.run([sys.executable, "-c", "print('⟨σv⟩')"], check=True)
"""


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "utf-8"])
def test_what_a_terminal_cannot_show_is_replaced(tmp_path: Path, encoding: str) -> None:
    environment = clean_environment(tmp_path) | {"PYTHONIOENCODING": encoding, "PYTHONPATH": str(Path.cwd())}
    done = subprocess.run([sys.executable, "-c", PRINTED], env=environment, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    said = done.stdout.decode(encoding)
    assert "sensitivity" in said
    assert ("⟨σv⟩" in said) == (encoding == "utf-8")


@pytest.mark.slow
def test_the_closing_table_of_a_run_is_printed_in_ascii(public_run: Path) -> None:
    environment = clean_environment(public_run) | {"PYTHONIOENCODING": "ascii"}
    command = [sys.executable, "-m", "flows.cli", "limits", str(public_run / "analysis.toml")]
    done = subprocess.run(command, env=environment, capture_output=True, check=False, cwd=public_run)
    assert done.returncode == 0, done.stderr
    assert b"sensitivity" in done.stdout


def test_matplotlib_without_a_home_says_nothing(tmp_path: Path) -> None:
    quiet = "from flows.progress import keep_matplotlib_quiet; keep_matplotlib_quiet(); import matplotlib"
    (tmp_path / "home").write_text("")
    environment = clean_environment(tmp_path, HOME=str(tmp_path / "home"), PYTHONPATH=str(Path.cwd()))
    done = subprocess.run([sys.executable, "-c", quiet], env=environment, capture_output=True, check=False, text=True)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.slow
def test_a_name_with_umlauts_is_taken_whatever_the_locale_says(tmp_path: Path) -> None:
    path = tmp_path / "Für Übungen.parquet"
    pq.write_table(pa.table({"reco_dec": [0.1, 0.2]}), path)
    locale = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONPATH": str(Path.cwd())}
    command = [sys.executable, "-m", "flows.cli", "inspect", str(path)]
    done = subprocess.run(command, env=clean_environment(tmp_path) | locale, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"bungen.parquet: Parquet, 2 rows" in done.stdout
    assert done.stdout.isascii()
