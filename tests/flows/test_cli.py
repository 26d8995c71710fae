"""The command line: what cannot be meant is one clear line and exit code 2, and leaves no product."""

import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pyarrow as pa
import pytest

from core.configuration.config import Config, read_config
from core.errors import ConfigError, PhysicsError
from core.products.recipe import ProductKey
from core.products.store import ProductStore
from flows.command_run import check_something_served
from flows.prefect_settings import WORKERS_VARIABLE, prepare_prefect
from tests.runs import dwarfnu, run_cli, written_config
from tests.small_analysis import write

ROOT = Path(__file__).parents[2]
OWN_CATALOGUE = "source,ra_deg,dec_deg,distance_kpc,half_light_radius_arcmin,log10_j_factor_0.5deg\n"


@pytest.fixture(autouse=True)
def _own_environment() -> Iterator[None]:
    before = dict(os.environ)
    for name in [name for name in before if name.startswith(("PREFECT_", "DWARFNU_"))]:
        del os.environ[name]
    yield
    os.environ.clear()
    os.environ.update(before)


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
        ('products = "a\\u0000b"', "input should"),
        ('products = "s3://bucket/x"', "s3"),
        ('products = "foo://x"', "products cannot lie at foo://x: Unsupported filesystem: 'foo'; allowed is"),
        ('products = "http://127.0.0.1:1/x"', "http://127.0.0.1:1/x"),
        ('[sources]\ncatalogue = "ragged.csv"', "ragged.csv: line 3 has 7 values, the first has 6"),
        ("[statistic]\nwindow = [1000, 2000]", "window (1000.0, 2000.0) GeV holds no reconstructed energy"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(
    text: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine.csv").write_text(OWN_CATALOGUE + "A,1,1,20,60,nan\n")
    (tmp_path / "ragged.csv").write_text(OWN_CATALOGUE + "A,1,1,20,60,19\nB,1,1,20,60,19,7\n")
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


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["run", "--seed", "abc"], "--seed"),
        (["run", "--sed", "1"], "--sed"),
        (["rnu"], "rnu"),
        (["run", "a.toml", "b.toml"], "b.toml"),
        (["run", "--workers", "0"], "--workers"),
        (["spectra", "show", "bb"], "MASS"),
    ],
)
def test_a_slip_in_the_command_is_one_line_and_exit_code_2(
    arguments: list[str], said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_cli(monkeypatch, *arguments) == 2
    printed = capsys.readouterr().err
    assert printed.startswith("dwarfnu: ")
    assert printed.count("\n") == 1
    assert said in printed


def test_no_command_at_all_is_answered_with_the_commands(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_cli(monkeypatch) == 2
    assert "Commands:\n  run " in capsys.readouterr().err


def test_what_the_system_refuses_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    arguments = ("--channels", "bb", "--masses", "10")
    assert run_cli(monkeypatch, "spectra", "figures", tmp_path / "file" / "folder", *arguments) == 2
    printed = capsys.readouterr().err
    assert printed.startswith("dwarfnu: ")
    assert printed.count("\n") == 1


def test_a_server_that_is_not_there_is_named_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:1/api")
    assert run_cli(monkeypatch, "run", "--products", tmp_path / "products") == 2
    printed = capsys.readouterr().err
    assert "PREFECT_API_URL = http://127.0.0.1:1/api: no Prefect server answers there" in printed
    assert "unset PREFECT_API_URL" in printed
    assert printed.count("\n") == 1
    assert not list(tmp_path.iterdir())


class Health(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response({"/api/health": 200, "/locked/health": 401}.get(self.path, 404))
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        return


def test_only_a_server_that_answers_as_prefect_does_will_do(monkeypatch: pytest.MonkeyPatch) -> None:
    with HTTPServer(("127.0.0.1", 0), Health) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        place = f"http://127.0.0.1:{server.server_port}"
        for url in (f"{place}/api", f"{place}/locked/"):
            monkeypatch.setenv("PREFECT_API_URL", url)
            prepare_prefect(None, "CRITICAL")
        monkeypatch.setenv("PREFECT_API_URL", place)
        with pytest.raises(ConfigError, match=r"no Prefect server answers there \(HTTP 404\)"):
            prepare_prefect(None, "CRITICAL")
        server.shutdown()
    monkeypatch.setenv("PREFECT_API_URL", "localhost:4200/api")
    with pytest.raises(ConfigError, match="not a URL of http or https"):
        prepare_prefect(None, "CRITICAL")


def test_what_was_asked_for_just_now_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(WORKERS_VARIABLE, "7")
    monkeypatch.setenv("PREFECT_LOGGING_LEVEL", "ERROR")
    prepare_prefect(None, "CRITICAL")
    assert (os.environ[WORKERS_VARIABLE], os.environ["PREFECT_LOGGING_LEVEL"]) == ("7", "ERROR")
    prepare_prefect(2, "CRITICAL", verbose=True)
    assert (os.environ[WORKERS_VARIABLE], os.environ["PREFECT_LOGGING_LEVEL"]) == ("2", "INFO")


def test_nothing_to_draw_is_exit_code_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_cli(monkeypatch, "figures", "--products", tmp_path / "products") == 2
    printed = capsys.readouterr().err
    assert f"nothing to draw; make them with `dwarfnu run --products {tmp_path}/products`" in printed
    assert printed.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_a_run_that_the_sample_serves_nothing_of_is_refused_with_the_reason(tmp_path: Path) -> None:
    store = ProductStore(tmp_path)
    config = read_config(None, products=str(tmp_path), pairs={"nunu": [300]})
    check_something_served(config, store)
    few = pa.table(
        {"source": ["A"], "n_s_per_sigma_v": [1e20], "n_s_per_sigma_v_total_error": [5e19], "source_weight": [1.0]}
    )
    write(store, ProductKey("acceptance", {"channel": "nunu", "mass": 300.0}), few)
    with pytest.raises(PhysicsError, match="no pair of channel and mass is served: nunu at 300 GeV is not served"):
        check_something_served(config, store)
    check_something_served(read_config(None, pairs={"nunu": [300], "bb": [50]}), store)


@pytest.mark.slow
def test_what_failed_is_said_where_errors_are_said(tmp_path: Path) -> None:
    (tmp_path / "products/public-3y/sources/part-0000.parquet/in-the-way").mkdir(parents=True)
    done = dwarfnu(tmp_path, "trials", written_config(tmp_path, "[pairs]\nbb = [50]\n"))
    assert done.returncode == 1, done.stdout + done.stderr
    assert done.stderr.startswith("failed: 1 of 1 sources failed: sources (")
    assert done.stderr.count("\n") == 1
    assert "failed:" not in done.stdout


def test_print_config_shows_where_products_lie(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for place, shown in ((None, tmp_path / "products"), ("there", tmp_path / "there"), ("memory://x", "memory://x")):
        if place:
            monkeypatch.setenv("DWARFNU_PRODUCTS", place)
        assert run_cli(monkeypatch, "run", "--print-config") == 0
        assert tomllib.loads(capsys.readouterr().out)["products"] == str(shown)


def test_print_config_shows_what_what_a_run_would_use(
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


COMMANDS = """run|ingest|status|trials|limits|import|figures|dashboard|serve|spectra|spectra show|spectra table
|spectra compare|spectra figures|spectra make|response|response rebuild"""


@pytest.mark.parametrize("name", COMMANDS.replace("\n", "").split("|"))
def test_every_command_explains_itself(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_cli(monkeypatch, *name.split(), "--help") == 0
    assert "Usage: dwarfnu " + name in capsys.readouterr().out


LAST_WORDS = """
import atexit
from flows import cli

class Kept:
    def __del__(self, say=print):
        say("torn down")

kept = Kept()

def main():
    atexit.register(print, "at exit")
    print("done")
    raise {error}

cli.main = main
cli.command()
"""


@pytest.mark.parametrize(("error", "code"), [("SystemExit(2)", 2), ("SystemExit()", 0), ('ValueError("ours")', 1)])
def test_a_process_ends_when_what_is_asked_for_at_exit_is_done(error: str, code: int) -> None:
    script = [sys.executable, "-c", LAST_WORDS.format(error=error)]
    done = subprocess.run(script, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == code
    assert done.stdout.splitlines()[:2] == ["done", "at exit"]
    assert code == 1 or "torn down" not in done.stdout
    assert ("ValueError: ours" in done.stderr) == (code == 1)
