"""What `dwarfnu export` does: make the likelihoods that are missing, and write what stands into a folder for others."""

from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any

import pyarrow as pa
from rich.console import Console

from core.configuration.config import Config
from core.dark_matter.processes import PROCESSES, Process
from core.errors import ConfigError, ProductError
from core.export.provenance import provenance
from core.export.release import TABLES, write_release
from core.export.results import Pair, Results
from core.figures.style import caveats_of
from core.pdfs.energy_cells import EnergyCells, energy_cells_of_table
from core.pdfs.likelihood_cells import EXPECTED, LikelihoodCells, likelihoods_of_table
from core.products.digests import digest_of_parameters
from core.products.recipe import ProductKey, Recipe, State, path_text
from core.products.store import ProductStore
from core.stages.freshness import Freshness
from core.stages.observed_sky import DRAWN, sky_kind
from core.stages.registry import STAGES, recipes, stages_of
from core.stages.stage import make_product
from core.stages.statistics import hypothesis_of

RESULTS = tuple(name for name in TABLES if name in STAGES)
N_DIGITS = 16


def export_results(
    config: Config, store: ProductStore, folder: Path, licence: str, cite: Sequence[str], console: Console
) -> None:
    """Write an export of all results that are fresh into a new folder, in one piece.

    Raises ConfigError where the licence is unknown or the folder holds something; ProductError if no sensitivity is
    fresh.
    """
    _check_folder(folder)
    standing = _Standing(config, store)
    if not standing.fresh("sensitivity"):
        place = store.root / store.analysis
        raise ProductError(f"no sensitivity of this configuration is fresh under {place}: `dwarfnu run` makes them")
    described = standing.tables("sensitivity")
    release = version("dwarfnu")
    origin = provenance(config.analysis, config.sample, release, "", caveats_of(described), licence, cite)
    made = _made_likelihoods(config, store, console)
    results = _results(config, standing, made)
    digest = digest_of_parameters([row["recipe_digest"] for row in results.products])[:N_DIGITS]
    written = Path(mkdtemp(prefix=f".{folder.name}.", dir=_parent(folder)))
    try:
        write_release(written, results, origin.of("", digest))
        written.chmod(0o755)
        if folder.exists():
            folder.rmdir()
        written.rename(folder)
    except BaseException:
        rmtree(written, ignore_errors=True)
        raise
    _say(console, folder, results)


class _Standing:
    """The products of an analysis that are fresh, and those that were read."""

    def __init__(self, config: Config, store: ProductStore) -> None:
        self.config, self.store = config, store
        self.freshness = Freshness(config, store)
        self.read: dict[str, Recipe] = {}

    def fresh(self, stage: str) -> list[Recipe]:
        """Return the recipes of a stage whose products are fresh."""
        wanted = recipes(self.config, self.store, stage)
        return [recipe for recipe in wanted if self.freshness.of(recipe).state is State.FRESH]

    def tables(self, stage: str) -> pa.Table:
        """Return the rows of the fresh products of a stage."""
        found = self.fresh(stage)
        self.read |= {str(recipe): recipe for recipe in found}
        return pa.concat_tables(
            [self.store.read_product(recipe.product) for recipe in found], promote_options="default"
        )

    def by_pair(self, stage: str) -> dict[Pair, pa.Table]:
        """Return the fresh products of a stage by their pair of channel and mass."""
        found = self.fresh(stage)
        self.read |= {str(recipe): recipe for recipe in found}
        return {_pair(recipe): self.store.read_product(recipe.product) for recipe in found}

    def sources(self) -> pa.Table:
        """Return the `sources` product."""
        return self.store.read_product(ProductKey("sources"))


def _made_likelihoods(config: Config, store: ProductStore, console: Console) -> list[str]:
    """Make the products of the export that are not fresh, and return in words which cannot be made."""
    left_out = []
    for stage in stages_of(config, "export"):
        freshness = Freshness(config, store)
        for recipe in recipes(config, store, stage):
            if freshness.of(recipe).state is State.FRESH:
                continue
            if behind := freshness.unready_input(recipe):
                left_out.append(f"{recipe}: its input {behind}")
                continue
            console.print(f"making {recipe}", markup=False)
            make_product(STAGES[stage], store, recipe)
    return left_out


