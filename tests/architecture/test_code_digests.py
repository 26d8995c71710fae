"""A product is stale for whatever can change its numbers, and for nothing else: ten stages, ten edits.

The code is copied, edited there, and digested by a process that imports the copy.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAKERS = {
    "sources": "core.stages.sources:make",
    "spectra": "core.stages.spectra:make",
    "event_counts": "core.stages.event_counts:make",
    "acceptance": "core.stages.acceptance:make",
    "signal_pdf": "core.stages.signal_pdf:make",
    "ratio_cells": "core.stages.statistics.joint:make_cells",
    "background_trials": "core.stages.statistics.joint:make_trials",
    "sensitivity": "core.stages.statistics.joint:make_sensitivity",
    "discovery_potential": "core.stages.statistics.joint:make_discovery_potential",
    "j_weighted sensitivity": "core.stages.statistics.j_weighted:make_sensitivity",
}
ALL = set(MAKERS)
TRIALS = {"background_trials", "discovery_potential"}
# An edit: file, what stands there, what is put in its place, and the stages whose products it makes stale.
EDITS = {
    "a comment": ("core/legacy/pickles.py", "import io", "# read without running\nimport io", set()),
    "a docstring": (
        "core/likelihood/closed_form.py",
        '"""Return the asymptotic uncertainty',
        '"""Return, in closed form, the asymptotic uncertainty',
        set(),
    ),
    "the meaning of a column": ("core/glossary.py", "share of the source in all", "part of the source in all", set()),
    "the title of a stage": ("core/stages/acceptance.py", 'title="acceptance"', 'title="acceptances"', set()),
    "a reader that is not used": ("core/spectra/pppc.py", "PPPC_FILES", "PPPC_TABLES", set()),
    "a constant of the units": (
        "core/units.py",
        "ARCMINUTE: float = ",
        "ARCMINUTE: float = 2 * ",
        {"sources"},
    ),
    "the closed form": (
        "core/likelihood/closed_form.py",
        "z_square = float(ndtri(confidence)) ** 2",
        "z_square = 2 * float(ndtri(confidence)) ** 2",
        {"ratio_cells", "sensitivity"},
    ),
    "the draw of counts": (
        "core/random/multinomial.py",
        "_ONE = np.uint64(1)",
        "_ONE = np.uint64(2 - 1)",
        TRIALS,
    ),
    "the flux of a source": (
        "core/signal/flux.py",
        "(8.0 if self_conjugate",
        "(8.5 if self_conjugate",
        {"acceptance", "signal_pdf", "sensitivity", "discovery_potential", "j_weighted sensitivity"},
    ),
    "the averaged oscillation": (
        "core/spectra/oscillation.py",
        "def averaged_probabilities",
        "OTHER = 1\n\n\ndef averaged_probabilities",
        set(),
    ),
}
DIGESTS = (
    "import json, sys; from core.products.code import digest_of_code; "
    "print(json.dumps({name: digest_of_code(code) for name, code in json.loads(sys.argv[1]).items()}))"
)


def digests(folder: Path) -> dict[str, str]:
    """The digests of all makers by the code in a folder."""
    command = [sys.executable, "-c", DIGESTS, json.dumps(MAKERS)]
    done = subprocess.run(command, cwd=folder, env={"PYTHONPATH": str(folder)}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found: dict[str, str] = json.loads(done.stdout)
    return found


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("code")
    shutil.copytree(ROOT / "core", folder / "core", ignore=shutil.ignore_patterns("__pycache__", "*.parquet"))
    return folder


@pytest.fixture(scope="module")
def before(copied: Path) -> dict[str, str]:
    return digests(copied)


@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_makes_stale_what_it_can_change_and_nothing_else(
    edit: str, copied: Path, before: dict[str, str]
) -> None:
    name, here, there, expected = EDITS[edit]
    path = copied / name
    text = path.read_text(encoding="utf-8")
    assert here in text
    path.write_text(text.replace(here, there), encoding="utf-8")
    try:
        after = digests(copied)
    finally:
        path.write_text(text, encoding="utf-8")
    assert {stage for stage in MAKERS if before[stage] != after[stage]} == expected


def test_every_maker_has_a_digest_of_its_own(before: dict[str, str]) -> None:
    assert len(set(before.values())) == len(MAKERS) == len(EDITS) == 10
