"""What `dwarfnu figures` does: draws the figures that are asked for, with captions, beside the products or elsewhere.

It draws what stands and makes no product, so that it needs no Prefect.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from upath import UPath

from core.configuration.config import Config
from core.errors import ProductError
from core.products.recipe import State
from core.products.store import ProductStore
from core.stages.figures import all_figure_recipes
from core.stages.figures.choice import chosen_figures, forms_of
from core.stages.figures.figure import FigureRecipe, content_state, rendered_files
from core.stages.figures.words import Form
from flows.given import NOTHING_GIVEN, Given
from flows.progress import wide_console
from tasks.drawing import drawing_processes, files_drawn_elsewhere

N_DRAWN_HERE = 8  # figures up to this number are drawn before other processes would have started
OUTCOMES = {State.MISSING: "computed", State.STALE: "recomputed (stale)", State.FAILED: "recomputed (damaged)"}


@dataclass(frozen=True)
class Asked:
    """What is asked for on the command line: kinds, pairs, forms such as "png,pdf", and a folder."""

    kinds: Sequence[str] = ()
    pairs: Sequence[str] = ()
    forms: str = "png"
    folder: Path | None = None


def draw_figures(config: Config, asked: Asked, given: Given = NOTHING_GIVEN) -> list[UPath]:
    """Draw the figures that are asked for, unless they stand, say how many, and return where they lie.

    Raises ConfigError before anything is written where something asked for is not there, and ProductError where there
    is nothing to draw.
    """
    store = ProductStore(config.product_root, config.analysis)
    forms, found = forms_of(asked.forms), all_figure_recipes(config, store)
    if not found:
        raise ProductError(
            f"no sensitivity of this configuration with seed {config.seed} stands under {store.root / store.analysis}, "
            f"so there is nothing to draw; make them with `{given.command('run')}`"
        )
    wanted = chosen_figures(config, found, asked.kinds, asked.pairs)
    folder = None if asked.folder is None else UPath(asked.folder)
    states = {figure.name: _state(store, figure, forms, folder) for figure in wanted}
    to_draw = [figure for figure in wanted if states[figure.name] is not State.FRESH]
    for figure, files in _drawn(store, to_draw, forms, given.command("figures")):
        for form, content in files.items():
            _write(store, _name(figure, form), content, folder)
    store.memory.save()
    place = _folder(store, folder)
    _say(wide_console(), Counter(OUTCOMES.get(state, "cached") for state in states.values()), place)
    return [place / _name(figure, form) for figure in wanted for form in forms]


def _state(store: ProductStore, figure: FigureRecipe, forms: Sequence[Form], folder: UPath | None) -> State:
    """Return the state of the worst file of a figure; one without a caption is missing."""
    paths = [_folder(store, folder) / _name(figure, form) for form in (*forms, "tex")]
    contents = [path.read_bytes() if path.is_file() else None for path in paths]
    states = [content_state(store, figure, content).state for content in contents]
    return next((state for state in (State.FAILED, State.STALE, State.MISSING) if state in states), State.FRESH)


def _drawn(
    store: ProductStore, figures: Sequence[FigureRecipe], forms: tuple[Form, ...], command: str
) -> Iterator[tuple[FigureRecipe, dict[str, bytes]]]:
    """Yield figures with their files: few of them, and those that share sums over events, drawn by this process."""
    elsewhere = [figure for figure in figures if not figure.shares]
    if len(elsewhere) <= N_DRAWN_HERE:
        elsewhere = []
    coming = [(figure, files_drawn_elsewhere(store, figure, forms, command)) for figure in elsewhere]
    for figure in figures:
        if figure not in elsewhere:
            yield figure, rendered_files(store, figure, forms, command)
    for figure, files in coming:
        yield figure, files.result()
    if coming:
        drawing_processes().shutdown()
        drawing_processes.cache_clear()


def _folder(store: ProductStore, folder: UPath | None) -> UPath:
    return store.root / store.analysis / "figures" if folder is None else folder


def _write(store: ProductStore, name: str, content: bytes, folder: UPath | None) -> None:
    if folder is None:
        store.write_figure(name, content)
    else:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


def _name(figure: FigureRecipe, form: str) -> str:
    return f"{figure.name.rsplit('.', 1)[0]}.{form}"


def _say(console: Console, outcomes: Counter[str], folder: UPath) -> None:
    counts = ", ".join(f"{number} {outcome}" for outcome, number in outcomes.items())
    console.print(f"figures: {counts}", markup=False)
    console.print(f"in {folder}, each with its caption as LaTeX (.tex)", markup=False)
