"""What the histograms of angles are made with follows from the settings of the statistic."""

from core.configuration.config import Config
from core.stages.angles import ANGLE_COLUMNS, angle_parameters
from core.stages.registry import STAGES


def test_bins_band_and_window_are_those_of_the_statistic() -> None:
    settings = {"name": "j_weighted", "n_angle_bins": 18, "declination_band_deg": 20.0, "window": (10.0, 30.0)}
    assert angle_parameters(Config(statistic=settings), ("tautau", 20.0)) == {
        "n_angle_bins": 18,
        "declination_band_deg": 20.0,
        "window": [10.0, 30.0],
    }


def test_without_settings_there_are_36_bins_of_the_whole_sky_at_all_energies() -> None:
    told = angle_parameters(Config(statistic={"name": "j_weighted"}), ("bb", 50.0))
    assert told == {"n_angle_bins": 36, "declination_band_deg": None, "window": None}


def test_signal_and_background_have_the_same_bins() -> None:
    for name in ("source_background_pdf", "source_signal_pdf"):
        assert STAGES[name].columns[: len(ANGLE_COLUMNS)] == ANGLE_COLUMNS
