"""From trials to numbers: sensitivities, bands, discovery potentials."""

from core.inference.sensitivity import (
    Estimate,
    Sensitivity,
    UpperLimit,
    discovery_potential,
    p_value,
    sensitivity,
    upper_limit,
)

__all__ = ["Estimate", "Sensitivity", "UpperLimit", "discovery_potential", "p_value", "sensitivity", "upper_limit"]
