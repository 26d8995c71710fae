"""Mixing angles within their errors."""

import numpy as np
import pytest

from core.spectra.oscillation import NUFIT_60, MixingAngles, averaged_probabilities, averaged_probability_errors
from core.spectra.variations import shifted_angles


def test_each_angle_moves_alone_and_together_they_make_the_errors_of_the_probabilities() -> None:
    variance = np.zeros((3, 3))
    for name, (low, high) in shifted_angles().items():
        others = [key for key in vars(NUFIT_60) if key != name]
        assert all(getattr(side, key) == getattr(NUFIT_60, key) for side in (low, high) for key in others)
        assert getattr(low, name) < getattr(NUFIT_60, name) < getattr(high, name)
        variance += ((averaged_probabilities(high) - averaged_probabilities(low)) / 2.0) ** 2
    assert np.sqrt(variance) == pytest.approx(averaged_probability_errors())


def test_squared_sines_stay_between_zero_and_one() -> None:
    low, _ = shifted_angles(MixingAngles(0.005, 0.02, 0.5, 0.0))["sin2_theta12"]
    assert low.sin2_theta12 == 0.0
