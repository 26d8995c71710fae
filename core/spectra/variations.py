"""Neutrino mixing within its errors: each angle by one standard deviation to either side, the others as they are."""

from dataclasses import replace

from core.spectra.oscillation import NUFIT_60, NUFIT_60_ERRORS, MixingAngles

ANGLES = ("sin2_theta12", "sin2_theta13", "sin2_theta23", "delta_cp")


def shifted_angles(
    angles: MixingAngles = NUFIT_60, errors: MixingAngles = NUFIT_60_ERRORS
) -> dict[str, tuple[MixingAngles, MixingAngles]]:
    """Return the angles with one of them lower and higher by its error, by its name.

    Squared sines stay between 0 and 1.
    """
    return {name: (_shifted(angles, errors, name, -1.0), _shifted(angles, errors, name, 1.0)) for name in ANGLES}


def _shifted(angles: MixingAngles, errors: MixingAngles, name: str, sign: float) -> MixingAngles:
    value = getattr(angles, name) + sign * getattr(errors, name)
    return replace(angles, **{name: value if name == "delta_cp" else min(max(value, 0.0), 1.0)})
