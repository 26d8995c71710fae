"""The dashboard's own command: bad input gives one clear line and exit code 2; it listens to this machine alone."""

import socket
import subprocess
import sys

import pytest

from core.products.store import ProductStore
from dashboards.__main__ import main


def test_a_port_that_is_taken_is_told(store: ProductStore, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert main(["--root", str(store.root), "--port", str(port)]) == 2
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert f"cannot listen at 127.0.0.1:{port}" in told
    assert "--port" in told


def test_an_analysis_that_cannot_be_a_folder_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--analysis", "../elsewhere"]) == 2
    assert "'../elsewhere' cannot stand in a path" in capsys.readouterr().err


def test_an_unknown_option_ends_with_code_2(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--colour", "red"])
    assert ended.value.code == 2
    assert "--colour" in capsys.readouterr().err


def test_what_libraries_warn_programmers_of_is_not_on_the_console() -> None:
    """Even where a library has made every warning loud."""
    code = """
import warnings
from dashboards.__main__ import quieten_libraries
quieten_libraries()
warnings.simplefilter("always")
warnings.warn("inplace is deprecated", DeprecationWarning)
"""
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (told.stdout, told.stderr) == ("", "")
