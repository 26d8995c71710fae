"""The simulated sample's simulation and the response made of it, once for all tests of a session."""

from functools import cache

import pyarrow as pa

from core.configuration.config import Config
from core.dark_matter.channels import FLAVOURS, Channel
from core.dark_matter.sources import catalogue_path, read_catalogue, select_sources
from core.response import Response
from core.response.from_events import response_from_events
from core.simulation.sample import SIMULATED_BINS, simulated_events
from core.simulation.seasons import SEASONS, simulated_livetime
from core.spectra import Spectrum, spectrum_at_earth


@cache
def parts(n_simulated: int | None = None) -> tuple[pa.Table, ...]:
    """The simulation, a table a season; all of it, or so many events."""
    options = {} if n_simulated is None else {"n_simulated": n_simulated}
    return tuple(simulated_events("mc", season, **options) for season in SEASONS)


@cache
def full_response() -> Response:
    """The response that all simulated events give."""
    return response_from_events(parts(), simulated_livetime(), SIMULATED_BINS)


@cache
def default_sources() -> pa.Table:
    return select_sources(read_catalogue(catalogue_path(Config().sources)), Config().sources)


def spectra(channel: Channel, mass: float) -> dict[str, Spectrum]:
    return {flavour: spectrum_at_earth(channel, mass, flavour) for flavour in FLAVOURS}
