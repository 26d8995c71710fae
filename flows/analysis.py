"""The analysis: from event counts or files, spectra and J factors to cross sections and figures."""

from prefect import flow

from core.configuration.config import Config
from core.stages.figures import all_figure_recipes, event_figure_recipes
from core.stages.registry import COUNTS, DENSITIES, DETECTOR, DOUBTS, EVENTS, GIVEN, RESULTS, SIGNAL, TRIALS
from core.stages.selection import ALL, Selection
from core.stages.stage import Stage
from flows.making import draw_all, raise_failures
from flows.served import served_run
from flows.stages import run_stages
from tasks.products import product_store


@flow(name="analysis", flow_run_name="{config.analysis}, seed {config.seed}")
def analysis(config: Config = Config(), selection: Selection = Selection()) -> None:
    """Run every stage; a pair of channel and mass that fails at one stage does not keep the others from theirs.

    Args:
        config: The analysis; every setting left alone is the public analysis'.
        selection: Some stages, pairs or shards of trials, or what failed, in place of all products.
    """
    with served_run(config, selection):
        make_analysis(config, selection)


def make_analysis(config: Config, selection: Selection) -> None:
    """Make the selected products of every stage, chapter by chapter, and draw their figures."""
    selection.check(config)
    product_store(config).sweep()
    failures = chapter(config, GIVEN, selection)
    failures += chapter(config, EVENTS, selection)
    failures += chapter(config, DETECTOR, selection)
    failures += chapter(config, SIGNAL, selection)
    failures += chapter(config, DENSITIES, selection)
    failures += chapter(config, TRIALS, selection)
    failures += chapter(config, RESULTS, selection)
    failures += chapter(config, COUNTS, selection)
    failures += chapter(config, DOUBTS, selection)
    if selection.only:
        raise_failures(failures)
    else:
        draw_all(config, failures)


@flow(name="trials", flow_run_name="trials of {config.analysis}")
def trials(config: Config = Config(), selection: Selection = Selection()) -> None:
    """Make background and signal trials and what they need.

    Args:
        config: The analysis; every setting left alone is the public analysis'.
        selection: Some pairs or shards of trials, or what failed, in place of all products.
    """
    selection.check(config)
    with served_run(config, selection, "background_trials"):
        raise_failures([failure for stages in BEFORE_RESULTS for failure in chapter(config, stages, selection)])


@flow(name="ingest", flow_run_name="ingest of {config.analysis}")
def ingest(config: Config = Config()) -> None:
    """Bring in a whole event sample and draw it; a file that fails does not keep the others from being converted.

    Args:
        config: The analysis; its sample must be one of events.
    """
    with served_run(config):
        product_store(config).sweep()
        failures = chapter(config, GIVEN) if config.simulated.injected else []
        draw_all(config, failures + chapter(config, EVENTS), event_figure_recipes)


@flow(name="figures", flow_run_name="figures of {config.analysis}")
def figures(config: Config = Config(), with_inputs: bool = True) -> None:
    """Draw limits, and test statistics and densities of each pair that has a sensitivity.

    Args:
        config: The analysis; every setting left alone is the public analysis'.
        with_inputs: Make all that they show first.
    """
    chapters = (*BEFORE_RESULTS, RESULTS, COUNTS, DOUBTS) if with_inputs else ()
    with served_run(config):
        failures = [failure for stages in chapters for failure in chapter(config, stages)]
        draw_all(config, failures, all_figure_recipes)


BEFORE_RESULTS = (GIVEN, EVENTS, DETECTOR, SIGNAL, DENSITIES, TRIALS)


def chapter(config: Config, stages: tuple[Stage, ...], selection: Selection = ALL) -> list[str]:
    """Run the stages of a chapter of the analysis, whatever becomes of each, and return what failed in words."""
    return run_stages(config, *(stage.name for stage in stages), selection=selection)
