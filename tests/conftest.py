"""What the tests share: where the real inputs stand, when they are here at all."""

import os
from pathlib import Path

import pytest

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
