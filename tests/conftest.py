"""What the tests share: where the real inputs stand, when they are here at all."""

import os
from pathlib import Path

import pytest

from tests.runs import dwarfnu, locked, written_config

REAL_DATA = Path(os.environ.get("DWARFNU_REAL_DATA", Path(__file__).parents[2] / "shared" / "data"))


def pytest_report_header() -> str:
    found = "found: tests on real files run" if REAL_DATA.is_dir() else "not here: tests on real files are skipped"
    return f"real inputs ({REAL_DATA}) {found}"


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real inputs: public release, PPPC tables, catalogues, i3 files."""
    if not REAL_DATA.is_dir():
        pytest.skip(f"needs the real inputs, which are not at {REAL_DATA} (set DWARFNU_REAL_DATA)")
    return REAL_DATA


@pytest.fixture(scope="session")
def folder_of_all(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The temporary folder that all processes of this test run share."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@pytest.fixture(scope="session")
def public_run(folder_of_all: Path) -> Path:
    """The folder of a real run of two pairs with few trials: `analysis.toml`, `products/`, `printed.txt`; to look at.

    The first process that asks for it makes it.
    """
    folder = folder_of_all / "public-run"
    folder.mkdir(exist_ok=True)
    with locked(folder_of_all / "public-run.lock"):
        if not (folder / "printed.txt").is_file():
            done = dwarfnu(folder, "run", written_config(folder))
            if done.returncode:
                pytest.fail(f"the run that tests look at ended with {done.returncode}:\n{done.stdout}{done.stderr}")
            (folder / "printed.txt").write_text(done.stdout, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def shared_folder(folder_of_all: Path) -> Path:
    """A folder for small analyses that all processes of this test run share."""
    return folder_of_all / "small-analyses"
