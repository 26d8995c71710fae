"""The README of an export says in words what is there."""

from dataclasses import replace

from core.export.readme import readme_text
from tests.core.export.made_results import origin, results

FILES = ["tables/sensitivity.csv", "likelihoods/counts_measured/about.yaml"]


def test_it_says_what_is_there_and_what_is_not() -> None:
    text = readme_text(results(), origin(), FILES)
    for said in ("`tables`", "`likelihoods`", "**expected, not observed**", "**observed**", "do not add", "0123abcd"):
        assert said in text
    assert "`hepdata`" not in text
    assert "Crater II" in text
    assert "| tautau | 20 | right ascension, expected | none | 5.126e-21 | 5.200e-21 | 1.014 |" in text


def test_a_sum_of_fits_has_no_likelihood() -> None:
    text = readme_text(replace(results(), likelihoods={}, counts={}), origin(), FILES)
    assert "no one likelihood" in text
    assert "ratio |" not in text


def test_decay_speaks_of_its_rate() -> None:
    alone = replace(results("decay"), likelihoods={}, counts={})
    assert "-2ΔlnL against 1/τ and mass" in readme_text(alone, origin(), FILES)
