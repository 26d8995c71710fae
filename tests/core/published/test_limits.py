"""Published limits: every curve cited, positive, in order; what cannot be verified is marked or left out."""

import csv
from pathlib import Path

import numpy as np
import pytest

from core.errors import InputError
from core.published.limits import COLUMNS, THERMAL_RELIC, published_limits, thermal_relic


def written(folder: Path, **changes: str) -> Path:
    row = {
        "experiment": "Fermi-LAT",
        "year": "2015",
        "target": "15 dwarfs",
        "channel": "bb",
        "mass": "6",
        "sigma_v": "5.13e-27",
        "confidence_level": "0.95",
        "note": "",
        "reference": "arXiv:1503.02641",
    } | changes
    path = folder / "limits.csv"
    path.write_text(f"{','.join(row)}\n{','.join(row.values())}\n", encoding="utf-8")
    return path


def test_every_curve_is_cited_positive_and_in_order_of_mass() -> None:
    for limit in published_limits():
        assert "arXiv:" in limit.reference
        assert limit.confidence_level in (0.90, 0.95)
        assert np.all(np.diff(limit.mass) > 0)
        assert np.all(limit.sigma_v > 0)
        assert limit.mass.min() >= 1.0
        assert limit.mass.max() <= 1000.0


def test_curves_are_told_apart_by_experiment_target_and_channel() -> None:
    names = [(limit.experiment, limit.target, limit.channel) for limit in published_limits()]
    assert len(names) == len(set(names))
    assert ("IceCube/DeepCore", "Galactic Centre (Burkert)", "tautau") in names


def test_what_could_not_be_verified_is_marked_or_left_out() -> None:
    for limit in published_limits():
        assert bool(limit.note) == (limit.channel == "nunu")
    deepcore = next(x for x in published_limits() if x.experiment == "IceCube/DeepCore" and x.channel == "bb")
    assert 10.0 not in deepcore.mass


def test_the_table_says_what_its_sources_say(real_data: Path) -> None:
    with (real_data / "catalogue" / "comparison_limits.csv").open(encoding="utf-8") as lines:
        source = [(row["channel"], float(row["mass_gev"]), float(row["sigmav_cm3_s"])) for row in csv.DictReader(lines)]
    known = np.array([(mass, sigma_v) for _, mass, sigma_v in source])
    for limit in (limit for limit in published_limits() if limit.experiment != "Fermi-LAT"):
        for mass, sigma_v in zip(limit.mass, limit.sigma_v, strict=True):
            assert np.any(np.isclose(known[:, 0], mass, rtol=1e-3) & (known[:, 1] == sigma_v)), (limit, mass)


def test_the_thermal_relic_is_what_steigman_and_others_computed(real_data: Path) -> None:
    with (real_data / "catalogue" / "thermal_relic.csv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(line for line in lines if not line.startswith("#")))
    mass, sigma_v = (
        np.array([float(row[name]) for row in rows if row["kind"] == "numerical"])
        for name in ("mass_gev", "sigmav_cm3_s")
    )
    for at, value in THERMAL_RELIC:
        assert value == pytest.approx(np.interp(np.log(at), np.log(mass), sigma_v), rel=0.03)


def test_the_thermal_relic_is_drawn_over_the_masses_of_the_search() -> None:
    mass, sigma_v = thermal_relic()
    assert mass[0] <= 5.0
    assert mass[-1] >= 300.0
    assert np.all((sigma_v > 2e-26) & (sigma_v < 6e-26))


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    path = tmp_path / "limits.csv"
    path.write_text("experiment,year\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"lacks the columns target, channel, mass.*has " + ", ".join(COLUMNS)):
        published_limits(path)


@pytest.mark.parametrize("wrong", ["-1", "0", "nan", "inf", "many", ""])
def test_a_value_that_is_no_positive_number_is_refused(tmp_path: Path, wrong: str) -> None:
    with pytest.raises(InputError, match=r"sigma_v is .* in a row of Fermi-LAT; it must be above zero"):
        published_limits(written(tmp_path, sigma_v=wrong))


def test_published_names_of_channels_are_understood(tmp_path: Path) -> None:
    (limit,) = published_limits(written(tmp_path, channel="Tau"))
    assert limit.channel == "tautau"
