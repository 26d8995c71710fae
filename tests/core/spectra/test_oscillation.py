import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import PhysicsError
from core.spectra.oscillation import (
    NUFIT_60,
    MixingAngles,
    arriving_errors,
    averaged_probabilities,
    averaged_probability_errors,
    earth_matter_systematic,
    flavour_shares,
    mixing_matrix,
)

SQUARED_SINE = st.floats(0.0, 1.0)


@given(SQUARED_SINE, SQUARED_SINE, SQUARED_SINE, st.floats(0.0, 6.3))
def test_mixing_is_unitary_and_probabilities_sum_to_one(s12, s13, s23, phase):
    angles = MixingAngles(s12, s13, s23, phase)
    u = mixing_matrix(angles)
    assert np.abs(u @ u.conj().T - np.eye(3)).max() < 1e-12
    probabilities = averaged_probabilities(angles)
    assert np.abs(probabilities.sum(axis=0) - 1.0).max() < 1e-12
    assert np.abs(probabilities.sum(axis=1) - 1.0).max() < 1e-12
    assert np.array_equal(probabilities, probabilities.T)


def test_muon_neutrinos_arrive_as_all_three():
    assert pytest.approx([0.215, 0.407, 0.378], abs=1e-3) == averaged_probabilities().T @ [0.0, 1.0, 0.0]


def test_without_mixing_nothing_changes():
    assert averaged_probabilities(MixingAngles(0.0, 0.0, 0.0, 0.0)) == pytest.approx(np.eye(3))


def test_maximal_two_flavour_mixing_halves():
    assert averaged_probabilities(MixingAngles(0.0, 0.0, 0.5, 0.0))[1] == pytest.approx([0.0, 0.5, 0.5])


def test_angles_of_nufit_60():
    degrees = np.degrees(np.arcsin(np.sqrt([NUFIT_60.sin2_theta12, NUFIT_60.sin2_theta13, NUFIT_60.sin2_theta23])))
    assert degrees == pytest.approx([33.68, 8.56, 43.3], abs=0.05)


def test_errors_are_of_the_size_that_the_angles_allow():
    errors = averaged_probability_errors()
    assert (errors > 0.0).all()
    assert errors.max() < 0.03
    nothing = MixingAngles(0.0, 0.0, 0.0, 0.0)
    assert averaged_probability_errors(errors=nothing) == pytest.approx(np.zeros((3, 3)))


def test_angles_move_what_arrives_but_not_its_sum():
    shifts = arriving_errors(np.array([0.0, 1.0, 0.0]))
    assert shifts == pytest.approx(averaged_probability_errors()[1])
    assert arriving_errors(np.full(3, 1.0 / 3.0)) == pytest.approx(np.zeros(3), abs=1e-15)


def test_what_is_no_angle_is_refused():
    with pytest.raises(PhysicsError, match=r"sin2_theta13 = 1\.3"):
        MixingAngles(0.3, 1.3, 0.5, 0.0)
    with pytest.raises(PhysicsError, match="delta_cp"):
        MixingAngles(0.3, 0.02, 0.5, float("nan"))


@pytest.mark.parametrize(
    ("channel", "mass", "moved"),
    [("nuenue", 7.0, 0.09), ("numunumu", 7.0, 0.06), ("nuenue", 20.0, 0.02), ("bb", 7.0, 0.02), ("nunu", 7.0, 0.0)],
)
def test_matter_moves_light_lines_most(channel, mass, moved):
    assert earth_matter_systematic(channel, mass) == moved


def test_shares_of_flavours_sum_to_one():
    shares = flavour_shares({"nue": 1.0, "numu": 0.5, "nutau": 0.0, "nuebar": 0.0, "numubar": 0.5, "nutaubar": 2.0})
    assert shares == pytest.approx([0.25, 0.25, 0.5])
    with pytest.raises(PhysicsError, match="no neutrinos"):
        flavour_shares(dict.fromkeys(("nue", "numu", "nutau", "nuebar", "numubar", "nutaubar"), 0.0))
