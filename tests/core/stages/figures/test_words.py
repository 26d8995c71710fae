"""The words of a figure: metadata that readers of each form find, and a caption that LaTeX sets."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.stages.figures.words import FORMS, FigureWords, digest_in, latex_letters

DIGEST = "0123456789abcdef"
WORDS = FigureWords.of("pdf-bb-5.5.png", "mine", DIGEST, "dwarfnu figures mine.toml").with_caveats("at this ⟨σv⟩: 5 %")


def test_the_command_draws_this_figure_alone() -> None:
    assert WORDS.command == "dwarfnu figures mine.toml --kind pdf --pair bb/5.5"
    assert FigureWords.of("limits-bb.png", "mine", DIGEST, "dwarfnu figures").command == "dwarfnu figures --kind limits"
    assert WORDS.title == "Densities and their ratio, bb 5.5 GeV"


@pytest.mark.parametrize("form", FORMS)
def test_every_form_says_caveats_digest_and_command(form: str) -> None:
    told = " ".join(str(value) for item in WORDS.metadata(form).items() for value in item)
    for words in (DIGEST, WORDS.command, WORDS.caveats, WORDS.title, "Analysis mine"):
        assert words in told


def test_a_caption_holds_pair_caveats_and_label() -> None:
    caption = WORDS.caption()
    assert r"5.5 GeV" in caption
    assert r"at this $\langle$$\sigma$v$\rangle$: 5 \%" in caption
    assert r"\label{fig:pdf-bb-5.5}" in caption
    uncommented = re.sub(r"(?m)^%.*$", "", caption).replace(r"\{", "").replace(r"\}", "")
    assert uncommented.count("{") == uncommented.count("}")
    assert digest_in(caption.encode()) == DIGEST


def test_letters_that_latex_takes_for_commands_are_written() -> None:
    assert latex_letters("a_b & 5 % {c} \\d") == r"a\_b \& 5 \% \{c\} \textbackslash{}d"
    assert latex_letters("√B, 0.5°") == r"$\surd$B, 0.5$^\circ$"


@pytest.mark.parametrize(
    "content", [b"%PDF-1.4 cut off", b"<?xml no figure", b"% a comment", b"", b"\x89PNG\r\n\x1a\n"]
)
def test_damaged_files_and_those_of_others_have_no_digest(content: bytes) -> None:
    assert digest_in(content) is None


@given(st.text("ab1 &%#_{}~^$\\⟨σ⟩°", max_size=30))
def test_no_letter_of_a_command_is_left_and_braces_are_even(text: str) -> None:
    written = latex_letters(text)
    bare = re.sub(r"\\[&%#_{}$]", "", written)
    assert not set("&%#_~") & set(bare)
    assert bare.count("{") == bare.count("}")
    assert bare.count("$") % 2 == 0
    assert bare.isascii()
