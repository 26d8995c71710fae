"""What the histograms of the angle to each source are made with."""

from typing import Any

from core.configuration.config import Config
from core.stages.pairs import Pair, window_parameter

ANGLE_COLUMNS = ("source", "angle_low", "angle_high", "entries")


def angle_parameters(config: Config, pair: Pair) -> dict[str, Any]:
    """Return bins, declination band and window of the histograms of a pair."""
    statistic = config.statistic
    return {
        "n_angle_bins": statistic.n_angle_bins,
        "declination_band_deg": statistic.declination_band_deg,
        "window": window_parameter(config, pair),
    }
