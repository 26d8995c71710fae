"""What a sensitivity would be with other galaxies, other J factors or another livetime, from what was stored once.

With I_kl the information of pairs of sources (core.pdfs.source_information), weights ω of the J factors (of decay D
factors) over those of the analysis and a livetime t over its own, a fit of the pattern of ω has the information
t ω·I·ω on the strength: signal and background both grow with the livetime. The sensitivity is z/sqrt(t ω·I·ω), and the
source k has the share ω_k (Iω)_k/ω·I·ω of it. Densities stay what they are; fits are taken as Gaussian.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.errors import PhysicsError
from core.inference.robustness import sensitivity_ratio

Reals = NDArray[np.float64]


@dataclass(frozen=True)
class WhatIf:
    """`factor_ratios`: (n_sources,), J or D factors over those of the analysis, 0 for a source that is left out.

    `livetime_ratio`: the livetime over that of the analysis.
    """

    factor_ratios: Reals
    livetime_ratio: float = 1.0

    def sensitivity_ratio(self, information: Reals) -> float:
        """Return the sensitivity to the strength over that of the analysis; I_kl is (n_sources, n_sources).

        PhysicsError if a ratio is negative, the livetime is not positive, or no signal is left that can be told from
        the background.
        """
        if not 0.0 < self.livetime_ratio < math.inf:
            raise PhysicsError(f"{self.livetime_ratio:g} times the livetime: needed is a positive, finite number")
        return sensitivity_ratio(information, self.factor_ratios) / math.sqrt(self.livetime_ratio)

    def shares(self, information: Reals) -> Reals:
        """Return the share of each source in the information, ω_k (Iω)_k/ω·I·ω, (n_sources,), summing to 1.

        A share is negative where a source's signal is taken for background by what the others tell. PhysicsError if
        there is no information.
        """
        found = self.factor_ratios * (information @ self.factor_ratios)
        total = float(found.sum())
        if not total > 0.0:
            raise PhysicsError("these factors leave no signal that can be told from the background: give other ones")
        return np.asarray(found / total)
