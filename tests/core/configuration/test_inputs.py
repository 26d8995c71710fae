"""Settings of galaxies and spectra: what is known of apertures, boosts and angles, and what is refused."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from core.configuration.inputs import SourceSettings, SpectraSettings
from core.dark_matter.sources import APERTURES_DEG, MIXED_APERTURES
from core.spectra.oscillation import MixingAngles


@pytest.mark.parametrize("aperture", [*APERTURES_DEG, *MIXED_APERTURES])
def test_every_aperture_of_catalogues_can_be_asked_for(aperture: float | str) -> None:
    assert SourceSettings(j_aperture_deg=aperture).j_aperture_deg == aperture  # type: ignore[arg-type]


@settings(max_examples=30, deadline=None)
@given(aperture=st.floats(0.0, 90.0).filter(lambda value: value not in APERTURES_DEG))
def test_an_aperture_that_no_catalogue_has_is_refused_with_those_that_it_may_have(aperture: float) -> None:
    with pytest.raises(ValidationError, match=r'input should be 0\.1, 0\.2, 0\.5, 10, "max" or "min"'):
        SourceSettings(j_aperture_deg=aperture)


@pytest.mark.parametrize("aperture", ["0.5", True, "widest"])
def test_text_and_truth_are_no_apertures(aperture: object) -> None:
    with pytest.raises(ValidationError, match='should be a number, "max" or "min"'):
        SourceSettings(j_aperture_deg=aperture)  # type: ignore[arg-type]


@settings(max_examples=30, deadline=None)
@given(boost=st.floats(1.0, 1e3))
def test_a_boost_makes_brighter_and_never_fainter(boost: float) -> None:
    assert SourceSettings(subhalo_boost=boost).subhalo_boost == boost
    assert SourceSettings(subhalo_boost={"Draco": boost}).subhalo_boost == {"Draco": boost}
    with pytest.raises(ValidationError, match="greater than or equal to 1"):
        SourceSettings(subhalo_boost={"Draco": 0.999 / boost})


@settings(max_examples=30, deadline=None)
@given(angles=st.tuples(*(st.floats(0.0, 1.0) for _ in range(3)), st.floats(-360.0, 360.0)))
def test_angles_that_are_taken_are_those_of_a_mixing_matrix(angles: tuple[float, float, float, float]) -> None:
    found = SpectraSettings(mixing_angles=angles).mixing_angles
    assert found == angles
    MixingAngles(*angles[:3], delta_cp=0.0)


@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize("value", [-0.01, 1.01])
def test_what_is_no_squared_sine_is_refused(place: int, value: float) -> None:
    angles = [0.3, 0.02, 0.5, 200.0]
    angles[place] = value
    with pytest.raises(ValidationError, match="squared sines lie between 0 and 1"):
        SpectraSettings(mixing_angles=tuple(angles))  # type: ignore[arg-type]


def test_a_file_names_its_channel_by_its_stem_unless_told() -> None:
    assert SpectraSettings().files == {}
    assert SpectraSettings(file="folder/mine.csv").files == {"mine": "folder/mine.csv"}
    assert SpectraSettings(file="folder/mine.csv", file_channel="theirs").files == {"theirs": "folder/mine.csv"}
    # A channel of ours may be replaced by a file, one of its published aliases may not be a new name.
    assert SpectraSettings(file="x.csv", file_channel="bb").files == {"bb": "x.csv"}
    with pytest.raises(ValidationError, match="'Tau' is the name of a channel already"):
        SpectraSettings(file="Tau.csv")


def test_a_channel_without_a_file_is_refused() -> None:
    with pytest.raises(ValidationError, match="name the file, or leave file_channel out"):
        SpectraSettings(file_channel="mine")
