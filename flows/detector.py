"""Flows of the stages that describe the detector and what it measured, in bins."""

from prefect import flow

from core.configuration.config import Config
from flows.events import make_all_events
from flows.stage import make_products
from tasks.inputs import make_event_counts, make_response


@flow(name="event-counts", flow_run_name="event counts of {config.analysis}")
def event_counts(config: Config = Config(), with_inputs: bool = True) -> None:
    """Count the measured events in bins; those of the public sample come so.

    Args:
        config: The analysis; every setting left alone is the public analysis'.
        with_inputs: Make the events first, where the sample has any.
    """
    failures = make_all_events(config) if with_inputs and config.has_events else []
    make_products(make_event_counts, config, "event_counts", failures)


@flow(name="response", flow_run_name="response of {config.analysis}")
def response(config: Config = Config(), with_inputs: bool = True) -> None:
    """Derive the detector's response from the simulated events; that of the public sample is shipped.

    Args:
        config: The analysis; every setting left alone is the public analysis'.
        with_inputs: Make the events first, where the sample has any.
    """
    failures = make_all_events(config) if with_inputs and config.has_events else []
    make_products(make_response, config, "response", failures)
