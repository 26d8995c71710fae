"""What stages share that draw the parameters of the detector, of samples that have hyperplanes."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.configuration.config import Config
from core.inference.detector_limit import fitted_event_factors
from core.inference.pair_systematics import drawn_factors_of_parts
from core.inference.signal_systematics import SignalParts, parts_inside, signal_parts
from core.response.hyperplanes import SHIPPED_HYPERPLANES, Hyperplanes, public_hyperplanes, read_hyperplanes
from core.stages.acceptance import signal_of
from core.stages.given_files import file_digest
from core.stages.inputs import Inputs
from core.stages.samples import sample_of
from core.stages.stage import Parameters

Reals = NDArray[np.float64]


def hyperplanes_digest(config: Config) -> str | None:
    """Return the digest of the hyperplanes that a sample's detector is drawn by, None where it has none."""
    path = sample_of(config).hyperplanes(config)
    return None if path is None else file_digest(path)


def hyperplanes_hints(config: Config) -> dict[str, Any]:
    """Return what tells a recipe where the hyperplanes are that the configuration names; those shipped need no word."""
    path = sample_of(config).hyperplanes(config)
    return {} if path in (None, SHIPPED_HYPERPLANES) else {"hyperplanes_path": str(path)}


def hyperplanes_in(parameters: Parameters) -> Hyperplanes:
    """Return the hyperplanes of a recipe whose sample has some: those that it names, else the shipped ones."""
    path = parameters.get("hyperplanes_path")
    return public_hyperplanes() if path is None else read_hyperplanes(Path(path))


def drawn_factors(
    inputs: Inputs, parameters: Parameters, n_draws: int, random: np.random.Generator
) -> tuple[Reals, Reals]:
    """Return the signal of each part with drawn detectors over nominal, (n_draws, n_parts), and fitted events so.

    The second is of shape (n_draws,). A part is a class and a reconstructed energy of the search.
    """
    parts, inside = _parts(inputs, parameters)
    factors = drawn_factors_of_parts(parts, hyperplanes_in(parameters), inside, n_draws, random)
    return factors, fitted_event_factors(parts, factors)


def _parts(inputs: Inputs, parameters: Parameters) -> tuple[SignalParts, NDArray[np.int64]]:
    """Return the signal of a pair by parts, and which parts the search uses."""
    signal, nominal = signal_of(inputs, parameters), inputs["signal_pdf"]
    parts = signal_parts(signal, nominal, inputs["background_pdf"], parameters["background"], parameters["n_cells"])
    return parts, parts_inside(nominal, signal.response)
