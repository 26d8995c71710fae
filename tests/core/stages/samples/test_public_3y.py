"""The public sample comes in bins, with counts and a response of its own."""

from pathlib import Path

import numpy as np

from core.configuration.config import Config
from core.products.recipe import ProductKey, Recipe
from core.products.store import ProductStore
from core.response.build import PUBLIC_BINS
from core.response.model import Response
from core.stages.inputs import Inputs
from core.stages.samples.public_3y import PUBLIC_3Y, make_event_counts, make_response


def nothing(folder: Path) -> Inputs:
    return Inputs(ProductStore(folder), Recipe(ProductKey("response"), "core.units"))


def test_it_has_no_single_events_and_is_no_simulation() -> None:
    assert PUBLIC_3Y.events is None
    assert PUBLIC_3Y.title_prefix == ""
    assert PUBLIC_3Y.bins(Config()).reco_energy_edges is PUBLIC_BINS.reco_energy_edges


def test_both_tables_are_shipped(tmp_path: Path) -> None:
    for shipped in (PUBLIC_3Y.event_counts, PUBLIC_3Y.response):
        assert shipped is not None
        assert shipped.path(Config()).is_file()
        assert shipped.path(Config()).suffix == ".parquet"
        assert shipped.make(nothing(tmp_path), {}).num_rows > 0


def test_counts_and_response_have_the_same_bins(tmp_path: Path) -> None:
    counts = make_event_counts(nothing(tmp_path), {}).to_pandas()
    response = Response.from_table(make_response(nothing(tmp_path), {}))
    lows = np.unique(counts["reco_energy_low"])
    np.testing.assert_allclose(lows, response.reco_energy_edges[:-1])
    assert counts.groupby(["event_class", "reco_energy_low"]).size().unique().tolist() == [8]
    assert len(counts) == 2 * 8 * 8
