"""Observed limits as lines: those by trials, galaxies alone and with the halo."""

import numpy as np
import pyarrow as pa
from matplotlib.figure import Figure

from core.figures.observed_limits import BY_TRIALS, draw_observed, observed_handles, observed_strengths


def observed(name: str = "sigma_v_upper_limit") -> pa.Table:
    rows = [
        ("bb", 50.0, "none", BY_TRIALS, 3e-20),
        ("bb", 20.0, "none", BY_TRIALS, 2e-20),
        ("bb", 20.0, "nfw", BY_TRIALS, 5e-23),
        ("bb", 20.0, "none", "conservative", 9e-19),
        ("tautau", 20.0, "none", BY_TRIALS, 1e-20),
    ]
    return pa.table(dict(zip(("channel", "mass", "profile", "method", name), zip(*rows, strict=True), strict=True)))


def lines(table: pa.Table | None, channel: str) -> list[tuple[list[float], list[float]]]:
    axes = Figure().subplots()
    draw_observed(axes, table, channel)
    return [(list(line.get_xdata()), list(line.get_ydata())) for line in axes.lines]


def test_a_line_a_profile_in_order_of_mass() -> None:
    assert lines(observed(), "bb") == [([20.0, 50.0], [2e-20, 3e-20]), ([20.0], [5e-23])]


def test_without_limits_nothing_is_drawn() -> None:
    assert lines(None, "bb") == []
    assert observed_handles(None) == []
    assert observed_strengths(None).size == 0


def test_the_legend_tells_profiles_apart() -> None:
    labels = [handle.get_label() for handle in observed_handles(observed())]
    assert labels == ["observed limit, counts: dwarfs", "observed limit, counts: dwarfs + NFW halo"]


def test_only_limits_by_trials_are_drawn_and_of_decay_lifetimes() -> None:
    assert sorted(observed_strengths(observed())) == [5e-23, 1e-20, 2e-20, 3e-20]
    np.testing.assert_allclose(np.sort(observed_strengths(observed("decay_rate_upper_limit")))[-1], 1.0 / 5e-23)


def of_sky(strength: str = "sigma_v") -> pa.Table:
    rows = [("bb", 50.0, 3.0, 3.5, 2.5), ("bb", 20.0, 2.0, 2.5, 1.5), ("tautau", 20.0, 1.0, 1.5, 0.5)]
    names = ("channel", "mass", *(f"{strength}_upper_limit{end}" for end in ("", "_cls", "_feldman_cousins")))
    return pa.table(dict(zip(names, zip(*rows, strict=True), strict=True)))


def test_of_an_observed_sky_there_is_a_line_a_kind_of_limit() -> None:
    drawn = lines(of_sky(), "bb")
    assert drawn == [([20.0, 50.0], [2.0, 3.0]), ([20.0, 50.0], [2.5, 3.5]), ([20.0, 50.0], [1.5, 2.5])]
    labels = [handle.get_label() for handle in observed_handles(of_sky())]
    assert labels == ["observed limit, by trials", "observed limit, CLs", "observed limit, Feldman–Cousins"]
    assert observed_strengths(of_sky("decay_rate")).max() == 1.0 / 0.5
