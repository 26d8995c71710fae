"""Figures that another process draws are those that this one draws, and that process ends when nobody is left."""

import multiprocessing.connection
import os
import pickle
import signal
import subprocess
import sys
from functools import partial
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from core.configuration.config import Config
from core.products.store import ProductStore
from core.stages.figures import event_figure_recipes
from core.stages.figures.figure import FigureRecipe, figure_digest, rendered
from core.stages.figures.sources import SOURCES, draw
from core.stages.figures.words import DIGEST_KEY
from tasks.drawing import drawn_elsewhere
from tests.small_analysis import sources, write

WAITING = """
import os, sys
from tasks.drawing import drawing_processes
worker = drawing_processes().submit(os.getpid).result()
print(worker, flush=True)
sys.stdin.read()
"""


def figure(root: Path) -> tuple[ProductStore, FigureRecipe]:
    store = ProductStore(root)
    write(store, SOURCES, sources())
    return store, FigureRecipe("sources.png", (SOURCES,), partial(draw))


@pytest.mark.slow
def test_another_process_draws_the_same(tmp_path: Path) -> None:
    store, recipe = figure(tmp_path)
    assert pickle.loads(pickle.dumps(recipe)).name == recipe.name
    elsewhere, here = (Image.open(BytesIO(drawn(store, recipe))) for drawn in (drawn_elsewhere, rendered))
    assert elsewhere.info[DIGEST_KEY] == here.info[DIGEST_KEY] == figure_digest(store, recipe)
    assert elsewhere.tobytes() == here.tobytes()


def test_figures_of_events_are_drawn_together(tmp_path: Path) -> None:
    config = Config(sample="simulated-7y", products=str(tmp_path))
    assert all(recipe.shares for recipe in event_figure_recipes(config, ProductStore(tmp_path, config.analysis)))


@pytest.mark.slow
def test_processes_end_with_the_one_they_draw_for(tmp_path: Path) -> None:
    command = [sys.executable, "-c", WAITING]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        worker = int(parent.stdout.readline())
        watch = os.pidfd_open(worker)
        parent.send_signal(signal.SIGKILL)
    assert multiprocessing.connection.wait([watch], timeout=60)
    os.close(watch)
