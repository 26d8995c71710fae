"""From trials or densities to numbers: sensitivities, bands, limits, discovery potentials."""

from core.inference.sensitivity import (
    BAND_QUANTILES,
    CONFIDENCE,
    ClosedForm,
    EfficiencyCurve,
    Estimate,
    PValue,
    Sensitivity,
    UpperLimit,
    closed_form,
    discovery_potential,
    p_value,
    sensitivity,
    upper_limit,
)

__all__ = [
    "BAND_QUANTILES",
    "CONFIDENCE",
    "ClosedForm",
    "EfficiencyCurve",
    "Estimate",
    "PValue",
    "Sensitivity",
    "UpperLimit",
    "closed_form",
    "discovery_potential",
    "p_value",
    "sensitivity",
    "upper_limit",
]
