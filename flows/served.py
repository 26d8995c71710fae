"""What goes with a run that was started from a deployment: it is alone in its analysis, and is found by its tags."""

import fcntl
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from prefect import get_run_logger
from prefect.client.orchestration import get_client
from prefect.context import FlowRunContext

from core.configuration.config import Config
from core.products.store import ProductStore
from core.stages.selection import ALL, Selection, pair_of
from flows.artifacts import shown_at_the_end
from tasks.products import product_store

IN_USE_NAME = ".in-use"  # in the folder of an analysis
MOST_CHANNELS = 3  # a run of more channels than this is not tagged by each


@contextmanager
def served_run(config: Config, selection: Selection = ALL, stage: str | None = None) -> Iterator[None]:
    """Let a run that was started from a deployment wait until no other of its analysis is at work, and tag it.

    At its end it leaves a link to the dashboard. A run of the command line, and one that is part of another, goes on as
    it is.
    """
    context = FlowRunContext.get()
    run = None if context is None else context.flow_run
    if run is None or run.deployment_id is None:
        yield
        return
    store = product_store(config)
    with get_client(sync_client=True) as client:
        client.update_flow_run(run.id, tags={*run.tags, *run_tags(config, selection, stage)})
    with ExitStack() as until_the_end:
        until_the_end.enter_context(alone_in_its_analysis(store, get_run_logger().info))
        until_the_end.enter_context(shown_at_the_end(config, store, stage))
        yield


def run_tags(config: Config, selection: Selection = ALL, stage: str | None = None) -> set[str]:
    """Return the tags of a run: its analysis, the stage that it makes, the channels where they are few."""
    asked = [pair_of(text) for text in selection.pairs] or config.channel_masses
    channels = {str(channel) for channel, _ in asked}
    named = {config.analysis} if stage is None else {config.analysis, stage}
    return named | (channels if len(channels) <= MOST_CHANNELS else set())


@contextmanager
def alone_in_its_analysis(store: ProductStore, say: Callable[[str], None]) -> Iterator[None]:
    """Wait until no other run of an analysis is at work, and say so; keep others waiting while the context lasts.

    The lock is one of the operating system's on a file beside the products: however a run dies, it is released at once.
    Products at a URL know no locks; runs of such an analysis do not wait for each other.
    """
    folder = store.root / store.analysis
    if not isinstance(folder, Path):
        yield
        return
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / IN_USE_NAME).open("w") as mark:
        try:
            fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"another run of {store.analysis} is at work: this one waits for its end")
            fcntl.flock(mark, fcntl.LOCK_EX)
        yield
