"""What the files of a figure say in words: title, caveats, digest and command in their metadata, a caption of LaTeX."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from importlib.metadata import version
from io import BytesIO
from typing import Any, Literal, get_args

from core.figures.kinds import KINDS, kind_of, subject_of
from core.figures.style import channel_label

Form = Literal["png", "pdf", "svg"]
FORMS: tuple[Form, ...] = get_args(Form)
DIGEST_KEY = "dwarfnu-digest"
PAIR = re.compile(r"(?P<channel>.+)-(?P<mass>\d+(?:\.\d+)?)")
_DIGEST = re.compile(rf"{DIGEST_KEY}:([0-9a-f]+)".encode())
# Letters of our texts that LaTeX does not set by itself.
_LATEX = {
    "\\": r"\textbackslash{}",
    **{letter: rf"\{letter}" for letter in "&%#_{}"},
    **{"~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "$": r"\$"},
    **{"⟨": r"$\langle$", "⟩": r"$\rangle$", "σ": r"$\sigma$", "τ": r"$\tau$", "χ": r"$\chi$", "ν": r"$\nu$"},
    **{"°": r"$^\circ$", "×": r"$\times$", "√": r"$\surd$", "→": r"$\to$", "−": "--", "²": r"$^2$", "³": r"$^3$"},
    **{"⁻": r"$^{-}$", "¹": r"$^1$", "≥": r"$\geq$", "½": r"$\frac{1}{2}$", "·": r"$\cdot$", "…": r"\dots{}"},
    **{"Σ": r"$\Sigma$", "Φ": r"$\Phi$"},
}


@dataclass(frozen=True)
class FigureWords:
    """The words of one figure: its kind, what of it is shown, from what it was drawn and by which command."""

    stem: str
    kind: str
    subject: str
    analysis: str
    digest: str
    command: str
    caveats: str = ""

    @classmethod
    def of(cls, name: str, analysis: str, digest: str, command: str) -> FigureWords:
        """Return the words of a figure by the name of its file; command: the one that draws all figures."""
        kind, subject = kind_of(name), subject_of(name)
        pair = PAIR.fullmatch(subject)
        options = f" --kind {kind}" + (f" --pair {pair['channel']}/{pair['mass']}" if pair else "")
        return cls(name.rsplit(".", 1)[0], kind, subject, analysis, digest, command + options)

    def with_caveats(self, caveats: str) -> FigureWords:
        """Return these words with the caveats that stand on the figure."""
        return replace(self, caveats=caveats)

    @property
    def title(self) -> str:
        """What the figure is of, in plain letters: "Maps of the sky, bb 50 GeV"."""
        pair = PAIR.fullmatch(self.subject)
        subject = f"{pair['channel']} {pair['mass']} GeV" if pair else self.subject.replace("-", " ")
        return KINDS[self.kind].title + (f", {subject}" if subject else "")

    def metadata(self, form: Form) -> dict[str, Any]:
        """Return what a file says of itself, by the keys that its form has."""
        software, mark = f"dwarfnu {version('dwarfnu')}", f"{DIGEST_KEY}:{self.digest}"
        told = f"{KINDS[self.kind].shows} Analysis {self.analysis}. Caveats: {self.caveats or 'none'}."
        if form == "png":
            named = {"Title": self.title, "Description": told, "Software": software}
            return named | {"Source": self.command, DIGEST_KEY: self.digest}
        if form == "pdf":
            keywords = f"{mark} {self.command}".encode("ascii", "replace").decode()
            named = {"Title": self.title, "Subject": told, "Creator": software, "Keywords": keywords}
            return named | {"CreationDate": None}
        named = {"Title": self.title, "Description": told, "Creator": software, "Identifier": mark}
        return named | {"Source": self.command, "Date": None}

    def caption(self) -> str:
        """Return the figure's caption as LaTeX, with comments that say what it was drawn from."""
        pair = PAIR.fullmatch(self.subject)
        subject = f"{channel_label(pair['channel'])}, {pair['mass']} GeV" if pair else channel_label(self.subject)
        # Labels of channels are LaTeX already; other words are not.
        told = subject if pair or subject != self.subject else latex_letters(self.subject.replace("-", " "))
        lines = [
            f"% {DIGEST_KEY}:{self.digest}",
            f"% dwarfnu {version('dwarfnu')}, analysis {self.analysis}: {self.command}",
            rf"\caption{{{latex_letters(KINDS[self.kind].shows)}" + (f" Shown: {told}." if told else ""),
            f"Caveats: {latex_letters(self.caveats)}.}}" if self.caveats else "}",
            rf"\label{{fig:{self.stem}}}",
        ]
        return "\n".join(lines) + "\n"


def latex_letters(text: str) -> str:
    """Return a text with all that LaTeX would take for a command, or could not set, written as it sets it."""
    return "".join(_LATEX.get(letter, letter) for letter in text)


def digest_in(content: bytes) -> str | None:
    """Return the digest in the bytes of a figure or caption, None if they are none of ours or damaged."""
    if content.startswith((b"%PDF", b"<?xml", b"% ")):
        found = _DIGEST.search(content)
        is_whole = content.startswith(b"% ") or content.rstrip().endswith((b"%%EOF", b"</svg>"))
        return found[1].decode() if found and is_whole else None
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(BytesIO(content)) as image:
            image.verify()
            return image.info.get(DIGEST_KEY)
    except (UnidentifiedImageError, OSError, SyntaxError):
        return None
