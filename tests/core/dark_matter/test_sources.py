"""The dwarf galaxies: the embedded catalogue, the user's own, and what is refused."""

from pathlib import Path

import numpy as np
import pytest

from core.configuration.inputs import SourceSettings
from core.dark_matter.sources import (
    EMBEDDED_CATALOGUE,
    aperture_warnings,
    check_directions,
    read_catalogue,
    select_sources,
)
from core.errors import InputError, PhysicsError

HEADER = "source,ra_deg,dec_deg,distance_kpc,half_light_radius_arcmin,log10_j_factor_0.5deg,"
HEADER += "log10_j_factor_0.5deg_error_low,log10_j_factor_0.5deg_error_high"


def user_catalogue(folder: Path, *rows: str) -> SourceSettings:
    path = folder / "mine.csv"
    path.write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    return SourceSettings(catalogue=str(path))


def selected(settings: SourceSettings) -> dict[str, list[object]]:
    path = EMBEDDED_CATALOGUE if settings.catalogue == "embedded" else Path(settings.catalogue)
    return select_sources(read_catalogue(path), settings).to_pydict()


def test_the_default_set_is_thirty_well_measured_satellites() -> None:
    sources = selected(SourceSettings())
    assert len(sources["source"]) == 30
    assert not {"Carina III", "Sagittarius", "Segue 2", "Leo T", "Andromeda V"} & set(sources["source"])
    assert np.log10(np.sum(sources["j_factor"])) == pytest.approx(20.21, abs=0.005)
    assert sources["source"][0] == "Willman 1"


@pytest.mark.parametrize("aperture", [0.1, 0.2, 0.5])
def test_every_source_of_the_default_set_has_every_aperture(aperture: float) -> None:
    sources = selected(SourceSettings(j_aperture_deg=aperture))
    assert len(sources["source"]) == 30
    assert sources["j_aperture"][0] == pytest.approx(np.radians(aperture))


def test_more_sky_holds_more_dark_matter() -> None:
    totals = [np.sum(selected(SourceSettings(j_aperture_deg=a))["j_factor"]) for a in (0.1, 0.2, 0.5)]
    assert totals[0] < totals[1] < totals[2]


def test_every_value_has_its_paper() -> None:
    assert all(selected(SourceSettings(poorly_constrained=True))["reference"])


def test_subhalos_make_every_galaxy_or_those_named_brighter() -> None:
    plain, all_of_them = selected(SourceSettings()), selected(SourceSettings(subhalo_boost=3.0))
    assert all_of_them["source"] == plain["source"]
    np.testing.assert_allclose(all_of_them["j_factor"], 3.0 * np.array(plain["j_factor"]))
    assert plain == selected(SourceSettings(subhalo_boost=1.0))
    named = selected(SourceSettings(subhalo_boost={"Draco": 1000.0}))
    factors = dict(zip(plain["source"], plain["j_factor"], strict=True))
    assert named["source"][0] == "Draco"
    assert named["j_factor"][0] == pytest.approx(1000.0 * factors.pop("Draco"))
    assert dict(zip(named["source"][1:], named["j_factor"][1:], strict=True)) == factors
    with pytest.raises(InputError, match="subhalo_boost names Nowhere"):
        selected(SourceSettings(subhalo_boost={"Nowhere": 2.0}))


def test_the_poorly_constrained_come_when_asked_for() -> None:
    assert "Carina III" in selected(SourceSettings(poorly_constrained=True))["source"]


def test_a_source_is_left_out_by_name() -> None:
    assert "Draco" not in selected(SourceSettings(exclude=("Draco",)))["source"]
    with pytest.raises(InputError, match="names Drako, which the catalogue does not hold"):
        selected(SourceSettings(exclude=("Drako",)))


