"""Where the numbers of a file come from, under which licence they stand and what a reader must know of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from core.errors import ConfigError

# What may be done with an export is for those who make it to say; these are the licences that repositories of data ask
# for, by their SPDX names.
LICENCES: Mapping[str, str] = {
    "CC-BY-4.0": "https://creativecommons.org/licenses/by/4.0/",
    "CC0-1.0": "https://creativecommons.org/publicdomain/zero/1.0/",
}
LICENCE = "CC-BY-4.0"
METHOD = "the published search: arXiv:2511.19385"
SAMPLE_CITATIONS: Mapping[str, str] = {
    "public-3y": "events and simulation: IceCube Collaboration, DOI 10.21234/ac23-ra43 (arXiv:1901.05366, 1707.07081)",
    "simulated-7y": "simulated events, after the response of the IceCube release DOI 10.21234/ac23-ra43",
}


@dataclass(frozen=True)
class Provenance:
    """What every file says of itself.

    `digest`: of the recipes of the products behind it; `citations`: what to cite; `caveats`: what holds for each
    number. `about`: what the file holds, in a sentence.
    """

    analysis: str
    sample: str
    release: str
    digest: str
    citations: tuple[str, ...]
    licence: str
    caveats: tuple[str, ...]
    about: str = ""

    def of(self, about: str, digest: str | None = None) -> "Provenance":
        """Return that of one file: what it holds, and the digest of the recipes behind it."""
        return replace(self, about=about, digest=self.digest if digest is None else digest)

    @property
    def licence_url(self) -> str:
        """Where the licence stands."""
        return LICENCES[self.licence]

    def as_dict(self) -> dict[str, Any]:
        """Return all of it by name, JSON-able."""
        return {
            "about": self.about,
            "analysis": self.analysis,
            "sample": self.sample,
            "made_by": f"dwarfnu {self.release}",
            "recipe_digest": self.digest,
            "cite": list(self.citations),
            "licence": self.licence,
            "licence_url": self.licence_url,
            "caveats": list(self.caveats),
        }

    def lines(self) -> list[str]:
        """Return all of it in lines of text."""
        return [
            *([self.about] if self.about else []),
            f"analysis {self.analysis}, sample {self.sample}, made by dwarfnu {self.release}",
            f"recipe digest: {self.digest}",
            *(f"cite: {citation}" for citation in self.citations),
            f"licence: {self.licence}, {self.licence_url}",
            *(f"caveat: {caveat}" for caveat in self.caveats),
        ]

    def comment(self, mark: str) -> str:
        """Return all of it as comment lines that begin with a mark, such as "# "."""
        return "".join(f"{mark}{line}\n" for line in self.lines())


def provenance(
    analysis: str,
    sample: str,
    release: str,
    digest: str,
    caveats: Sequence[str],
    licence: str,
    cite: Sequence[str] = (),
) -> Provenance:
    """Return the provenance of an export; `cite`: papers beside those of method and sample.

    ConfigError for a licence that is not among LICENCES.
    """
    if licence not in LICENCES:
        raise ConfigError(f"--licence {licence}: choose one of {', '.join(LICENCES)}")
    citations = (*cite, METHOD, *(text for name, text in SAMPLE_CITATIONS.items() if name == sample))
    plain = tuple(caveat.replace("\n", " ") for caveat in caveats)
    return Provenance(analysis, sample, release, digest, citations, licence, plain)
