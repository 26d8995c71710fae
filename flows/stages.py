"""A flow for each stage, made from the registry of stages: it makes what the stage needs, then its products.

The flows stand here by the names of their stages, as Prefect's deployments look for them.
"""

from collections.abc import Mapping

from prefect import flow

from core.configuration.config import Config
from core.stages.registry import STAGES, stages_before, stages_of
from core.stages.selection import ALL, Selection
from core.stages.stage import Stage
from flows.making import StageFlow, failed, make_products
from flows.served import served_run
from tasks.products import product_task


def stage_flow(stage: Stage) -> StageFlow:
    """Return the flow of a stage."""
    task = product_task(stage)

    def run(config: Config = Config(), with_inputs: bool = True, selection: Selection = Selection()) -> None:
        before = stages_before(config, stage.name) if with_inputs else ()
        with served_run(config, selection, stage.name):
            make_products(task, config, stage, run_stages(config, *before, selection=selection), selection)

    run.__name__ = stage.name
    run.__doc__ = f"""{stage.sentence}

    Args:
        config: The analysis; every setting left alone is the public analysis'.
        with_inputs: Make what this stage needs first: {_needs(stage)}.
        selection: Some pairs, some shards of trials, or what failed, in place of all products.
    """
    made: StageFlow = flow(
        name=stage.name.replace("_", "-"),
        flow_run_name=f"{stage.title} of {{config.analysis}}",
        description=stage.sentence,
    )(run)
    return made


def _needs(stage: Stage) -> str:
    """Return which stages a stage needs, in words."""
    titles = [STAGES[name].title for name in stage.needs]
    return ", ".join(titles) if titles else "this one needs nothing"


STAGE_FLOWS: Mapping[str, StageFlow] = {name: stage_flow(stage) for name, stage in STAGES.items() if not stage.unblinds}
globals().update(STAGE_FLOWS)


def run_stages(config: Config, *stages: str, selection: Selection = ALL) -> list[str]:
    """Run those of some stages that an analysis has, whatever becomes of each, and return what failed in words."""
    wanted = [STAGE_FLOWS[name] for name in stages if name in stages_of(config) and selection.has_stage(name)]
    return [failure for stage in wanted if (failure := failed(stage, config, selection)) is not None]
