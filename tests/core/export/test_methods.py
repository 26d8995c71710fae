"""The methods in words say what the configuration says."""

import pytest

from core.configuration.config import read_config
from core.export.methods import methods
from tests.small_analysis import sources


def words(**changes: object) -> dict[str, str]:
    return {paragraph.heading: paragraph.text for paragraph in methods(read_config(None, **changes), sources())}


def test_the_public_analysis_is_told_with_its_numbers() -> None:
    told = words(pairs={"tautau": [20], "bb": [50, 100]}, seed=7)
    assert "tautau at 20 GeV" in told["Question"]
    assert "bb at 50, 100 GeV" in told["Question"]
    assert "30 galaxies with J factors within 0.5° of each" in told["Galaxies"]
    assert "100,000 pseudo-experiments without signal, and 10,000 for each of 9 numbers" in told["Trials"]
    assert "follow from the seed 7" in told["Trials"]
    assert "HEALPix nside 32" in told["Likelihood"]
    assert "All reconstructed energies are used." in told["Likelihood"]
    assert "This is conditional" in told["Hypothesis"]


@pytest.mark.parametrize(
    ("changes", "heading", "said"),
    [
        ({"sources": {"exclude": ["Willman 1"]}}, "Galaxies", "Left out by name: Willman 1."),
        ({"sources": {"exclude_contested": True}}, "Galaxies", "it is contested"),
        ({"sources": {"j_uncertainty": "marginalised"}}, "Galaxies", "This is not conservative"),
        ({"spectra": {"earth_matter": True}}, "Spectra", "matter of the Earth is taken in"),
        ({"statistic": {"background": "known"}}, "Likelihood", "taken as exactly known"),
        ({"statistic": {"name": "j_weighted"}}, "Likelihood", "each galaxy has events of its own"),
        ({"statistic": {"window": [10, 56]}}, "Likelihood", "those from 10 to 56 GeV"),
        ({"statistic": {"window": "published"}}, "Likelihood", "the published window of each pair"),
        ({"halo": {"treatment": "free", "profile": "burkert"}}, "Hypothesis", "halo (burkert) of any strength"),
        ({"process": "dirac_annihilation"}, "Question", "not their own antiparticles"),
    ],
)
def test_what_differs_is_said(changes: dict[str, object], heading: str, said: str) -> None:
    assert said in words(**changes)[heading]
