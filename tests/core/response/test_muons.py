"""The expected muons: there and back, as many as the release says, and never fewer than none."""

import numpy as np
import pytest

from core.errors import InputError
from core.events.public_release import RECO_COS_ZENITH_EDGES, RECO_ENERGY_EDGES
from core.glossary import GLOSSARY
from core.response.muons import ExpectedMuons, public_muons

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
