"""What every file says of itself."""

import json

import pytest

from core.errors import ConfigError
from core.export.provenance import LICENCES
from tests.core.export.made_results import origin


def test_a_file_says_digest_citation_licence_and_caveats() -> None:
    said = origin().of("some numbers", "9876").lines()
    assert said[0] == "some numbers"
    for line in (
        "recipe digest: 9876",
        "cite: A. Author, 2026",
        "licence: CC-BY-4.0, https://creativecommons.org/licenses/by/4.0/",
        "caveat: dwarfs only, no halo",
    ):
        assert line in said
    assert any("10.21234/ac23-ra43" in line for line in said)
    assert origin().comment("% ").count("% ") == len(origin().lines())


def test_it_is_the_same_by_name() -> None:
    told = json.loads(json.dumps(origin().as_dict()))
    assert told["recipe_digest"] == "0123abcd"
    assert told["licence_url"] == LICENCES["CC-BY-4.0"]
    assert told["caveats"] == ["dwarfs only, no halo", "not a result of the IceCube Collaboration"]


def test_an_unknown_licence_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(ConfigError, match=r"choose one of CC-BY-4\.0, CC0-1\.0"):
        origin("GPL")
