"""Flows of the last stages: from trials to cross sections, and the figures."""

from prefect import flow

from core.configuration.config import Config
from flows.signal_and_background import energy_range, make_densities, source_counts
from flows.stage import draw_all, make_products, run_stages
from flows.trials import background_trials, signal_trials
from tasks.sensitivity import make_discovery_potential, make_sensitivity


@flow(name="sensitivity", flow_run_name="sensitivity of {config.analysis}")
def sensitivity(config: Config = Config(), with_inputs: bool = True) -> None:
    """Turn trials into the cross section that the search can exclude, with its bands.

    Args:
        config: The analysis; every setting left alone is the public analysis'.
        with_inputs: Make energy ranges, densities, background trials and signal trials first.
    """
    failures = []
    if with_inputs:
        failures = run_stages(config, energy_range, with_inputs=True) + make_densities(config)
        failures += run_stages(config, background_trials, signal_trials)
    make_products(make_sensitivity, config, "sensitivity", failures)


@flow(name="discovery-potential", flow_run_name="discovery potential of {config.analysis}")
def discovery_potential(config: Config = Config(), with_inputs: bool = True) -> None:
    """Find the cross sections that half of trials would show at 3 and at 5 sigma; of trials of one sky.

    Args:
        config: The analysis; every setting left alone is the public analysis'.
        with_inputs: Make energy ranges and densities first.
    """
    failures = run_stages(config, energy_range, with_inputs=True) + make_densities(config) if with_inputs else []
    make_products(make_discovery_potential, config, "discovery_potential", failures)


@flow(name="figures", flow_run_name="figures of {config.analysis}")
def figures(config: Config = Config(), with_inputs: bool = True) -> None:
    """Draw limits, test statistics and densities of all pairs that have a sensitivity.

    Args:
        config: The analysis; every setting left alone is the public analysis'.
        with_inputs: Make the sensitivities and the counts by source first.
    """
    failures = []
    if with_inputs:
        failures = run_stages(config, sensitivity, with_inputs=True) + run_stages(config, source_counts)
    draw_all(config, failures)
