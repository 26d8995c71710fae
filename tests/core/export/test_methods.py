"""The methods in words say what the configuration says."""

from typing import get_args

import numpy as np
import pyarrow as pa
import pytest

from core.configuration.config import read_config
from core.configuration.halo import HaloTreatment
from core.configuration.inputs import JUncertainty
from core.configuration.samples import SETTINGS_OF_SAMPLES
from core.export.methods import HALO, J_UNCERTAINTY, SAMPLES, methods
from core.units import DEGREE
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


def galaxies(log10_factors: list[float], apertures_deg: list[float], factor: str = "j_factor") -> pa.Table:
    return pa.table({f"log10_{factor}": log10_factors, "j_aperture": np.array(apertures_deg) * DEGREE})


def test_the_factors_of_galaxies_are_added() -> None:
    """Two of 10^18 are 10^18.30."""
    told = {each.heading: each.text for each in methods(read_config(None), galaxies([18.0, 18.0], [0.5, 0.1]))}
    assert "2 galaxies with J factors within 0.1° to 0.5° of each" in told["Galaxies"]
    assert "log10 of the largest is 18.00, of the sum 18.30" in told["Galaxies"]


def test_of_decay_factors_and_question_are_its_own() -> None:
    table = galaxies([17.5], [0.5], "d_factor")
    config = read_config(None).model_copy(update={"process": "decay"})
    told = {each.heading: each.text for each in methods(config, table)}
    assert "How short could the lifetime of dark matter be" in told["Question"]
    assert "D factors" in told["Galaxies"]
    assert "J factor" not in told["Galaxies"]


def test_subhaloes_of_all_or_of_single_galaxies_are_told() -> None:
    every, single, none = (
        words(sources={"subhalo_boost": boost})["Galaxies"] for boost in (3, {"Draco": 2.5, "Segue 1": 4}, 1)
    )
    assert "Subhaloes multiply every factor by 3." in every
    assert "Subhaloes multiply the factors of some galaxies: that of Draco by 2.5, that of Segue 1 by 4." in single
    assert "Subhaloes" not in none


def test_every_choice_of_the_configuration_has_its_words() -> None:
    assert HALO.keys() == set(get_args(HaloTreatment))
    assert J_UNCERTAINTY.keys() == set(get_args(JUncertainty))
    assert SAMPLES.keys() >= SETTINGS_OF_SAMPLES.keys()


def test_each_paragraph_says_something_under_a_heading_of_its_own() -> None:
    told = methods(read_config(None), sources())
    assert len({paragraph.heading for paragraph in told}) == len(told) == 7
    assert all(paragraph.text.endswith((".", "?")) for paragraph in told)
    assert not any("{" in paragraph.text or "None" in paragraph.text for paragraph in told)
