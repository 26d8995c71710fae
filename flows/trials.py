"""Flows of the stages that draw and fit pseudo-experiments, shard by shard."""

from prefect import flow

from core.configuration.config import Config
from flows.signal_and_background import make_densities
from flows.stage import make_products, raise_failures, run_stages
from tasks.trials import make_background_trials, make_signal_trials


@flow(name="background-trials", flow_run_name="background trials of {config.analysis}")
def background_trials(config: Config = Config(), with_inputs: bool = True) -> None:
    """Draw pseudo-experiments without signal and fit each; a shard is one task and one file.

    Run again, or retried, it computes the shards that are not there and no others.

    Args:
        config: The analysis; every setting left alone is the public analysis'.
        with_inputs: Make the densities first: the ratio cells, or the PDFs by source.
    """
    failures = make_densities(config) if with_inputs else []
    make_products(make_background_trials, config, "background_trials", failures)


@flow(name="signal-trials", flow_run_name="signal trials of {config.analysis}")
def signal_trials(config: Config = Config(), with_inputs: bool = True) -> None:
    """Draw pseudo-experiments with signal in them and fit each, for several numbers of signal events.

    Args:
        config: The analysis; every setting left alone is the public analysis'.
        with_inputs: Make the densities first: the ratio cells, or the PDFs by source.
    """
    failures = make_densities(config) if with_inputs else []
    make_products(make_signal_trials, config, "signal_trials", failures)


@flow(name="trials", flow_run_name="trials of {config.analysis}")
def all_trials(config: Config = Config()) -> None:
    """Make background and signal trials and what they need.

    Args:
        config: The analysis; every setting left alone is the public analysis'.
    """
    failures = make_densities(config)
    failures += run_stages(config, background_trials, signal_trials)
    raise_failures(failures)