def _results(config: Config, standing: _Standing, left_out: list[str]) -> Results:
    """Return what is handed on; the likelihood of the observed sky where all pairs have it, else what is expected."""
    standing.freshness = Freshness(config, standing.store)
    process = PROCESSES[config.process]
    rows = {stage: standing.tables(stage).to_pylist() for stage in RESULTS if standing.fresh(stage)}
    sky, stage = _sky(config, standing)
    tables = standing.by_pair(stage) if stage else {}
    for pair in tables:
        left_out += _left_out_sources(standing, stage, pair)
    created = standing.store.metadata(**_asked(standing.fresh("sensitivity")[0]))["created"]
    likelihoods: dict[Pair, Sequence[LikelihoodCells]] = {
        pair: likelihoods_of_table(table) for pair, table in tables.items()
    }
    return Results(
        process=process,
        rows=rows,
        log10_factors=_log10_factors(standing.sources(), process),
        hypothesis=hypothesis_of(config),
        year=created[:4],
        likelihoods=likelihoods,
        sky=sky,
        counts=standing.by_pair("counts_likelihood"),
        products=[_product_row(standing.store, recipe) for recipe in standing.read.values()],
        left_out=left_out,
        energy_cells=_energy_cells(standing),
    )


def _sky(config: Config, standing: _Standing) -> tuple[str, str]:
    """Return of which events the likelihoods over right ascension are, and their stage; none of a sum of fits."""
    if "likelihood" not in stages_of(config, "export"):
        return EXPECTED, ""
    pairs = {_pair(recipe) for recipe in standing.fresh("likelihood")}
    observed = {_pair(recipe) for recipe in standing.fresh("observed_likelihood")}
    kind = sky_kind(config)
    if kind != DRAWN and observed and observed >= pairs:
        return kind, "observed_likelihood"
    return EXPECTED, "likelihood"


def _energy_cells(standing: _Standing) -> EnergyCells | None:
    """Return the response folded by flavour and energy, None where it does not stand."""
    for recipe in standing.fresh("energy_likelihood"):
        templates = standing.store.metadata(**_asked(recipe))["remarks"]["templates"]
        return energy_cells_of_table(standing.tables(recipe.product.stage), templates)
    return None


def _left_out_sources(standing: _Standing, stage: str, pair: Pair) -> list[str]:
    keys: dict[str, Any] = {"channel": pair[0], "mass": pair[1]}
    remarks = standing.store.metadata(stage, **keys).get("remarks", {})
    return [f"{pair[0]}/{path_text(pair[1])}, {why}" for why in remarks.get("left_out", [])]


def _log10_factors(sources: pa.Table, process: Process) -> dict[str, float]:
    values = sources[f"log10_{process.factor}"].to_pylist()
    return dict(zip(sources["source"].to_pylist(), values, strict=True))


def _product_row(store: ProductStore, recipe: Recipe) -> dict[str, Any]:
    metadata = store.metadata(part=recipe.part, **_asked(recipe))
    return {
        "product": metadata["path"],
        "recipe_digest": metadata["recipe_digest"],
        "code_digest": metadata["code"]["digest"],
        "data_digest": metadata["data_digest"],
        "created": metadata["created"],
    }


def _asked(recipe: Recipe) -> dict[str, Any]:
    return {"stage": recipe.product.stage, **recipe.product.keys}


def _pair(recipe: Recipe) -> Pair:
    return str(recipe.product.keys["channel"]), float(recipe.product.keys["mass"])


def _check_folder(folder: Path) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ConfigError(f"--to {folder}: holds something already; name a folder that is empty or not there yet")


def _parent(folder: Path) -> str:
    """Return the folder above, made where it is missing."""
    parent = folder.absolute().parent
    parent.mkdir(parents=True, exist_ok=True)
    return str(parent)


def _say(console: Console, folder: Path, results: Results) -> None:
    n_files = sum(path.is_file() for path in folder.rglob("*"))
    console.print(f"{n_files} files of {len(results.likelihoods)} likelihoods, events {results.sky}", markup=False)
    for line in results.left_out:
        console.print(f"left out: {line}", markup=False)
    console.print(f"export: {folder} (README.md first)", markup=False)
