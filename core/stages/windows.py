"""The window in reconstructed energy of a pair, from its recipe's parameter or from its scan."""

from core.signal.windows import Window, optimal_window
from core.stages.inputs import Inputs
from core.stages.stage import Parameters


def window_in(inputs: Inputs, parameters: Parameters) -> Window | None:
    """Return the window (GeV) that a recipe asks for; None: all energies."""
    window = parameters["window"]
    if window == "optimal":
        return optimal_window(inputs["energy_range"])
    return None if window is None else (float(window[0]), float(window[1]))
