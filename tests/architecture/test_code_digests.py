"""A product is stale for whatever can change its numbers, and for nothing else: ten stages, ten edits.

The code is copied, edited there, and digested by a process that imports the copy.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

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
    "the meaning of a column": (
        "core/glossary/columns.py",
        "share of the source in all",
        "part of the source in all",
        set(),
    ),
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
DIGESTS = """
import json, sys
from pathlib import Path
from core.products import code, code_memory

def digests():
    for function in (*vars(code).values(), *vars(code_memory).values()):
        if hasattr(function, "cache_clear"):
            function.cache_clear()
    code_memory._notes.cache_clear()
    return {name: code.digest_of_code(maker) for name, maker in makers.items()}

makers, edits = json.loads(sys.argv[1])
found = {"before": digests()}
for edit, (name, here, there) in edits.items():
    path = Path(name)
    text = path.read_text(encoding="utf-8")
    assert here in text, edit
    path.write_text(text.replace(here, there), encoding="utf-8")
    found[edit] = digests()
    path.write_text(text, encoding="utf-8")
assert digests() == found["before"]
print(json.dumps(found))
"""
Digests = dict[str, dict[str, str]]


@pytest.fixture(scope="module")
def digests(tmp_path_factory: pytest.TempPathFactory) -> Digests:
    """The digests of all makers, before and after each edit, in a copy of the code."""
    folder = tmp_path_factory.mktemp("code")
    shutil.copytree(ROOT / "core", folder / "core", ignore=shutil.ignore_patterns("__pycache__", "*.parquet"))
    edits = {edit: values[:3] for edit, values in EDITS.items()}
    command = [sys.executable, "-c", DIGESTS, json.dumps([MAKERS, edits])]
    done = subprocess.run(command, cwd=folder, env={"PYTHONPATH": str(folder)}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found: Digests = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_makes_stale_what_it_can_change_and_nothing_else(edit: str, digests: Digests) -> None:
    before, after = digests["before"], digests[edit]
    assert {stage for stage in MAKERS if before[stage] != after[stage]} == EDITS[edit][3]


def test_every_maker_has_a_digest_of_its_own(digests: Digests) -> None:
    assert len(set(digests["before"].values())) == len(MAKERS) == len(EDITS) == 10
