"""Settings of windows in reconstructed energy: the one that a pair is searched in, and the grid that is scanned."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Discriminator, Field, Tag, model_validator

from core.configuration.fields import Real, Settings
from core.signal.windows import WindowName

# How a window may be told. The words are no part of the path of a key in a message.
BY_EDGES, BY_NAME = "by edges", "by name"
MOST_STEPS = 1000


def _edges(window: tuple[float, float]) -> tuple[float, float]:
    if not 0 <= window[0] < window[1]:
        raise ValueError("a window is (low, high) in GeV with 0 <= low < high")
    return window


def _way_of_telling(window: object) -> str:
    return BY_NAME if isinstance(window, str) else BY_EDGES


WindowSetting = Annotated[
    Annotated[tuple[Real, Real], AfterValidator(_edges), Tag(BY_EDGES)] | Annotated[WindowName, Tag(BY_NAME)],
    Discriminator(_way_of_telling),
]


class EnergyRangeSettings(Settings):
    """The windows that are scanned where a sample has single events; a sample in bins has the edges of its bins."""

    step_gev: Annotated[Real, Field(gt=0.0)] = 1.0
    """Distance of the edges (GeV) of windows in reconstructed energy."""
    highest_gev: Annotated[Real, Field(gt=0.0)] = 500.0
    """The last edge (GeV); the first is 0."""
    background: Literal["data", "simulation"] = "data"
    """Background from measured events, or from simulated ones weighted with the atmospheric flux."""

    @model_validator(mode="after")
    def _whole_steps(self) -> Self:
        n_steps = self.highest_gev / self.step_gev
        if not n_steps <= MOST_STEPS or abs(n_steps - round(n_steps)) > 1e-6:
            raise ValueError(f"highest_gev should be a whole number of steps, at most {MOST_STEPS}, not {n_steps:g}")
        return self
