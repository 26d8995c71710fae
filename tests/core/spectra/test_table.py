"""A table of spectra: mixtures between masses, means of channels, and what it refuses."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import PhysicsError
from core.spectra.spectrum import ProducedSpectra
from core.spectra.table import REACH_BELOW_LOWEST, SpectrumTable

LOG10_X = np.array([-2.0, -1.0, -0.5, 0.0])
ONES = np.ones((6, 4))


def spectra(
    channel: str, mass: float, n_neutrinos: float, line: float = 0.0, error: float | None = 0.3
) -> ProducedSpectra:
    errors = None if error is None else np.full(6, error)
    return ProducedSpectra(
        channel, mass, LOG10_X, 0.25 * n_neutrinos * ONES, np.full(6, line), errors, errors, int(1000 * n_neutrinos)
    )


def table_of(*pairs: ProducedSpectra) -> SpectrumTable:
    by_channel: dict[str, dict[float, ProducedSpectra]] = {}
    for pair in pairs:
        by_channel.setdefault(pair.channel, {})[pair.mass] = pair
    return SpectrumTable("a table", by_channel)


QUARKS = table_of(spectra("bb", 10.0, 1.0), spectra("bb", 40.0, 3.0), spectra("bb", 160.0, 11.0))


@settings(max_examples=50, deadline=None)
@given(log_mass=st.floats(np.log(10.0), np.log(160.0)))
def test_between_masses_the_number_of_neutrinos_is_linear_in_the_logarithm(log_mass: float) -> None:
    """1, 3 and 11 neutrinos at 10, 40 and 160 GeV, a factor of four apart."""
    mass = float(np.clip(np.exp(log_mass), 10.0, 160.0))
    found = QUARKS.production("bb", mass)
    wanted = np.interp(np.log(mass), np.log([10.0, 40.0, 160.0]), [1.0, 3.0, 11.0])
    np.testing.assert_allclose(found.multiplicity(), wanted, rtol=1e-9)
    assert found.mass == mass


@pytest.mark.parametrize("mass", [10.0, 40.0, 160.0])
def test_at_a_tabulated_mass_the_table_s_own_spectra_serve(mass: float) -> None:
    assert QUARKS.production("bb", mass) is QUARKS.pairs["bb"][mass]


def test_halfway_errors_are_those_of_the_mean_of_two_runs() -> None:
    """At 20 GeV, halfway in ln m: √(0.3² + 0.3²)/2, and the events of the smaller run."""
    found = QUARKS.production("bb", 20.0)
    np.testing.assert_allclose(found.multiplicity_error, 0.3 / np.sqrt(2.0))
    assert found.n_events == 1000


def test_just_below_the_lowest_mass_its_spectra_serve_under_the_mass_asked_for() -> None:
    mass = 10.0 * (1.0 - 0.9 * REACH_BELOW_LOWEST)
    found = QUARKS.production("bb", mass)
    assert found.mass == mass
    np.testing.assert_array_equal(found.counts, QUARKS.pairs["bb"][10.0].counts)
    assert found.spectrum("numu").mass == pytest.approx(mass)


@pytest.mark.parametrize(("mass", "said"), [(9.6, "from 10 to 160 GeV, not at 9.6 GeV"), (160.1, "not at 160.1 GeV")])
def test_masses_outside_are_refused_with_those_that_there_are(mass: float, said: str) -> None:
    with pytest.raises(PhysicsError, match=f"a table has bb {said}" if "from" in said else said):
        QUARKS.production("bb", mass)


def test_a_channel_that_the_table_lacks_is_refused_with_those_that_it_has() -> None:
    with pytest.raises(PhysicsError, match="a table has no channel mumu: it has bb"):
        QUARKS.production("mumu", 20.0)
    with pytest.raises(PhysicsError, match="WW is closed at 50 GeV"):
        QUARKS.production("WW", 50.0)


def lines(error: float | None = 0.3) -> SpectrumTable:
    parts = ("nuenue", "numunumu", "nutaunutau")
    return table_of(*(spectra(name, 10.0, 3.0 * index, index, error) for index, name in enumerate(parts, start=1)))


def test_neutrino_pairs_are_the_mean_of_the_three_flavours() -> None:
    found = lines().production("nunu", 10.0)
    np.testing.assert_allclose(found.line, 2.0)  # of 1, 2 and 3
    np.testing.assert_allclose(found.counts.sum(axis=1), 6.0)
    np.testing.assert_allclose(found.multiplicity_error, 0.3 / np.sqrt(3.0))
    assert (found.channel, found.n_events) == ("nunu", 3000)


def test_a_mean_of_which_one_error_is_not_known_has_none() -> None:
    mixed = lines()
    partly = table_of(
        *(each[10.0] for name, each in mixed.pairs.items() if name != "nuenue"), spectra("nuenue", 10.0, 3.0, 1.0, None)
    )
    assert partly.production("nunu", 10.0).multiplicity_error is None


def test_a_table_s_own_neutrino_pairs_come_before_the_mean() -> None:
    own = spectra("nunu", 10.0, 7.0)
    table = SpectrumTable("a table", {**lines().pairs, "nunu": {10.0: own}})
    assert table.production("nunu", 10.0) is own
