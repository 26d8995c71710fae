"""The folded simulation holds every weight of the release, and the error of their sums."""

from pathlib import Path

import numpy as np
import pytest

from core.errors import InputError
from core.events.public_release import SimulatedNeutrinos, read_simulation
from core.response.folded import N_CELLS, FoldedResponse, folded_response, public_folded_response


@pytest.fixture
def three_events() -> SimulatedNeutrinos:
    """Two events of νμ charged current in the same bins, one of ντ̄ neutral current."""
    return SimulatedNeutrinos(
        flavour=np.array([1, 1, 5]),
        interaction=np.array([0, 0, 1]),
        event_class=np.array([1, 1, 0]),
        true_energy=np.array([10.1, 10.2, 30.0]),
        true_cos_zenith=np.array([-0.51, -0.52, 1.0]),
        reco_energy_bin=np.array([2, 2, 7]),
        reco_cos_zenith_bin=np.array([1, 1, 7]),
        weight=np.array([1.0, 3.0, 5.0]),
    )


def test_weights_are_summed_in_their_bins(three_events: SimulatedNeutrinos) -> None:
    folded = folded_response(three_events, livetime=2.0)
    muon = folded.by_species(1, 0)
    assert muon.sum() == 4.0
    assert muon.nnz == 1
    assert muon.tocoo().row[0] == np.ravel_multi_index((1, 2, 1), (2, 8, 8))
    assert folded.by_species(1, 0, squares=True).sum() == 4.0**2 / 2
    assert folded.by_species(5, 1).sum() == 5.0
    assert folded.by_species(0, 0).sum() == 0.0
    assert folded.by_species(0, 0).shape[0] == N_CELLS


def test_a_table_gives_back_what_it_was_made_from(three_events: SimulatedNeutrinos) -> None:
    folded = folded_response(three_events, livetime=2.0)
    again = FoldedResponse.from_table(folded.to_table())
    for name, value in vars(folded).items():
        np.testing.assert_array_equal(getattr(again, name), value)
    with pytest.raises(InputError, match="outside its bins"):
        FoldedResponse.from_table(folded.to_table().slice(0, 0))


@pytest.mark.slow
def test_shipped_is_what_the_release_gives(real_data: Path) -> None:
    events = read_simulation(real_data / "icecube_3y")
    rebuilt, shipped = folded_response(events), public_folded_response()
    np.testing.assert_array_equal(rebuilt.true_bin, shipped.true_bin)
    np.testing.assert_array_equal(rebuilt.cell, shipped.cell)
    np.testing.assert_allclose(rebuilt.weight, shipped.weight, rtol=1e-7)
    assert shipped.n_simulated.sum() == len(events)
    assert shipped.weight.sum() == pytest.approx(events.weight.sum())
