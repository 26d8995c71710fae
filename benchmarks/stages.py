"""What each stage of an analysis costs: `uv run python -m benchmarks.stages CONFIG.toml RECORD.json [STAGE...]`.

Makes the products of an analysis that are missing one after the other, in this process and without Prefect, then its
figures, and writes for each its CPU time, the size of its file and the memory that the process had taken at most; of
some stages alone with what they need. The rates in `core/stages/rates.py` are read off such records.
"""

import json
import resource
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.configuration.config import Config, read_config
from core.products.recipe import State
from core.products.store import ProductStore
from core.stages.figures import figure_recipes
from core.stages.figures.figure import rendered
from core.stages.registry import STAGES, recipes, stages_before, stages_of
from core.stages.stage import make_product

MEGABYTE = 1e6
KIBIBYTE = 1024  # the unit of ru_maxrss on Linux

Record = list[dict[str, Any]]


def main(arguments: list[str]) -> None:
    """Measure the analysis of a configuration, write the record and print its sums by stage."""
    config = read_config(Path(arguments[0]))
    record = measured(config, arguments[2:])
    Path(arguments[1]).write_text(json.dumps(record), encoding="utf-8")
    print(summary(record))


def measured(config: Config, stages: Sequence[str] = ()) -> Record:
    """Return what each product and each figure of an analysis cost that was made here."""
    store = ProductStore(config.product_root, config.analysis, config.sample)
    needed = {name for stage in stages for name in (stage, *stages_before(config, stage))}
    record: Record = []
    for stage in stages_of(config):
        if stages and stage not in needed:
            continue
        for recipe in recipes(config, store, stage):
            before = store.explain_recipe(recipe).state
            if before is State.FRESH:
                continue
            start = time.process_time()
            make_product(STAGES[stage], store, recipe)
            cpu = time.process_time() - start
            size = store.path(stage, recipe.part, **recipe.product.keys).stat().st_size
            record.append(entry(stage, str(recipe), cpu, size, dict(recipe.parameters)))
    for figure in [] if stages else figure_recipes(config, store):
        start = time.process_time()
        drawn = rendered(store, figure)
        store.write_figure(figure.name, drawn)
        record.append(entry("figures", figure.name, time.process_time() - start, len(drawn), {}))
    return record


def entry(stage: str, name: str, cpu: float, size: int, parameters: dict[str, Any]) -> dict[str, Any]:
    """Return what is said of one product: CPU time (s), size (bytes), peak memory so far (bytes)."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * KIBIBYTE
    return {"stage": stage, "name": name, "cpu": cpu, "size": size, "peak": peak, "parameters": parameters}


def summary(record: Record) -> str:
    """Return a line a stage: products, CPU time in all, of the first and of the others in the mean, size, memory."""
    by_stage = defaultdict(list)
    for made in record:
        by_stage[made["stage"]].append(made)
    lines = [f"{'stage':<26}{'n':>6}{'CPU s':>9}{'first':>9}{'others':>9}{'MB each':>9}{'peak MB':>9}"]
    for stage, of_stage in by_stage.items():
        times = [made["cpu"] for made in of_stage]
        others = sum(times[1:]) / max(len(times) - 1, 1)
        size = sum(made["size"] for made in of_stage) / len(of_stage) / MEGABYTE
        peak = of_stage[-1]["peak"] / MEGABYTE
        lines.append(
            f"{stage:<26}{len(times):>6}{sum(times):>9.2f}{times[0]:>9.2f}{others:>9.3f}{size:>9.3f}{peak:>9.0f}"
        )
    return "\n".join([*lines, f"in all {sum(made['cpu'] for made in record):.1f} CPU s"])


if __name__ == "__main__":
    main(sys.argv[1:])
