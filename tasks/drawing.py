"""Processes that draw figures side by side; they know nothing of Prefect, and end with the one they draw for."""

import logging
import os
from concurrent.futures import Future, ProcessPoolExecutor
from functools import lru_cache
from multiprocessing import get_context, parent_process
from threading import Thread

from core.products.store import ProductStore
from core.stages.figures.figure import FigureRecipe, rendered_files
from core.stages.figures.words import Form


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
    return ProcessPoolExecutor(os.cpu_count(), get_context("spawn"), initializer=_end_with_parent)


def _end_with_parent() -> None:
    """Let this process end when its parent does, however it ends, and leave matplotlib's warnings to the parent."""
    logging.getLogger("matplotlib").setLevel(logging.ERROR)
    parent = parent_process()

    def wait() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    Thread(target=wait, daemon=True).start()


def _rendered(
    root: str, analysis: str, recipe: FigureRecipe, forms: tuple[Form, ...], command: str
) -> dict[str, bytes]:
    return rendered_files(_store(root, analysis), recipe, forms, command)


@lru_cache(maxsize=8)
def _store(root: str, analysis: str) -> ProductStore:
    return ProductStore(root, analysis)
