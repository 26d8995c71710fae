"""Curves of limits: the numbers, order and seed of the products; nothing drawn of what has no value."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from core.products.recipe import ProductKey
from core.products.store import ProductStore
from dashboards import plots
from dashboards.address import Address
from dashboards.library import Library
from dashboards.limit_curves import Curve, Drawing, band, curves_of, strengths
from dashboards.view import View, view_of
from tests.small_analysis import write

OURS = pa.table(
    {
        "mass": [5.0, 20.0],
        "sigma_v_sensitivity": [2e-22, 4e-22],
        "sigma_v_sensitivity_error": [1e-23, None],
        "limitation": ["migration only", None],
    }
)
LIMITS = {(10.0, 1, 0.9): 1e-22, (100.0, 1, 0.9): 3e-22, (20.0, 1, 0.9): 2e-22, (20.0, 1, 0.95): 5e-22,
          (20.0, 2, 0.9): 9e-22}  # fmt: skip


@pytest.fixture(scope="module")
def view(tmp_path_factory: pytest.TempPathFactory) -> View:
    """Limits of one channel at three masses, one of them also at another level and with another seed; of bb."""
    store = ProductStore(tmp_path_factory.mktemp("limits"))
    for seed in (1, 2):
        keys: dict[str, Any] = {"channel": "bb", "mass": 20.0, "seed": seed}
        write(store, ProductKey("sensitivity", keys), pa.table({"sigma_v_sensitivity": [1e-22]}))
    for (mass, seed, level), limit in LIMITS.items():
        keys = {"channel": "bb", "mass": mass, "confidence_level": level, "seed": seed}
        table = pa.table({"sigma_v_upper_limit": [limit], "sigma_v_upper_limit_cls": [2 * limit]})
        write(store, ProductKey("upper_limit", keys), table)
    for mass in (100.0, 20.0):
        profiled = {"profile": ["none", "nfw"], "sigma_v_sensitivity_asimov_same_cross_section": [1e-22, mass * 1e-24]}
        write(store, ProductKey("halo", {"channel": "bb", "mass": mass}), pa.table(profiled))
    counts = {
        "method": ["atmospheric_trials", "atmospheric_trials", "another"],
        "profile": ["none", "nfw", "none"],
        "sigma_v_upper_limit": [7e-22, 8e-22, 1.0],
    }
    write(store, ProductKey("counts_limit", {"channel": "bb", "mass": 20.0, "seed": 1}), pa.table(counts))
    return view_of(Library(str(store.root)), Address(seed=1))


@pytest.fixture(scope="module")
def curves(view: View) -> dict[str, Curve]:
    return {curve.name: curve for curve in curves_of(OURS, view)}


def drawing() -> Drawing:
    return Drawing(plots.plot("limits", "mass", "value", x_log=True, y_log=True), "⟨σv⟩")


def held(of: Drawing, name: str) -> dict[str, Any]:
    return next(dict(r.data_source.data) for r in of.plot.renderers if r.data_source.name == name)


def test_observed_limits_are_those_of_the_seed_and_rise_with_mass(curves: dict[str, Curve]) -> None:
    ours, cls = curves["observed-0.9"], curves["observed_cls-0.9"]
    assert (list(ours.mass), list(ours.value)) == ([10.0, 20.0, 100.0], [1e-22, 2e-22, 3e-22])
    assert list(cls.value) == pytest.approx([2e-22, 4e-22, 6e-22])
    assert np.isnan(curves["observed_feldman_cousins-0.9"].value).all()
    assert (list(curves["observed-0.95"].mass), list(curves["observed-0.95"].value)) == ([20.0], [5e-22])
    assert curves["observed-0.95"].label == "observed limit, 95 % by trials"


def test_limits_of_counts_are_those_by_trials_of_each_profile(curves: dict[str, Curve]) -> None:
    assert list(curves["counts-none"].value) == [7e-22]
    assert list(curves["counts-nfw"].value) == [8e-22]


def test_the_halo_is_expected_at_masses_in_rising_order(curves: dict[str, Curve]) -> None:
    assert list(curves["halo-nfw"].mass) == [20.0, 100.0]
    assert list(curves["halo-nfw"].value) == pytest.approx([20e-24, 100e-24])


def test_a_sensitivity_has_its_error_and_its_limitation(curves: dict[str, Curve]) -> None:
    ours = curves["sensitivity"]
    np.testing.assert_allclose(ours.error, [1e-23, np.nan])
    assert ours.note == ["migration only", ""]
    assert np.isnan(curves["cls-median"].value).all()
    assert "discovery-3sigma" not in curves


def test_the_relative_error_of_a_lifetime_is_that_of_its_rate(view: View) -> None:
    rates = pa.table(
        {
            "process": ["decay"],
            "mass": [9.0],
            "decay_rate_sensitivity": [4e-26],
            "decay_rate_sensitivity_error": [1e-26],
        }
    )
    curve = next(curves_of(rates, view))
    assert list(curve.value) == pytest.approx([2.5e25])
    assert list(curve.error) == pytest.approx([0.25 * 2.5e25])  # type: ignore[arg-type]


def test_values_that_a_logarithm_cannot_show_are_left_out() -> None:
    values = pa.table({"sigma_v_sensitivity": [0.0, -1.0, None, 3e-22]})
    np.testing.assert_array_equal(strengths(values, "{}_sensitivity"), [np.nan, np.nan, np.nan, 3e-22])


def test_a_line_says_its_values_with_the_errors_that_are_known() -> None:
    made = drawing()
    made.line(Curve("ours", "our limit", [5.0, 20.0], [2e-22, 0.0], plots.BLUE, error=[1e-23, np.nan], note=["a", ""]))
    source = held(made, "ours")
    np.testing.assert_array_equal(source["value"], [2e-22, np.nan])
    assert source["said"] == ["2e-22 ± 1e-23", "nan"]
    assert (source["label"], source["note"]) == (["our limit"] * 2, ["a", ""])
    assert [(label, colour) for label, colour, _ in made.entries] == [("our limit", plots.BLUE)]


def test_of_a_curve_without_a_value_nothing_is_drawn_or_named() -> None:
    made = drawing()
    made.line(Curve("none", "none", [5.0, 20.0], [0.0, np.nan], plots.BLUE))
    band(made, OURS, "band", "lo68", "hi68", plots.BLUE, "68 %")
    assert (made.plot.renderers, made.entries) == ([], [])


def test_a_band_is_filled_where_both_edges_are_known_and_seen_at_a_single_mass() -> None:
    made = drawing()
    low, high = np.array([1.0, np.nan, 3.0]), np.array([2.0, 4.0, np.nan])
    made.area("band", "68 %", np.array([5.0, 10.0, 20.0]), low, high, plots.BLUE, shown=False)
    source = held(made, "band")
    assert [source[name].tolist() for name in ("mass", "low", "high")] == [[5.0], [1.0], [2.0]]
    ((_, _, drawn),) = made.entries
    assert [type(item.glyph).__name__ for item in drawn] == ["VArea", "Segment"]
    assert not any(item.visible for item in drawn)
