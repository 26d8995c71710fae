"""What a final state is: its names and colour, from which mass it is open, and what the published analysis took."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class FinalState:
    """One final state of an annihilation or decay.

    `label`: as mathematics writes it. `colour`: in every figure. `opens_at`: the mass (GeV) from which it is open, and
    in words what that is; open at that mass itself only if `opens_inclusively`. `published_alias`: its name in the
    files of arXiv:2511.19385; `published_windows`: that analysis' optimal windows in reconstructed energy (GeV) by mass
    (GeV). `is_line`: neutrinos come at the dark matter mass itself. `mean_of`: the states whose mean it is.
    """

    name: str
    label: str
    colour: str
    opens_at: tuple[float, str] = (0.0, "zero")
    opens_inclusively: bool = False
    published_alias: str | None = None
    published_windows: Mapping[int, tuple[int, int]] = field(default_factory=dict)
    is_line: bool = False
    mean_of: tuple[str, ...] = ()
