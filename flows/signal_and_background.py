"""Flows of the stages between the inputs and the trials: how much signal, and how both look on the sky."""

from prefect import flow

from core.configuration.config import Config
from core.stages.trial_stages import density_stages
from flows.detector import event_counts, response
from flows.inputs import sources, spectra
from flows.stage import StageFlow, make_products, run_stages
from tasks.pdfs import (
    make_background_pdf,
    make_ratio_cells,
    make_signal_pdf,
    make_sky_patterns,
    make_source_background_pdf,
    make_source_counts,
    make_source_signal_pdf,
)
from tasks.signal_counts import make_acceptance, make_energy_range


@flow(name="acceptance", flow_run_name="acceptance of {config.analysis}")
def acceptance(config: Config = Config(), with_inputs: bool = True) -> None:
    """Count the signal events that each source gives per cross section; decides which pairs the sample serves.

    Args:
        config: The analysis; every setting left alone is the public analysis'.
        with_inputs: Make sources, response and spectra first.
    """
    failures = run_stages(config, sources, spectra) if with_inputs else []
    failures += run_stages(config, response, with_inputs=True) if with_inputs else []
    make_products(make_acceptance, config, "acceptance", failures)


@flow(name="background-pdf", flow_run_name="background PDF of {config.analysis}")
def background_pdf(config: Config = Config(), with_inputs: bool = True) -> None:
    """Estimate the background density from the data, spread evenly over right ascension.

    Args:
        config: The analysis; every setting left alone is the public analysis'.
        with_inputs: Make the event counts first.
    """
    failures = run_stages(config, event_counts, with_inputs=True) if with_inputs else []
    make_products(make_background_pdf, config, "background_pdf", failures)


@flow(name="energy-range", flow_run_name="energy ranges of {config.analysis}")
def energy_range(config: Config = Config(), with_inputs: bool = True) -> None:
    """Scan windows in reconstructed energy for the best signal over the root of the background.

    Args:
        config: The analysis; every setting left alone is the public analysis'.
        with_inputs: Make acceptance and background PDF first.
    """
    failures = run_stages(config, acceptance, background_pdf, with_inputs=True) if with_inputs else []
    make_products(make_energy_range, config, "energy_range", failures)


@flow(name="source-counts", flow_run_name="counts by source of {config.analysis}")
def source_counts(config: Config = Config(), with_inputs: bool = True) -> None:
    """Count the signal and background that are expected within the opening angle of each source.

    Args:
        config: The analysis; every setting left alone is the public analysis'.
        with_inputs: Make acceptance and background PDF first.
    """
    failures = _make_what_densities_need(config) if with_inputs else []
    make_products(make_source_counts, config, "source_counts", failures)


@flow(name="signal-pdf", flow_run_name="signal PDFs of {config.analysis}")
def signal_pdf(config: Config = Config(), with_inputs: bool = True) -> None:
    """Spread the signal of all sources over the sky, reconstructed energy and class.

    Args:
        config: The analysis; every setting left alone is the public analysis'.
        with_inputs: Make acceptance and background PDF first.
    """
    failures = _make_what_densities_need(config) if with_inputs else []
    make_products(make_signal_pdf, config, "signal_pdf", failures)


@flow(name="ratio-cells", flow_run_name="ratio cells of {config.analysis}")
def ratio_cells(config: Config = Config(), with_inputs: bool = True) -> None:
    """Merge the sky into cells of nearly equal ratio of signal to background.

    Args:
        config: The analysis; every setting left alone is the public analysis'.
        with_inputs: Make the signal PDFs first.
    """
    failures = run_stages(config, signal_pdf, with_inputs=True) if with_inputs else []
    make_products(make_ratio_cells, config, "ratio_cells", failures)


@flow(name="source-background-pdf", flow_run_name="background by source of {config.analysis}")
def source_background_pdf(config: Config = Config(), with_inputs: bool = True) -> None:
    """Count background by its angle to each source; of the statistic j_weighted.

    Args:
        config: The analysis; every setting left alone is the public analysis'.
        with_inputs: Make acceptance and background PDF first.
    """
    failures = _make_what_densities_need(config) if with_inputs else []
    make_products(make_source_background_pdf, config, "source_background_pdf", failures)


@flow(name="source-signal-pdf", flow_run_name="signal by source of {config.analysis}")
def source_signal_pdf(config: Config = Config(), with_inputs: bool = True) -> None:
    """Count expected signal by its angle to each source; of the statistic j_weighted.

    Args:
        config: The analysis; every setting left alone is the public analysis'.
        with_inputs: Make acceptance and background PDF first.
    """
    failures = _make_what_densities_need(config) if with_inputs else []
    make_products(make_source_signal_pdf, config, "source_signal_pdf", failures)


@flow(name="sky-patterns", flow_run_name="sky patterns of {config.analysis}")
def sky_patterns(config: Config = Config(), with_inputs: bool = True) -> None:
    """Put background and signal on one sky for the statistic j_weighted, by the bins of angle of all sources.

    Args:
        config: The analysis; every setting left alone is the public analysis'.
        with_inputs: Make the PDFs by source first.
    """
    failures = []
    if with_inputs:
        failures = _make_what_densities_need(config) + run_stages(config, source_background_pdf, source_signal_pdf)
    make_products(make_sky_patterns, config, "sky_patterns", failures)


def density_flows(config: Config) -> tuple[StageFlow, ...]:
    """Return the flows that make what the trials of the analysis' statistic are drawn from, in order."""
    flows = signal_pdf, ratio_cells, source_background_pdf, source_signal_pdf, sky_patterns
    return tuple(stage for stage in flows if stage.fn.__name__ in density_stages(config))


def make_densities(config: Config) -> list[str]:
    """Make what the trials are drawn from, and what that needs; return what failed in words."""
    return _make_what_densities_need(config) + run_stages(config, *density_flows(config))


def _make_what_densities_need(config: Config) -> list[str]:
    """Make acceptance and background PDF, and the energy ranges where they tell the window; return what failed."""
    ranges = (energy_range,) if config.statistic.window == "optimal" else ()
    return run_stages(config, acceptance, background_pdf, with_inputs=True) + run_stages(config, *ranges)
