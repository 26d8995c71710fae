"""Flows of the stages that bring in what is given: where to look, and what annihilation makes."""

from prefect import flow

from core.configuration.config import Config
from flows.stage import make_products, run_stages
from tasks.inputs import make_sources, make_spectra


@flow(name="sources", flow_run_name="sources of {config.analysis}")
def sources(config: Config = Config(), with_inputs: bool = True) -> None:
    """Select the dwarf galaxies that are searched.

    Args:
        config: The analysis; every setting left alone is the public analysis'.
        with_inputs: Make what this stage needs first. This one needs nothing.
    """
    make_products(make_sources, config, "sources")


@flow(name="spectra", flow_run_name="spectra of {config.analysis}")
def spectra(config: Config = Config(), with_inputs: bool = True) -> None:
    """Make the neutrino spectra of each pair of channel and mass, at production and at Earth.

    Args:
        config: The analysis; every setting left alone is the public analysis'.
        with_inputs: Make what this stage needs first: the sources, if matter in the Earth is taken into account.
    """
    failures = run_stages(config, sources) if with_inputs and config.spectra.earth_matter else []
    make_products(make_spectra, config, "spectra", failures)
