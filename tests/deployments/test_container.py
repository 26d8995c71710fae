"""The Containerfile, which nothing here can build: what it copies and asks for is there."""

import tomllib
from itertools import pairwise
from pathlib import Path

from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).parents[2]
LINES = (ROOT / "deployments" / "Containerfile").read_text(encoding="utf-8").splitlines()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def test_it_copies_what_there_is_and_every_package() -> None:
    copied = {name for line in LINES if line.startswith("COPY ") for name in line.split()[1:-1]}
    assert all((ROOT / name).exists() for name in copied)
    assert set(PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]) <= copied
    assert {PROJECT["project"]["readme"], *PROJECT["project"]["license-files"]} <= copied


def test_it_installs_extras_that_there_are_for_a_python_that_is_allowed() -> None:
    words = " ".join(line for line in LINES if "uv sync" in line).split()
    extras = {after for before, after in pairwise(words) if before == "--extra"}
    assert extras == {"cluster", "s3"} <= set(PROJECT["project"]["optional-dependencies"])
    (image,) = (line.split()[1] for line in LINES if line.startswith("FROM "))
    version = image.rpartition(":")[2].removesuffix("-slim")
    assert SpecifierSet(PROJECT["project"]["requires-python"]).contains(version)


def test_the_command_is_the_one_that_is_installed() -> None:
    (entry,) = (line for line in LINES if line.startswith("ENTRYPOINT "))
    assert PROJECT["project"]["scripts"].keys() == {entry.split('"')[1]}
