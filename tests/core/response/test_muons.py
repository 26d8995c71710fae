"""The expected muons: there and back, as many as the release says, and never fewer than none."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.errors import InputError
from core.events.binned_releases import RELEASES
from core.events.public_release import RECO_COS_ZENITH_EDGES, RECO_ENERGY_EDGES
from core.glossary import GLOSSARY
from core.response.muons import ExpectedMuons, public_muons, release_muons
from tests.drawn_release import drawn_muons

NINE = RELEASES["nine-year"]
SHAPE = (2, 8, 8)


def numbered() -> ExpectedMuons:
    numbers = np.arange(128.0).reshape(SHAPE)
    return ExpectedMuons(numbers, 0.1 * numbers)


def test_a_table_gives_back_every_bin() -> None:
    again = ExpectedMuons.from_table(numbered().to_table())
    np.testing.assert_array_equal(again.n_expected, numbered().n_expected)
    np.testing.assert_array_equal(again.n_expected_error, numbered().n_expected_error)


def test_rows_name_the_bin_that_they_are_of() -> None:
    """Bin (track, third energy, last zenith) is number 64 + 2·8 + 7."""
    row = numbered().to_table().to_pylist()[64 + 16 + 7]
    assert row["n_expected"] == 87.0
    assert row["event_class"] == "track"
    assert (row["reco_energy_low"], row["reco_energy_high"]) == tuple(RECO_ENERGY_EDGES[2:4])
    assert (row["reco_cos_zenith_low"], row["reco_cos_zenith_high"]) == tuple(RECO_COS_ZENITH_EDGES[7:])


def test_a_table_with_rows_missing_is_refused() -> None:
    with pytest.raises(InputError, match="the expected muons have 127 rows; needed are 128"):
        ExpectedMuons.from_table(numbered().to_table().slice(1))


def test_columns_are_words_of_the_glossary() -> None:
    for field in numbered().to_table().schema:
        assert GLOSSARY[field.name].dtype == field.type


def test_the_release_expects_2045_muons_most_of_them_from_above() -> None:
    """Atmospheric muons do not pass the Earth: what comes from below is misreconstructed."""
    muons = public_muons()
    assert muons.n_expected.sum() == pytest.approx(2045.0, abs=1.0)
    assert np.all(muons.n_expected >= 0.0)
    assert np.all(muons.n_expected_error >= 0.0)
    below, above = muons.n_expected[..., :4].sum(), muons.n_expected[..., 4:].sum()
    assert above > 2.0 * below


def test_muons_of_the_nine_years_stand_in_the_bins_of_their_rows(tmp_path: Path) -> None:
    """Class cascade, first energy (6.3 to 8.5 GeV), last band (-0.01 to 0.1), found in the file by its values."""
    frame = drawn_muons(NINE)
    frame.to_csv(tmp_path / "mc_mu.csv", index=False)
    muons = release_muons(tmp_path, NINE)
    assert muons is not None
    own = (frame["pid"] < 0.75) & (frame["reco_energy"] < 8.45) & (frame["reco_coszen"] > -0.01)
    assert muons.n_expected[0, 0, 9] == pytest.approx(frame[own]["count"].item(), rel=1e-12)
    assert muons.n_expected.sum() == pytest.approx(frame["count"].sum(), rel=1e-12)
    np.testing.assert_allclose(muons.n_expected_error, muons.n_expected / 3.0)
    again = ExpectedMuons.from_table(muons.to_table())
    np.testing.assert_array_equal(again.n_expected, muons.n_expected)
    np.testing.assert_array_equal(again.reco_cos_zenith_edges, NINE.reco_cos_zenith_edges)


def test_a_folder_without_muons_has_none(tmp_path: Path) -> None:
    assert release_muons(tmp_path, NINE) is None
    drawn_muons(NINE).to_csv(tmp_path / "mc_mu.csv", index=False)
    assert release_muons(tmp_path, RELEASES["three-year-A"]) is None


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda frame: frame.drop(columns="abs_uncertainty"), r"mc_mu\.csv lacks the columns abs_uncertainty"),
        (lambda frame: frame.assign(count=-1.0), r"mc_mu\.csv: count in row 1 is -1; 0 or more is due"),
        (lambda frame: frame.assign(pid=0.2), r"mc_mu\.csv: pid 0\.2 lies outside the bins 0\.55 to 1 \(row 1\)"),
        (
            lambda frame: frame[frame["reco_coszen"] < 0.0],
            r"has 0 rows of the bin .* reco_coszen -0\.01 to 0\.1; one is due",
        ),
    ],
)
def test_muons_that_cannot_be_meant_are_named(
    change: Callable[[pd.DataFrame], pd.DataFrame], told: str, tmp_path: Path
) -> None:
    change(drawn_muons(NINE)).to_csv(tmp_path / "mc_mu.csv", index=False)
    with pytest.raises(InputError, match=told):
        release_muons(tmp_path, NINE)
