"""The published fit at its ends."""

import numpy as np
import pytest

from core.events.angular_error import published_angular_error


def test_ends_of_the_published_fit() -> None:
    error = published_angular_error([0.0, 20.0, 1e4])
    assert error[0] == pytest.approx(0.97591919)
    assert error[1] == pytest.approx(0.89318577 * np.exp(-0.6878432) + 0.08273342)
    assert error[2] == pytest.approx(0.08273342)
