"""HEPData's own check of a submission, by its own command."""

import subprocess
import sys
from pathlib import Path

import pytest


def hepdata_takes(folder: Path) -> bool:
    """Whether hepdata-validator finds nothing wrong with a submission; skips the test where it is not installed."""
    command = Path(sys.executable).with_name("hepdata-validate")
    if not command.is_file():
        pytest.skip("hepdata-validator is not installed: --group exports brings it in")
    done = subprocess.run([command, "--directory", folder], capture_output=True, text=True, check=False)
    return done.returncode == 0
