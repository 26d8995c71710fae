"""Flows of an own event sample: from its files to events, and to an account of them; one task a file."""

from prefect import flow

from core.config import Config
from flows.stage import make_products, raise_failures, run_stages
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
        config: The analysis; its sample must be an own one.
        with_inputs: Make what this stage needs first. This one needs nothing.
    """
    make_products(make_good_runs, config, "good_runs")


@flow(name="sealed-events", flow_run_name="sealed events of {config.analysis}")
def sealed_events(config: Config = Config(), with_inputs: bool = True) -> None:
    """Convert the files of measured events; only the unblinding opens what this makes.

    Args:
        config: The analysis; its sample must be an own one.
        with_inputs: Make what this stage needs first. This one needs nothing.
    """
    make_products(make_sealed_events, config, "sealed_events")


@flow(name="events", flow_run_name="events of {config.analysis}")
def events(config: Config = Config(), with_inputs: bool = True) -> None:
    """Convert the files of simulated events, and scramble the right ascensions of the measured ones.

    Args:
        config: The analysis; its sample must be an own one.
        with_inputs: Make good runs and sealed events first.
    """
    failures = run_stages(config, good_runs, sealed_events) if with_inputs else []
    make_products(make_events, config, "events", failures)


@flow(name="event-files", flow_run_name="event files of {config.analysis}")
def event_files(config: Config = Config(), with_inputs: bool = True) -> None:
    """Say of each file how many events were read, kept, cut and broken.

    Args:
        config: The analysis; its sample must be an own one.
        with_inputs: Make the events first.
    """
    failures = run_stages(config, events, with_inputs=True) if with_inputs else []
    make_products(make_event_files, config, "event_files", failures)


@flow(name="cut-flow", flow_run_name="cut flow of {config.analysis}")
def cut_flow(config: Config = Config(), with_inputs: bool = True) -> None:
    """Sum over all files how many events each cut leaves.

    Args:
        config: The analysis; its sample must be an own one.
        with_inputs: Make the events first.
    """
    failures = run_stages(config, events, with_inputs=True) if with_inputs else []
    make_products(make_cut_flow, config, "cut_flow", failures)


@flow(name="event-summary", flow_run_name="event summary of {config.analysis}")
def event_summary(config: Config = Config(), with_inputs: bool = True) -> None:
    """Compare each season's livetime, measured events and what its simulation expects.

    Args:
        config: The analysis; its sample must be an own one.
        with_inputs: Make the account of the files first.
    """
    failures = run_stages(config, event_files, with_inputs=True) if with_inputs else []
    make_products(make_event_summary, config, "event_summary", failures)


@flow(name="ingest", flow_run_name="ingest of {config.analysis}")
def ingest(config: Config = Config()) -> None:
    """Bring in a whole event sample; a file that fails does not keep the others from being converted.

    Args:
        config: The analysis; its sample must be an own one.
    """
    product_store(config).sweep()
    failures = run_stages(config, good_runs, sealed_events, events)
    failures += run_stages(config, event_files, cut_flow, event_summary)
    raise_failures(failures)
