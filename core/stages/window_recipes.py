"""How the window in reconstructed energy of a pair of channel and mass enters what its products are made from."""

from core.configuration.config import Config
from core.dark_matter.channels import Channel
from core.errors import PhysicsError
from core.pdfs.one_sky import energies_in_window
from core.products.recipe import ProductKey
from core.signal.windows import window_of
from core.stages.samples import sample_bins

Pair = tuple[Channel, float]


def window_parameter(config: Config, pair: Pair) -> list[float] | str | None:
    """Return what a recipe says of the window of a pair: its edges in GeV; "optimal" where an input tells them."""
    window = config.statistic.window
    if window == "optimal":
        return window
    edges = window_of(window, *pair)
    return None if edges is None else list(edges)


def window_inputs(config: Config, pair: Pair) -> tuple[ProductKey, ...]:
    """Return the product that tells the window of a pair, none where the configuration does."""
    if config.statistic.window != "optimal":
        return ()
    return (ProductKey("energy_range", {"channel": pair[0], "mass": pair[1]}),)


def check_window(config: Config, pair: Pair) -> None:
    """Raise PhysicsError if the window of a pair holds no reconstructed energy of the sample."""
    if config.statistic.window == "optimal":
        return
    try:
        energies_in_window(sample_bins(config).reco_energy_edges, window_of(config.statistic.window, *pair))
    except PhysicsError as error:
        raise PhysicsError(f"{pair[0]} at {pair[1]:g} GeV is not served: {error}") from error
