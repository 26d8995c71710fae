"""Events counted in bins."""

import numpy as np
import pyarrow as pa
import pytest

from core.errors import InputError
from core.events.counts import event_counts
from core.events.public_release import RECO_COS_ZENITH_EDGES, RECO_ENERGY_EDGES, public_counts
from core.pdfs.background import background_pdf, binned_background
from core.simulation.sample import RECO_ENERGY_EDGES as SIMULATED_EDGES
from core.simulation.sample import simulated_events
from core.simulation.seasons import SEASONS


def events(energies: list[float], cos_zenith: list[float], classes: list[str | None]) -> pa.Table:
    columns = {"reco_energy": energies, "reco_dec": -np.arcsin(cos_zenith)}
    return pa.table(columns | {"event_class": pa.array(classes, pa.string())})


def counts(table: pa.Table) -> np.ndarray:
    return event_counts(table, np.array([1.0, 10.0, 100.0]), np.array([-1.0, 0.0, 1.0]))["n_events"].to_numpy()


def test_each_event_is_counted_once_inside_the_edges() -> None:
    table = events(
        [1.0, 10.0, 100.0, 0.5, 50.0, 20.0], [-0.5, 0.5, 0.5, 0.5, 1.0, -1.0], ["track"] * 4 + ["cascade"] * 2
    )
    # cascade: (50, up edge) and (20, down edge); track: (1, -0.5) and (10, 0.5); 100 and 0.5 GeV lie outside.
    assert counts(table).tolist() == [0, 0, 1, 1, 1, 0, 0, 1]


def test_events_without_class_stand_in_one() -> None:
    assert counts(events([5.0, 5.0], [0.5, -0.5], [None, None])).tolist() == [1, 1, 0, 0, 0, 0, 0, 0]
    with pytest.raises(InputError, match="event_class of 1 of 2 events is None"):
        counts(events([5.0, 5.0], [0.5, -0.5], [None, "track"]))
    with pytest.raises(InputError, match="'muon': each is due to be one of cascade, track"):
        counts(events([5.0], [0.5], ["muon"]))


def test_table_is_that_of_the_public_sample() -> None:
    table = event_counts(simulated_events("data", SEASONS[0]), RECO_ENERGY_EDGES, RECO_COS_ZENITH_EDGES)
    public = public_counts()
    assert table.schema.equals(public.schema, check_metadata=False)
    for name in table.column_names[:-1]:
        assert table[name].to_pylist() == pytest.approx(public[name].to_pylist())


def test_background_takes_any_binning() -> None:
    data = simulated_events("data", SEASONS[0])
    background = binned_background(background_pdf(event_counts(data, SIMULATED_EDGES, RECO_COS_ZENITH_EDGES)))
    assert background.probability.shape == (2, 18, 8)
    assert background.probability.sum() == pytest.approx(1.0)
    assert background.n_events == data.num_rows
