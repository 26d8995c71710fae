"""Hints name the command with the file, the place and the seed that were given."""

import shlex
from pathlib import Path

import pytest

from flows.given import NOTHING_GIVEN, Given


@pytest.mark.parametrize(
    ("given", "name", "said"),
    [
        (NOTHING_GIVEN, "run", "dwarfnu run"),
        (Given(Path("mine.toml")), "dashboard", "dwarfnu dashboard mine.toml"),
        (Given(Path("my own.toml")), "run", "dwarfnu run 'my own.toml'"),
        (Given(products="/scratch/p", seed=3), "run", "dwarfnu run --products /scratch/p --seed 3"),
        (Given(products="/scratch/p", seed=3), "dashboard", "dwarfnu dashboard --products /scratch/p"),
    ],
)
def test_a_command_of_the_same_analysis(given: Given, name: str, said: str) -> None:
    assert given.command(name) == said


def test_options_come_last_and_a_shell_reads_the_words_as_they_were() -> None:
    words = shlex.split(Given(Path("a b.toml"), "it's here", 5).command("status", "--why"))
    assert words == ["dwarfnu", "status", "a b.toml", "--products", "it's here", "--seed", "5", "--why"]
