"""The variants of a pair: which sources are left out, which J factors taken, and ratios that have to be 1."""

from functools import cache

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from core.errors import InputError
from core.inference.robustness_product import (
    DetectorVariants,
    aperture_weights,
    background_ratios,
    halo_ratios,
    known_errors,
    left_out_weights,
    marginalised_ratios,
    profiled_ratios,
    whole_galaxy_weights,
)
from core.pdfs.background import BinnedBackground
from core.pdfs.source_information import source_patterns
from core.response.model import EVENT_CLASSES
from core.signal.acceptance import source_acceptance
from core.signal.expected_signal import ExpectedSignal
from core.spectra import spectra_from_table, spectra_table
from core.spectra.earth_matter import Directions
from core.spectra.oscillation import NUFIT_60
from tests.core.response.response_cases import BANDS, RECO_ENERGY_EDGES, plain_response

# Slopes of 10, 5 and 1.
THREE = np.diag([10.0, 5.0, 1.0])
NAMES = ["A", "B", "C"]
MASS, NSIDE = 20.0, 8


def sources(contested: tuple[str, ...] = ()) -> pa.Table:
    return pa.table(
        {
            "source": NAMES,
            "contested_by": ["a paper" if name in contested else "" for name in NAMES],
            "log10_j_factor": [19.0, 18.0, 17.0],
            "log10_j_factor_error_low": [0.3, 0.2, 0.1],
            "log10_j_factor_error_high": [0.4, 0.3, 0.2],
        }
    )


def catalogue(**columns: list[float]) -> pd.DataFrame:
    return pd.DataFrame({"source": ["C", "A", "B"], **columns})


def test_the_largest_and_the_two_largest_by_slope_are_left_out() -> None:
    found = left_out_weights(sources(), THREE[::-1, ::-1])
    assert {name: weights.tolist() for name, weights in found.items()} == {
        "without C": [1.0, 1.0, 0.0],
        "without C and B": [1.0, 0.0, 0.0],
    }


def test_contested_galaxies_are_left_out_each_and_all() -> None:
    found = left_out_weights(sources(contested=("A", "C")), THREE)
    assert list(found) == ["without A", "without A and B", "without C", "without all contested galaxies"]
    assert found["without all contested galaxies"].tolist() == [0.0, 1.0, 0.0]


def test_a_variant_that_leaves_no_source_is_none() -> None:
    everything = left_out_weights(sources(contested=("A", "B", "C")), THREE)
    assert "without all contested galaxies" not in everything
    one = left_out_weights(sources().slice(0, 1), THREE[:1, :1])
    assert one == {}


def test_apertures_weigh_by_their_factors_in_the_order_of_the_sources() -> None:
    """Values are those of C, A and B: a tenth, all and half of the J that the sources have."""
    given = catalogue(
        **{"log10_j_factor_0.1deg": [16.0, 19.0, 18.0 - np.log10(2.0)], "log10_j_factor_0.2deg": [np.nan, 19.0, 18.0]}
    )
    found = aperture_weights(sources(), given)
    assert list(found) == ["J within 0.1 deg"]  # of 0.2° one is missing, of 0.5° all
    assert found["J within 0.1 deg"] == pytest.approx([1.0, 0.5, 0.1])


def profiles(**changed: list[float]) -> pa.Table:
    columns = {
        "log10_j_total_over_half_degree": [0.0, 1.0],
        "log10_j_total_over_half_degree_error_low": [0.0, 0.5],
        "log10_j_total_over_half_degree_error_high": [0.0, 0.3],
    }
    return pa.table({"source": ["A", "B"], **(columns | changed)})


def test_whole_galaxies_take_the_factor_of_their_profile_and_keep_j_without_one() -> None:
    given = catalogue(**{"log10_j_factor_0.5deg": [17.0, 19.0, 18.0]})
    found = whole_galaxy_weights(sources(), given, profiles())
    assert found["J of whole galaxies"] == pytest.approx([1.0, 10.0, 1.0])
    assert found["J of whole galaxies, all at their lower errors"] == pytest.approx([1.0, 10.0**0.5, 1.0])
    assert found["J of whole galaxies, all at their upper errors"] == pytest.approx([1.0, 10.0**1.3, 1.0])


def test_whole_galaxies_are_over_j_within_half_a_degree_whatever_the_analysis_took() -> None:
    """The analysis took a tenth of J within half a degree: the factor is ten times that over half a degree."""
    given = catalogue(**{"log10_j_factor_0.5deg": [18.0, 20.0, 19.0]})
    found = whole_galaxy_weights(sources(), given, profiles())
    assert found["J of whole galaxies"][:2] == pytest.approx([10.0, 100.0])


def test_without_profiles_or_half_a_degree_there_are_no_whole_galaxies() -> None:
    given = catalogue(**{"log10_j_factor_0.5deg": [17.0, 19.0, 18.0]})
    assert whole_galaxy_weights(sources(), given, profiles().slice(0, 0)) == {}
    assert whole_galaxy_weights(sources(), catalogue(), profiles()) == {}