def test_units_become_radians(tmp_path: Path) -> None:
    sources = selected(user_catalogue(tmp_path, "A,180,-30,20,60,19,0.1,0.1"))
    assert sources["ra"] == [pytest.approx(np.pi)]
    assert sources["dec"] == [pytest.approx(-np.pi / 6)]
    assert sources["half_light_radius"] == [pytest.approx(np.pi / 180)]
    assert sources["j_factor"] == [pytest.approx(1e19)]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("A,180,-30,20,60,nan,0.1,0.1", "J factor of A within 0.5 deg is not a number"),
        ("A,180,-30,20,60,high,0.1,0.1", "log10_j_factor_0.5deg of A is 'high', which is not a number"),
        ("A,180,-30,20,60,inf,0.1,0.1", "log10_j_factor_0.5deg of A is 'inf', which is not a number"),
        ("A,180,-90.5,20,60,19,0.1,0.1", "dec_deg of A is -90.5; allowed is -90 to 90"),
        ("A,361,-30,20,60,19,0.1,0.1", "ra_deg of A is 361; allowed is 0 to 360"),
        ("A,1,1,20,60,19,0.1,0.1\nA,1,1,20,60,19,0.1,0.1", "names A twice"),
        ("", "no source is left"),
        ("A,180,-30,20,60,9.9,0.1,0.1", "log10_j_factor_0.5deg of A is 9.9; allowed is 10 to 30"),
        ("A,180,-30,20,60,1e19,0.1,0.1", r"log10_j_factor_0.5deg of A is 1e\+19; allowed is 10 to 30"),
        ("A,180,-30,20,10000,19,0.1,0.1", "half_light_radius_arcmin of A is 10000.*; allowed is 0 to 1200"),
        ("A,180,-30,-20,60,19,0.1,0.1", "distance_kpc of A is -20; allowed is 1 to 100000"),
        ("A,180,-30,0,60,19,0.1,0.1", "distance_kpc of A is 0; allowed is 1 to 100000"),
        ("A,nan,-30,20,60,19,0.1,0.1", "ra_deg of A is nan; allowed is 0 to 360"),
        ("A,180,nan,20,60,19,0.1,0.1", "dec_deg of A is nan; allowed is -90 to 90"),
        ("A,180,-30,20,60,19,-0.1,0.1", "log10_j_factor_0.5deg_error_low of A is -0.1; allowed is 0 to 10"),
        ("A,180,-30,20,60,0,0.1,0.1", "log10_j_factor_0.5deg of A is 0; allowed is 10 to 30"),
        ("A,180,-30,20,60,-inf,0.1,0.1", "log10_j_factor_0.5deg of A is '-inf', which is not a number"),
        ("A,180,-30,20,-1,19,0.1,0.1", "half_light_radius_arcmin of A is -1.*; allowed is 0 to"),
        (",180,-30,20,60,19,0.1,0.1", "holds a galaxy without a name"),
        ('" ",180,-30,20,60,19,0.1,0.1', "holds a galaxy without a name"),
        ("A,180,-30,20,60,19,0.1,0.1,7", "mine.csv: line 2 has 9 values, the first has 8"),
        (
            "# the second\nA,180,-30,20,60,19,0.1,0.1\n\nB,1,1,20,60,19",
            "mine.csv: line 5 has 6 values, the first has 8",
        ),
        ('"A,180,-30,20,60,19,0.1,0.1', "mine.csv: line 2 has 1 values"),
    ],
)
def test_a_catalogue_that_cannot_be_meant_is_refused(tmp_path: Path, row: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        selected(user_catalogue(tmp_path, row))


def test_a_galaxy_of_unknown_size_is_a_point(tmp_path: Path) -> None:
    assert selected(user_catalogue(tmp_path, "A,180,-30,20,,19,0.1,0.1"))["half_light_radius"] == [0.0]


def test_names_may_be_numbers_and_remarks_follow_rows(tmp_path: Path) -> None:
    assert selected(user_catalogue(tmp_path, "7,180,-30,20,60,19,0.1,0.1  # mine, not public"))["source"] == ["7"]


def test_errors_of_j_factors_need_not_be_known(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    header = HEADER.removesuffix(",log10_j_factor_0.5deg_error_low,log10_j_factor_0.5deg_error_high")
    path.write_text(f"{header},j_factor_reference\nA,180,-30,20,60,19,\n", encoding="utf-8")
    sources = selected(SourceSettings(catalogue=str(path)))
    assert np.isnan(sources["log10_j_factor_error_low"]).all()
    assert np.isnan(sources["log10_j_factor_error_high"]).all()
    assert sources["reference"] == [""]


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("source,ra_deg\nA,1\n", encoding="utf-8")
    with pytest.raises(InputError, match="lacks the columns dec_deg, distance_kpc, half_light_radius_arcmin"):
        read_catalogue(path)


def test_a_file_that_is_no_catalogue_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("hello\n", encoding="utf-8")
    with pytest.raises(InputError, match="is not a source catalogue"):
        read_catalogue(path)
    with pytest.raises(InputError, match="cannot read the source catalogue"):
        read_catalogue(tmp_path / "nowhere.csv")


def test_the_published_source_list_is_read(real_data: Path) -> None:
    path = real_data / "catalogue" / "dwarfs_18_columns.txt"
    ours = selected(SourceSettings())
    theirs = selected(SourceSettings(catalogue=str(path)))
    j_factors = dict(zip(theirs["source"], theirs["log10_j_factor"], strict=True))
    assert [j_factors[name] for name in ours["source"]] == pytest.approx(ours["log10_j_factor"])


def test_decay_takes_d_factors(tmp_path: Path) -> None:
    text = "source,ra_deg,dec_deg,distance_kpc,half_light_radius_arcmin,log10_d_factor_0.5deg,d_factor_reference\n"
    path = tmp_path / "mine.csv"
    path.write_text(text + "A,10,20,30,1,17.5,paper\nB,50,-30,80,2,18,other\n", encoding="utf-8")
    selected = select_sources(read_catalogue(path), SourceSettings(catalogue=str(path)), "decay")
    assert selected["source"].to_pylist() == ["B", "A"]
    assert selected["d_factor"].to_pylist() == pytest.approx([10.0**18, 10.0**17.5])
    assert selected["reference"].to_pylist() == ["other", "paper"]
    assert selected["process"].to_pylist() == ["decay", "decay"]
    assert "j_factor" not in selected.column_names
    with pytest.raises(InputError, match=r"decay needs D factors: the catalogue has no column log10_d_factor_0\.2deg"):
        select_sources(read_catalogue(path), SourceSettings(catalogue=str(path), j_aperture_deg=0.2), "decay")


def test_contested_galaxies_are_named_with_their_paper_and_left_out_by_one_word() -> None:
    everyone = selected(SourceSettings(poorly_constrained=True))
    contested = {
        name: paper for name, paper in zip(everyone["source"], everyone["contested_by"], strict=True) if str(paper)
    }
    assert set(contested) == {"Willman 1", "Segue 1", "Triangulum II", "Tucana III"}
    assert all("arXiv:" in str(paper) for paper in contested.values())
    without = selected(SourceSettings(exclude_contested=True))
    assert len(without["source"]) == 28
    assert not {"Willman 1", "Segue 1"} & set(without["source"])
    assert set(without["contested_by"]) == {""}


def test_a_catalogue_without_such_a_column_contests_nothing(tmp_path: Path) -> None:
    settings = user_catalogue(tmp_path, "A,180,-30,20,60,19,0.1,0.1").model_copy(update={"exclude_contested": True})
    assert selected(settings)["contested_by"] == [""]


APERTURES = "source,ra_deg,dec_deg,distance_kpc,half_light_radius_arcmin,log10_j_factor_0.1deg,log10_j_factor_0.5deg,"
APERTURES += "log10_j_factor_0.5deg_error_low,log10_j_factor_10deg\nA,1,2,3,4,18,19,0.3,20\nB,5,6,7,8,,18.5,0.2,\n"


@pytest.mark.parametrize(
    ("aperture", "log10_j_factors", "radii", "errors"),
    [
        ("max", [20.0, 18.5], [10.0, 0.5], [np.nan, 0.2]),
        ("min", [18.5, 18.0], [0.5, 0.1], [0.2, np.nan]),
        (0.5, [19.0, 18.5], [0.5, 0.5], [0.3, 0.2]),
    ],
)
def test_the_widest_and_the_narrowest_aperture_are_taken_with_their_own_errors(
    tmp_path: Path, aperture: object, log10_j_factors: list[float], radii: list[float], errors: list[float]
) -> None:
    path = tmp_path / "mine.csv"
    path.write_text(APERTURES, encoding="utf-8")
    table = select_sources(read_catalogue(path), SourceSettings(catalogue=str(path), j_aperture_deg=aperture))
    assert table["log10_j_factor"].to_pylist() == log10_j_factors
    assert table["j_aperture"].to_numpy() == pytest.approx(np.radians(radii))
    np.testing.assert_array_equal(
        np.nan_to_num(table["log10_j_factor_error_low"].to_numpy(), nan=-1.0), np.nan_to_num(errors, nan=-1.0)
    )
    warnings = aperture_warnings(table)
    assert bool(warnings) == isinstance(aperture, str)
    assert all("do not compare" in warning for warning in warnings)


def test_a_source_without_the_aperture_asked_for_is_named(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text(APERTURES, encoding="utf-8")
    with pytest.raises(InputError, match="J factor of B within 10 deg is not a number"):
        selected(SourceSettings(catalogue=str(path), j_aperture_deg=10))
    with pytest.raises(InputError, match="within 10 deg is not a number"):
        selected(SourceSettings(j_aperture_deg=10))


def test_max_of_the_embedded_catalogue_is_half_a_degree() -> None:
    widest, half = selected(SourceSettings(j_aperture_deg="max")), selected(SourceSettings())
    assert widest["log10_j_factor"] == half["log10_j_factor"]
    assert selected(SourceSettings(j_aperture_deg="min"))["j_aperture"] == pytest.approx([np.radians(0.1)] * 30)


def test_a_source_at_the_pole_alone_is_refused_and_another_beside_it_is_enough(tmp_path: Path) -> None:
    pole = user_catalogue(tmp_path, "Polar,180,90,20,60,19,0.1,0.1")
    with pytest.raises(PhysicsError, match=r"source Polar lies at a celestial pole \(\+90 deg\)"):
        check_directions(select_sources(read_catalogue(Path(pole.catalogue)), pole))
    both = user_catalogue(tmp_path, "Polar,180,90,20,60,19,0.1,0.1", "B,1,2,20,60,18,0.1,0.1")
    check_directions(select_sources(read_catalogue(Path(both.catalogue)), both))


@pytest.mark.parametrize("name", ["Draco ", "draco", "DRACO", " Draco", "Dra co"])
def test_one_galaxy_by_two_spellings_is_refused(tmp_path: Path, name: str) -> None:
    header = "source,ra_deg,dec_deg,distance_kpc,half_light_radius_arcmin,log10_j_factor_0.5deg"
    rows = [f"{one},260.05,57.92,76,10,18.8" for one in ("Draco", f'"{name}"')]
    (tmp_path / "list.csv").write_text("\n".join([header, *rows]), encoding="utf-8")
    with pytest.raises(InputError, match="names Draco twice"):
        read_catalogue(tmp_path / "list.csv")
