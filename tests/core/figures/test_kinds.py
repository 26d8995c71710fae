"""Every file of a figure tells its kind, and what of it is shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ProductError
from core.figures.kinds import KINDS, kind_of, subject_of


@pytest.mark.parametrize(
    ("name", "kind", "subject"),
    [
        ("limits.png", "limits", ""),
        ("limits-bb.pdf", "limits", "bb"),
        ("upper-limits.png", "upper-limits", ""),
        ("test-statistic-tautau-5.5.svg", "test-statistic", "tautau-5.5"),
        ("events-sky.png", "events-sky", ""),
        ("events-reco-energy.png", "events", "reco-energy"),
    ],
)
def test_the_name_tells_kind_and_subject(name: str, kind: str, subject: str) -> None:
    assert (kind_of(name), subject_of(name)) == (kind, subject)


def test_other_names_are_refused_with_the_kinds_that_there_are() -> None:
    with pytest.raises(ProductError, match=r"'limitsbb.png' is of no kind that there is: limits, "):
        kind_of("limitsbb.png")


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_says_in_sentences_what_it_shows(kind: str) -> None:
    assert KINDS[kind].title
    assert KINDS[kind].shows.endswith(".")


@given(st.sampled_from(sorted(KINDS)), st.sampled_from(["bb-50", "tautau-5.5", "x"]), st.sampled_from(["png", "pdf"]))
def test_kind_and_subject_put_together_are_the_name(kind: str, subject: str, form: str) -> None:
    for stem in (kind, f"{kind}-{subject}"):
        name = f"{stem}.{form}"
        assert "-".join(filter(None, (kind_of(name), subject_of(name)))) == stem
        assert kind_of(name) == kind
