"""The whole analysis: from public event counts, spectra and J factors to cross sections and figures."""

from prefect import flow

from core.configuration.config import Config
from flows.detector import event_counts, response
from flows.events import make_all_events
from flows.inputs import sources, spectra
from flows.limits import discovery_potential, figures, sensitivity
from flows.signal_and_background import acceptance, background_pdf, density_flows, energy_range, source_counts
from flows.stage import raise_failures, run_stages
from flows.trials import background_trials, signal_trials
from tasks.caching import product_store


@flow(name="analysis", flow_run_name="{config.analysis}, seed {config.seed}")
def analysis(config: Config = Config()) -> None:
    """Run every stage; a pair of channel and mass that fails at one stage does not keep the others from theirs.

    Args:
        config: The analysis; every setting left alone is the public analysis'.
    """
    product_store(config).sweep()
    failures = run_stages(config, sources, spectra)
    failures += make_all_events(config) if config.has_events else []
    failures += run_stages(config, event_counts, response, background_pdf)
    failures += run_stages(config, acceptance, energy_range, source_counts)
    failures += run_stages(config, *density_flows(config))
    failures += run_stages(config, background_trials, signal_trials)
    failures += run_stages(config, sensitivity)
    if config.statistic.has_one_sky:
        failures += run_stages(config, discovery_potential)
    failures += run_stages(config, figures)
    raise_failures(failures)
