"""Processes that draw figures side by side; they know nothing of Prefect, and end with the one they draw for."""

import logging
import os
from concurrent.futures import Future, ProcessPoolExecutor
from functools import lru_cache
from multiprocessing import get_context

from core.products.store import ProductStore
from core.stages.figures.figure import FigureRecipe, rendered_files
from core.stages.figures.words import Form
from tasks.parent import end_with_parent


def drawn_elsewhere(store: ProductStore, recipe: FigureRecipe) -> bytes:
    """Return a figure as PNG, drawn by another process."""
    return files_drawn_elsewhere(store, recipe, ("png",)).result()["png"]


def files_drawn_elsewhere(
    store: ProductStore, recipe: FigureRecipe, forms: tuple[Form, ...], command: str = "dwarfnu figures"
) -> Future[dict[str, bytes]]:
    """Return a figure to come in some forms, with its caption, drawn by another process."""
    return drawing_processes().submit(_rendered, str(store.root), store.analysis, recipe, forms, command)


@lru_cache(maxsize=1)
def drawing_processes() -> ProcessPoolExecutor:
    """Return the processes, one a core, that this one lets draw."""
    return ProcessPoolExecutor(os.cpu_count(), get_context("spawn"), initializer=_begin)


def _begin() -> None:
    """Let this process end with its parent, and leave matplotlib's warnings to that."""
    logging.getLogger("matplotlib").setLevel(logging.ERROR)
    end_with_parent()


def _rendered(
    root: str, analysis: str, recipe: FigureRecipe, forms: tuple[Form, ...], command: str
) -> dict[str, bytes]:
    return rendered_files(_store(root, analysis), recipe, forms, command)


@lru_cache(maxsize=8)
def _store(root: str, analysis: str) -> ProductStore:
    return ProductStore(root, analysis)