def test_errors_of_j_are_known_of_all_or_of_none() -> None:
    errors = known_errors(sources())
    assert errors is not None
    assert errors.low == pytest.approx(np.log(10.0) * np.array([0.3, 0.2, 0.1]))
    unknown = sources().set_column(4, "log10_j_factor_error_high", pa.array([0.4, None, 0.2], pa.float64()))
    assert known_errors(unknown) is None
    assert marginalised_ratios(unknown, THREE) == {}


def test_marginalising_narrow_factors_changes_nothing() -> None:
    exact = sources()
    for side in ("low", "high"):
        name = f"log10_j_factor_error_{side}"
        exact = exact.set_column(exact.schema.get_field_index(name), name, pa.array([0.0, 0.0, 0.0]))
    assert marginalised_ratios(exact, THREE)["J factors marginalised"] == pytest.approx(1.0, abs=1e-9)
    # Errors of a factor of two: the long upper tail makes the sensitivity look better.
    assert marginalised_ratios(sources(), THREE)["J factors marginalised"] < 1.0


@pytest.mark.parametrize("strength", ["sigma_v", "decay_rate"])
def test_profiled_limits_are_over_the_fixed_one(strength: str) -> None:
    columns = {"fixed_j": [2.0], "profiled_j": [5.0], "profiled_j_gaussian_fall": [3.0]}
    table = pa.table({f"{strength}_sensitivity_{name}": value for name, value in columns.items()})
    assert list(profiled_ratios(table).values()) == [2.5, 1.5]
    with pytest.raises(InputError, match="no column sigma_v_sensitivity_fixed_j or decay_rate_sensitivity_fixed_j"):
        profiled_ratios(table.select([1]))


@pytest.mark.parametrize(("treatment", "name"), [("data", "background known"), ("known", "background from the data")])
def test_four_times_the_information_halves_the_sensitivity(treatment: str, name: str) -> None:
    table = pa.table(
        {
            "information_per_sigma_v_squared": THREE.tolist(),
            "information_other_background_per_sigma_v_squared": (4.0 * THREE).tolist(),
            "background": [treatment] * 3,
        }
    )
    assert background_ratios(table) == pytest.approx({name: 0.5})


def test_each_halo_has_two_ratios() -> None:
    table = pa.table(
        {
            "profile": ["nfw", "burkert"],
            "sigma_v_sensitivity_asimov": [2.0, 2.0],
            "sigma_v_sensitivity_asimov_same_cross_section": [0.2, 0.4],
            "sigma_v_sensitivity_asimov_free": [3.0, 5.0],
        }
    )
    assert halo_ratios(table) == {
        "halo (nfw) at the same strength": 0.1,
        "halo (nfw) of any strength": 1.5,
        "halo (burkert) at the same strength": 0.2,
        "halo (burkert) of any strength": 2.5,
    }


@cache
def plain_pair() -> tuple[ExpectedSignal, BinnedBackground]:
    """Three galaxies under a detector with one kernel, before a background that is even in everything."""
    galaxies = pa.table(
        {
            "source": NAMES,
            "ra": [0.5, 2.0, 4.0],
            "dec": [0.8, 0.1, -0.4],
            "half_light_radius": [0.0, 0.0, 0.0],
            "j_factor": [1e20, 5e19, 2e19],
        }
    )
    spectra = spectra_from_table(spectra_table("tautau", MASS))
    response = plain_response()
    expected = ExpectedSignal(response, source_acceptance(response, spectra, galaxies, MASS), galaxies)
    probability = np.full((len(EVENT_CLASSES), 3, 4), 1.0 / 24.0)
    return expected, BinnedBackground(EVENT_CLASSES, RECO_ENERGY_EDGES, BANDS, probability, 40_000)


@cache
def variants() -> DetectorVariants:
    expected, background = plain_pair()
    information = source_patterns(expected, background, NSIDE).information
    return DetectorVariants(expected, background, information, NSIDE, "data", None)


def test_one_kernel_where_there_is_one_changes_what_the_grid_of_kernels_rounds() -> None:
    """Concentrations are a grid of 8 % steps: the sensitivity goes with the kernel's width, √ of 4 % at most."""
    assert variants().one_kernel()["one angular kernel"] == pytest.approx(1.0, abs=0.02)


def test_mixed_flavours_before_an_even_detector_see_nothing_of_the_earth() -> None:
    """All species have one area here: the sum over them is what the Earth's matter leaves alone."""
    found = variants().earth_matter(spectra_table("tautau", MASS), MASS, NUFIT_60, Directions((-1.0, 0.3), (1.0, 2.0)))
    assert found == pytest.approx({"Earth matter": 1.0}, rel=1e-6)
    without = variants().earth_matter(spectra_table("tautau", MASS), MASS, NUFIT_60, None)
    assert without == pytest.approx({"no Earth matter": 1.0}, rel=1e-6)
