"""A flow for each stage, made from the registry of stages: it makes what the stage needs, then its products.

A flow is made when it is first asked for: Prefect writes down all settings of an analysis for each, which takes a tenth
of a second. Prefect's deployments find the flows here by the names of their stages.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from prefect import flow

from core.configuration.config import Config
from core.stages.registry import STAGES, stages_before, stages_of
from core.stages.selection import ALL, Selection
from core.stages.stage import Stage
from flows.making import InnerFlow, StageFlow, failed, make_products
from flows.served import served_run
from tasks.products import product_task


@cache
def stage_flow(name: str) -> StageFlow:
    """Return the flow of a stage, as it is deployed: with the words and types of what it takes."""
    stage = STAGES[name]
    task = product_task(stage)

    def run(config: Config = Config(), with_inputs: bool = True, selection: Selection = Selection()) -> None:
        before = stages_before(config, name) if with_inputs else ()
        with served_run(config, selection, name):
            make_products(task, config, stage, run_stages(config, *before, selection=selection), selection)

    run.__name__ = name
    run.__doc__ = f"""{stage.sentence}

    Args:
        config: The analysis; every setting left alone is the public analysis'.
        with_inputs: Make what this stage needs first: {_needs(stage)}.
        selection: Some pairs, some shards of trials, or what failed, in place of all products.
    """
    made: StageFlow = _as_flow(stage, run)
    return made


@cache
def flow_within(name: str) -> InnerFlow:
    """Return the flow of a stage inside a run of several: of its products alone.

    Nobody fills in a form for it, so that it does not say the types of what it takes, which Prefect would write down.
    """
    stage = STAGES[name]
    task = product_task(stage)

    def run(config: Any, selection: Any) -> None:
        make_products(task, config, stage, [], selection)

    made: InnerFlow = _as_flow(stage, run)
    return made


def _as_flow(stage: Stage, run: Any) -> Any:
    title = f"{stage.title} of {{config.analysis}}"
    return flow(name=stage.name.replace("_", "-"), flow_run_name=title, description=stage.sentence)(run)


def _needs(stage: Stage) -> str:
    """Return which stages a stage needs, in words."""
    titles = [STAGES[name].title for name in stage.needs]
    return ", ".join(titles) if titles else "this one needs nothing"


class _StageFlows(Mapping[str, StageFlow]):
    """The flows of all stages but those of the unblinding, by name."""

    def __getitem__(self, name: str) -> StageFlow:
        if name not in STAGES or STAGES[name].unblinds:
            raise KeyError(name)
        return stage_flow(name)

    def __iter__(self) -> Iterator[str]:
        return (name for name, stage in STAGES.items() if not stage.unblinds)

    def __len__(self) -> int:
        return sum(1 for _ in self)


STAGE_FLOWS: Mapping[str, StageFlow] = _StageFlows()


def __getattr__(name: str) -> StageFlow:
    """Return the flow of a stage as an attribute of this module, where Prefect's deployments look for it."""
    try:
        return STAGE_FLOWS[name]
    except KeyError:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}") from None


def run_stages(config: Config, *stages: str, selection: Selection = ALL) -> list[str]:
    """Run those of some stages that an analysis has, whatever becomes of each, and return what failed in words."""
    wanted = [name for name in stages if name in stages_of(config) and selection.has_stage(name)]
    return [failure for name in wanted if (failure := failed(flow_within(name), config, selection)) is not None]
