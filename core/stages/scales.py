"""What trials and their results take from a recipe's parameters: how trials are drawn, and what an event stands for."""

from typing import Any

from core.inference.sensitivity_product import SignalScale, signal_scale
from core.random.streams import stream_seed
from core.stages.inputs import Inputs
from core.stages.stage import Parameters


def trial_arguments(parameters: Parameters) -> dict[str, Any]:
    """Return how many trials of a shard are drawn, from which random numbers, with how many injected events."""
    seed = stream_seed(parameters["seed"], parameters["stage"], parameters["channel"], parameters["mass"])
    return {
        "n_trials": parameters["n_trials"],
        "n_injected": parameters.get("n_injected", 0),
        "seed": seed,
        "first_trial": parameters["first_trial"],
    }


def scale_in(inputs: Inputs, parameters: Parameters, n_s_per_strength: float) -> SignalScale:
    """Return what a signal event of a pair stands for, from sources, spectra and acceptance among the inputs.

    `n_s_per_strength`: expected events in the cells or histograms that trials are drawn from.
    """
    low, high = parameters["reco_energy_range"]
    return signal_scale(
        inputs["sources"],
        inputs["spectra"],
        inputs["acceptance"],
        n_s_per_strength,
        parameters["channel"],
        parameters["mass"],
        parameters["sample"],
        (low, high),
        parameters["hypothesis"],
    )
