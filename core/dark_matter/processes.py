"""What dark matter does, and so what its signal is in proportion to: ⟨σv⟩ of annihilation, the rate 1/τ of decay.

Expected events are n_s = strength × Σ_k factor_k A_k over the sources. Of annihilation the strength is ⟨σv⟩ in cm³ s⁻¹
and the factor J in GeV² cm⁻⁵; of decay they are 1/τ in s⁻¹ and D in GeV cm⁻². A column says in its name which strength
it is per or of; tables that name no process are of annihilation.
"""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.errors import InputError, PhysicsError

Reals = NDArray[np.float64]

ProcessName = Literal["annihilation", "dirac_annihilation", "decay"]
FACTOR_SYMBOLS = {"j_factor": "J", "d_factor": "D"}


@dataclass(frozen=True)
class Process:
    """Annihilation of particles that are their own antiparticles, of Dirac particles, or decay."""

    name: ProcessName

    @property
    def is_decay(self) -> bool:
        """Whether dark matter decays."""
        return self.name == "decay"

    @property
    def strength(self) -> str:
        """The word for the strength in columns: "sigma_v" (cm³ s⁻¹) or "decay_rate" (s⁻¹)."""
        return "decay_rate" if self.is_decay else "sigma_v"

    @property
    def factor(self) -> str:
        """The column of the `sources` product that says how bright they are: "j_factor" or "d_factor"."""
        return "d_factor" if self.is_decay else "j_factor"

    def spectrum_mass(self, mass: float) -> float:
        """Return the mass (GeV) whose annihilation has the spectra of this process: half of one that decays.

        It is also the highest energy of a neutrino.
        """
        return mass / 2.0 if self.is_decay else mass

    def factors(self, sources: pa.Table) -> Reals:
        """Return J or D of each row of the `sources` product, (n_sources,); PhysicsError if one is not positive."""
        factors = np.asarray(sources[self.factor].to_numpy(), dtype=np.float64)
        bad = ~((factors > 0.0) & np.isfinite(factors))
        if bad.any():
            raise PhysicsError(
                f"{FACTOR_SYMBOLS[self.factor]} factor {factors[bad][0]} of source "
                f"{sources['source'].to_pylist()[int(bad.argmax())]}: needed is a finite one above 0"
            )
        return factors


PROCESSES: dict[ProcessName, Process] = {name: Process(name) for name in get_args(ProcessName)}
ANNIHILATION = PROCESSES["annihilation"]


def process_of(table: pa.Table) -> Process:
    """Return the process that a table names in its first row, annihilation if it names none.

    InputError for one that is not known.
    """
    if "process" not in table.column_names or table.num_rows == 0:
        return ANNIHILATION
    name = table["process"][0].as_py()
    if name not in PROCESSES:
        raise InputError(f"process {name!r} is not known: known are {', '.join(PROCESSES)}")
    return PROCESSES[name]


def strength_column(table: pa.Table, pattern: str) -> str:
    """Return the column of a table that a pattern such as "n_s_per_{}" names with the strength of its process.

    InputError if the table has it for no process.
    """
    for process in PROCESSES.values():
        if (name := pattern.format(process.strength)) in table.column_names:
            return name
    names = " or ".join(dict.fromkeys(pattern.format(process.strength) for process in PROCESSES.values()))
    raise InputError(f"the table has no column {names}; it has {', '.join(table.column_names)}")
