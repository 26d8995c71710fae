"""The page of stages: each with its sentence, the keys and columns of its products, and what it needs."""

from collections.abc import Mapping

from core.glossary import GLOSSARY
from core.stages.registry import STAGES
from core.stages.stage import Stage
from docs_reference.markdown import page

INTRODUCTION = """\
An analysis is a chain of stages, here in the order in which they are made. Each writes its products under
`products/<analysis>/<stage>/`, one for each combination of its keys, as Parquet files that carry the recipe which made
them. The columns are explained on [their page](columns.md); which stages an analysis has hangs on its sample and its
statistic. Where dark matter decays, columns of a `decay_rate` stand in the place of those of `sigma_v`."""


def stages_page() -> str:
    """Return the page, the stages in the order in which they are made."""
    return page("Stages", INTRODUCTION, *map(_entry, STAGES.values()))


def stages_by_column() -> Mapping[str, tuple[str, ...]]:
    """Return, for each column, the stages whose products have it, as key or beside the keys."""
    found: dict[str, tuple[str, ...]] = {}
    for stage in STAGES.values():
        names = (*stage.keys, *stage.columns)
        of_decay = [decay for name in names if (decay := name.replace("sigma_v", "decay_rate")) in GLOSSARY]
        for name in dict.fromkeys((*names, *of_decay)):
            found[name] = (*found.get(name, ()), stage.name)
    return found


def _entry(stage: Stage) -> str:
    keys = ", ".join(map(_column, stage.keys)) or "none: one product an analysis"
    lines = [
        f"- Keys: {keys}",
        f"- Columns: {', '.join(map(_column, stage.columns))}",
        f"- Needs: {', '.join(f'[{name}](#{name})' for name in stage.needs) or 'nothing'}",
        f"- Made by: `dwarfnu {stage.command}`",
    ]
    return f"## `{stage.name}` {{#{stage.name}}}\n\n{stage.sentence}\n\n" + "\n".join(lines)


def _column(name: str) -> str:
    return f"[`{name}`](columns.md#{name})"
