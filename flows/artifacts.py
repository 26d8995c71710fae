"""What a run leaves in the Prefect UI: how far a stage is, what became of its products, where to look at them."""

import os
import re
import shlex
from base64 import b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import blake2b
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from PIL import Image
from prefect.artifacts import (
    create_image_artifact,
    create_link_artifact,
    create_progress_artifact,
    create_table_artifact,
    update_progress_artifact,
)
from prefect.futures import PrefectFuture, as_completed, wait
from prefect.runtime import deployment
from prefect.settings import get_current_settings

from core.configuration.config import Config
from core.configuration.written import config_as_toml
from core.products.recipe import Recipe, path_text
from core.products.store import ProductStore
from core.stages.registry import DENSITIES, STAGES, TRIALS
from core.stages.stage import PAIR_KEYS
from core.stages.trial_recipes import is_shard
from flows.prefect_settings import DASHBOARD_VARIABLE, DEFAULT_DASHBOARD

LONG_STAGE = 20  # products from which on a stage shows how far it is
STEP = 5  # percent between two notes of how far it is
LIMITS_FIGURE = "limits.png"
MOST_PIXELS, N_COLOURS = 1000, 64
MADE_BY_RUN = "run"


def artifact_key(*words: str) -> str:
    """Return the key of an artifact, such as public-3y-sensitivity: Prefect takes small letters, digits and hyphens."""
    return "-".join(filter(None, re.split(r"[^a-z0-9]+", " ".join(words).lower())))


def is_served() -> bool:
    """Return whether this run, or the one that it is part of, was started from a deployment."""
    return deployment.id is not None


def wait_with_progress(
    config: Config, stage: str, futures: Sequence[PrefectFuture[Any]], n_products: Sequence[int]
) -> None:
    """Return when all tasks of a stage have ended; of a long stage, the UI shows meanwhile how far it is.

    `n_products`: how many each task makes.
    """
    if sum(n_products) >= LONG_STAGE and is_served():
        shown, n_ended = _Shown(config, stage, sum(n_products)), 0
        n_of = {future.task_run_id: n for future, n in zip(futures, n_products, strict=True)}
        for future in as_completed(list(futures)):
            n_ended += n_of[future.task_run_id]
            shown.note(n_ended)
    wait(list(futures))  # the state of one that has ended reads Pending until it is waited for


@dataclass
class _Shown:
    """How far a stage is, as an artifact that is written anew every few percent."""

    config: Config
    stage: str
    n_products: int
    _last: float = field(default=0.0)
    _artifact: UUID | None = field(default=None)

    def note(self, n_ended: int) -> None:
        percent = 100.0 * n_ended / self.n_products
        if percent - self._last < STEP and n_ended < self.n_products:
            return
        self._last = percent
        if self._artifact is None:
            created = create_progress_artifact(
                percent,
                key=artifact_key(self.config.analysis, self.stage, "progress"),
                description=f"{STAGES[self.stage].title} of {self.config.analysis}: {self.n_products} products",
            )
            self._artifact = created if isinstance(created, UUID) else None
        else:
            update_progress_artifact(self._artifact, percent)


def show_outcomes(config: Config, stage: str, rows: Sequence[tuple[Recipe, str, str]]) -> None:
    """Leave a table of what became of the products of a stage: recipe, outcome and reason of each."""
    create_table_artifact(
        key=artifact_key(config.analysis, stage),
        table=[{"product": str(recipe), "outcome": outcome, "why": why} for recipe, outcome, why in rows],
        description=f"What became of the products of {stage} of {config.analysis}",
    )


def show_failures(config: Config, stage: str, failed: Sequence[tuple[Recipe, str]]) -> None:
    """Leave a table of the products of a stage that failed, each with the reason and the command that makes it."""
    if failed and is_served() and STAGES[stage].command == MADE_BY_RUN:
        path = written_configuration(config)
        create_table_artifact(
            key=artifact_key(config.analysis, stage, "failed"),
            table=[
                {"product": str(recipe), "why": why, "command": making_command(path, recipe)} for recipe, why in failed
            ],
            description=f"Products of {stage} of {config.analysis} that failed; Retry of the run makes just these",
        )


def making_command(path: Path, recipe: Recipe) -> str:
    """Return the command that makes one product of the analysis in a configuration file, of inputs that stand."""
    keys = recipe.product.keys
    words = ["dwarfnu", "run", str(path), "--only", recipe.product.stage]
    if set(PAIR_KEYS) <= keys.keys():
        words += ["--pair", f"{keys['channel']}/{path_text(keys['mass'])}"]
    if is_shard(recipe):
        words += ["--parts", str(recipe.part)]
    return shlex.join(words)


def written_configuration(config: Config) -> Path:
    """Return the file in Prefect's home to which the configuration of this run is written."""
    root = config.product_root
    whole = config.model_copy(update={"products": root if "://" in root else str(Path(root).absolute())})
    text = config_as_toml(whole)
    folder = Path(get_current_settings().home) / "configurations"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{config.analysis}-{blake2b(text.encode(), digest_size=4).hexdigest()}.toml"
    path.write_text(text, encoding="utf-8")
    return path


@contextmanager
def shown_at_the_end(config: Config, store: ProductStore, stage: str | None) -> Iterator[None]:
    """Leave a link to the page of the dashboard that shows what a run was for, and the figure of limits it has drawn.

    However the run ends: what stands is worth a look. `stage`: the one that is made; None for more than one.
    """
    before = store.read_figure(LIMITS_FIGURE)
    try:
        yield
    finally:
        page = dashboard_page(config, stage)
        create_link_artifact(
            page,
            link_text=f"{config.analysis} in the dashboard",
            key=artifact_key(config.analysis, "dashboard"),
            description=f"The products of {config.analysis} in the dashboard; `dwarfnu dashboard` opens it there",
        )
        after = store.read_figure(LIMITS_FIGURE)
        if after is not None and after != before:
            create_image_artifact(
                f"data:image/png;base64,{b64encode(small_image(after)).decode()}",
                key=artifact_key(config.analysis, "limits"),
                description=f"Sensitivity to the cross section, {config.analysis}",
            )


def dashboard_page(config: Config, stage: str | None) -> str:
    """Return the address of the dashboard's page that shows the products of a stage, for the first of the pairs."""
    channel, mass = config.channel_masses[0]
    named = {name: page for page, stages in PAGES.items() for name in stages}
    chosen = {
        "analysis": config.analysis,
        "page": named.get(stage or "", "limits"),
        "channel": channel,
        "mass": path_text(mass),
    }
    place = os.environ.get(DASHBOARD_VARIABLE) or DEFAULT_DASHBOARD
    return f"{place.rstrip('/')}/?{urlencode(chosen)}"


PAGES = {
    "pdfs": tuple(stage.name for stage in DENSITIES),
    "test-statistic": tuple(stage.name for stage in TRIALS),
}


def small_image(png: bytes) -> bytes:
    """Return a PNG of at most 1000 pixels a side and few colours: the database keeps one for each run."""
    with Image.open(BytesIO(png)) as image:
        small = image.convert("RGB")
    small.thumbnail((MOST_PIXELS, MOST_PIXELS))
    written = BytesIO()
    small.quantize(N_COLOURS).save(written, "PNG", optimize=True)
    return written.getvalue()
