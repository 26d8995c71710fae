"""Flows of a sample of events: from its files, or draws, to events and to an account of them; one task a file."""

from prefect import flow

from core.configuration.config import SIMULATED_SAMPLE, Config
from core.stages.event_figure_recipes import event_figure_recipes
from flows.inputs import sources, spectra
from flows.stage import draw_all, make_products, run_stages
from tasks.caching import product_store
from tasks.events import (
    make_cut_flow,
    make_event_files,
    make_event_summary,
    make_events,
    make_good_runs,
    make_sealed_events,
)


@flow(name="good-runs", flow_run_name="good runs of {config.analysis}")
def good_runs(config: Config = Config(), with_inputs: bool = True) -> None:
    """Read which runs count and how long the detector was live in them.

    Args:
        config: The analysis; its sample must be one of events.
        with_inputs: Make what this stage needs first: of a simulated sample, its events.
    """
    failures = run_stages(config, sealed_events, with_inputs=True) if with_inputs and _is_drawn(config) else []
    make_products(make_good_runs, config, "good_runs", failures)


@flow(name="sealed-events", flow_run_name="sealed events of {config.analysis}")
def sealed_events(config: Config = Config(), with_inputs: bool = True) -> None:
    """Convert the files of measured events, or draw them; only the unblinding opens what this makes.

    Args:
        config: The analysis; its sample must be one of events.
        with_inputs: Make what this stage needs first: for an injected signal, sources and spectra.
    """
    failures = run_stages(config, sources, spectra) if with_inputs and config.simulated.injected else []
    make_products(make_sealed_events, config, "sealed_events", failures)


@flow(name="events", flow_run_name="events of {config.analysis}")
def events(config: Config = Config(), with_inputs: bool = True) -> None:
    """Convert the files of simulated events, or draw them, and scramble right ascensions of the measured ones.

    Args:
        config: The analysis; its sample must be one of events.
        with_inputs: Make sealed events and good runs first.
    """
    failures = run_stages(config, sealed_events, with_inputs=True) if with_inputs else []
    failures += run_stages(config, good_runs) if with_inputs else []
    make_products(make_events, config, "events", failures)


@flow(name="event-files", flow_run_name="event files of {config.analysis}")
def event_files(config: Config = Config(), with_inputs: bool = True) -> None:
    """Say of each file how many events were read, kept, cut and broken.

    Args:
        config: The analysis; its sample must be one of events.
        with_inputs: Make the events first.
    """
    failures = run_stages(config, events, with_inputs=True) if with_inputs else []
    make_products(make_event_files, config, "event_files", failures)


@flow(name="cut-flow", flow_run_name="cut flow of {config.analysis}")
def cut_flow(config: Config = Config(), with_inputs: bool = True) -> None:
    """Sum over all files how many events each cut leaves.

    Args:
        config: The analysis; its sample must be one of events.
        with_inputs: Make the events first.
    """
    failures = run_stages(config, events, with_inputs=True) if with_inputs else []
    make_products(make_cut_flow, config, "cut_flow", failures)


@flow(name="event-summary", flow_run_name="event summary of {config.analysis}")
def event_summary(config: Config = Config(), with_inputs: bool = True) -> None:
    """Compare each season's livetime, measured events and what its simulation expects.

    Args:
        config: The analysis; its sample must be one of events.
        with_inputs: Make the account of the files first.
    """
    failures = run_stages(config, event_files, with_inputs=True) if with_inputs else []
    make_products(make_event_summary, config, "event_summary", failures)


@flow(name="ingest", flow_run_name="ingest of {config.analysis}")
def ingest(config: Config = Config()) -> None:
    """Bring in a whole event sample and draw it; a file that fails does not keep the others from being converted.

    Args:
        config: The analysis; its sample must be one of events.
    """
    product_store(config).sweep()
    failures = run_stages(config, sources, spectra) if config.simulated.injected else []
    draw_all(config, failures + make_all_events(config), event_figure_recipes)


def make_all_events(config: Config) -> list[str]:
    """Run all stages of events, whatever becomes of each, and return what failed in words."""
    return run_stages(config, sealed_events, good_runs, events, event_files, cut_flow, event_summary)


def _is_drawn(config: Config) -> bool:
    return config.sample == SIMULATED_SAMPLE
