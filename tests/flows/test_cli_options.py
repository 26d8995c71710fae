"""What a shell offers at the tab key: commands, options, pairs and stages."""

import subprocess
from pathlib import Path

import pytest

from core.configuration.config import Config
from core.stages.registry import stages_of
from flows.cli_options import complete_pair, complete_stage
from tests.runs import clean_environment, command


def completed(home: Path, words: str) -> list[str]:
    """What bash is told to offer for the last of some words."""
    asking = {"_DWARFNU_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(len(words.split(" ")) - 1)}
    done = subprocess.run(command(), env=clean_environment(home, **asking), capture_output=True, text=True, check=True)
    return done.stdout.split()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("dwarfnu pl", {"plan"}),
        ("dwarfnu run --only sens", {"sensitivity"}),
        ("dwarfnu trials --pair tautau/2", {"tautau/20", "tautau/200"}),
        ("dwarfnu run --only-f", {"--only-failed"}),
    ],
)
def test_a_shell_is_told_what_fits(words: str, offered: set[str], tmp_path: Path) -> None:
    assert set(completed(tmp_path, words)) == offered


def test_all_pairs_of_the_public_analysis_and_all_stages_of_a_run_are_offered() -> None:
    pairs = complete_pair("")
    assert len(pairs) == len(set(pairs)) == len(Config().channel_masses)
    assert set(stages_of(Config())) <= set(complete_stage(""))
    assert complete_pair("qq") == complete_stage("observed") == []
