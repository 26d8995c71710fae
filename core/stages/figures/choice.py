"""Some figures of an analysis: of the kinds, the pairs and in the forms that are asked for."""

from collections.abc import Sequence

from core.configuration.config import Config
from core.errors import ConfigError
from core.figures.kinds import KINDS, kind_of, subject_of
from core.products.recipe import path_text
from core.stages.figures.figure import FigureRecipe
from core.stages.figures.words import FORMS, Form
from core.stages.selection import pair_of


def chosen_figures(
    config: Config, found: Sequence[FigureRecipe], kinds: Sequence[str], pairs: Sequence[str]
) -> list[FigureRecipe]:
    """Return the figures among those found that are of some kinds and of some pairs of channel and mass.

    Without kinds those of every kind; without pairs those of every pair and those that show all of them. Raises
    ConfigError for a kind or a pair that there is none of, and where nothing is left.
    """
    for kind in kinds:
        if kind not in KINDS:
            raise ConfigError(f"--kind {kind}: no kind of figure; there are {', '.join(KINDS)}")
    subjects = {_subject(config, text) for text in pairs}
    chosen = [figure for figure in found if not kinds or kind_of(figure.name) in kinds]
    left = [figure for figure in chosen if not pairs or subject_of(figure.name) in subjects]
    if not left:
        there = ", ".join(kind for kind in KINDS if any(kind_of(figure.name) == kind for figure in found))
        raise ConfigError(f"no figure of {_asked(kinds, pairs)} can be drawn of the products that stand; {_way(there)}")
    return left


def forms_of(text: str) -> tuple[Form, ...]:
    """Return the forms in a text such as "png,pdf"; ConfigError for one that there is none of."""
    wanted = [word.strip().lower() for word in text.split(",") if word.strip()]
    known = {str(form): form for form in FORMS}
    for word in wanted or [text]:
        if word not in known:
            raise ConfigError(f"--format {text}: {word!r} is no form of figures; there are {', '.join(FORMS)}")
    return tuple(known[word] for word in dict.fromkeys(wanted))


def _subject(config: Config, text: str) -> str:
    """Return what the names of a pair's figures end with."""
    channel, mass = pair_of(text)
    if (channel, mass) not in config.channel_masses:
        there = ", ".join(f"{name}/{path_text(of)}" for name, of in config.channel_masses)
        raise ConfigError(f"--pair {text}: not a pair of this analysis; there are {there}")
    return f"{channel}-{path_text(mass)}"


def _asked(kinds: Sequence[str], pairs: Sequence[str]) -> str:
    words = [f"kind {', '.join(kinds)}"] if kinds else []
    return " and ".join(words + ([f"pair {', '.join(pairs)}"] if pairs else [])) or "any kind"


def _way(there: str) -> str:
    return f"there are those of kind {there}" if there else "make them with `dwarfnu run`"
