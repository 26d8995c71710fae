"""`dwarfnu cluster`: the job script, printed by a process that knows of batch systems."""

from pathlib import Path

import pytest

from tests.runs import dwarfnu

pytestmark = pytest.mark.slow


def test_the_job_script_is_printed(tmp_path: Path) -> None:
    (tmp_path / "cluster.toml").write_text('engine = "jobs"\nqueue = "long"\n', encoding="utf-8")
    printed = dwarfnu(tmp_path, "cluster", "preview", tmp_path / "cluster.toml")
    assert printed.returncode == 0, printed.stderr
    assert "#SBATCH -p long\n" in printed.stdout
