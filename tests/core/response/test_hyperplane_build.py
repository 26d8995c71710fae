"""Factors merged until none sinks to 0: sums are kept, what is sound stays, and files are read by their bins."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import InputError
from core.events.atmosphere import shipped_atmospheric_flux
from core.events.public_release import MUON_FILE, RECO_COS_ZENITH_EDGES, RECO_ENERGY_EDGES, SimulatedNeutrinos
from core.response.hyperplane_build import atmospheric_counts, merged, write_shipped_muons
from core.response.hyperplanes import DETECTOR_NAMES, DETECTOR_PARAMETERS, GROUP_SHAPE, NEUTRINO_GROUPS
from core.response.muons import ExpectedMuons

YIELD = DETECTOR_NAMES.index("opt_eff_overall")
REACH = DETECTOR_PARAMETERS[YIELD].valid_high - DETECTOR_PARAMETERS[YIELD].nominal  # 0.2 to each side


def steady() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Factors of 1 without slopes; as many events everywhere, more towards higher cos zenith."""
    counts = np.broadcast_to(np.arange(1.0, 9.0), GROUP_SHAPE).copy()
    return np.ones(GROUP_SHAPE), np.zeros((len(DETECTOR_PARAMETERS), *GROUP_SHAPE)), counts


def test_sound_factors_stay_as_they_are() -> None:
    factor, slopes, counts = steady()
    slopes[YIELD] = 0.9 / REACH
    found = merged(factor, slopes, counts)
    np.testing.assert_allclose(found.nominal_factor, factor)
    np.testing.assert_allclose(found.slopes, slopes)
    np.testing.assert_array_equal(found.zenith_block, np.broadcast_to(np.arange(8), GROUP_SHAPE))
    assert set(found.n_merged_bins.values()) == {0}


def test_a_bin_that_sinks_joins_the_neighbour_that_expects_more() -> None:
    """Bin 3 of one row reaches 1 - 1.5: joined with bin 4, 4 and 5 events, the slope is 4/9 of its own: 1 - 0.667."""
    factor, slopes, counts = steady()
    row = (1, 0, 2)
    slopes[(YIELD, *row, 3)] = 1.5 / REACH
    found = merged(factor, slopes, counts)
    assert found.zenith_block[row].tolist() == [0, 1, 2, 3, 3, 4, 5, 6]
    np.testing.assert_allclose(found.slopes[YIELD][row][3:5], 1.5 / REACH * 4.0 / 9.0)
    assert found.lowest_factors()[row][3] == pytest.approx(1.0 - 1.5 * 4.0 / 9.0)
    assert found.n_merged_bins[NEUTRINO_GROUPS[1]] == 2
    others = np.ones(GROUP_SHAPE, dtype=bool)
    others[row] = False
    np.testing.assert_array_equal(found.slopes[:, others], 0.0)


def test_at_the_edge_there_is_one_neighbour_alone_and_a_steep_bin_takes_more_than_it() -> None:
    factor, slopes, counts = steady()
    row = (0, 1, 0)
    slopes[(YIELD, *row, 7)] = 4.0 / REACH  # of 8 events: with 7 still -1.1, with 6 and 7 -0.5, with 5 to 7 -0.2, ...
    found = merged(factor, slopes, counts)
    joined = found.zenith_block[row] == found.zenith_block[row][7]
    shared = 4.0 * 8.0 / counts[row][joined].sum()
    assert shared < 1.0 <= 4.0 * 8.0 / counts[row][joined][1:].sum()
    np.testing.assert_allclose(found.slopes[YIELD][row][joined], shared / REACH)


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_merging_keeps_the_events_of_every_row_and_leaves_no_factor_at_zero(seed: int) -> None:
    generator = np.random.default_rng(seed)
    factor = generator.uniform(0.7, 1.3, GROUP_SHAPE)
    slopes = generator.normal(0.0, 0.15, (len(DETECTOR_PARAMETERS), *GROUP_SHAPE))
    slopes /= np.array([max(p.nominal - p.valid_low, p.valid_high - p.nominal) for p in DETECTOR_PARAMETERS])[
        :, None, None, None, None
    ]
    counts = generator.uniform(0.5, 100.0, GROUP_SHAPE)
    found = merged(factor, slopes, counts)
    assert found.lowest_factors().min() > 0.0
    np.testing.assert_allclose((counts * found.nominal_factor).sum(axis=-1), (counts * factor).sum(axis=-1))
    np.testing.assert_allclose((counts * found.slopes).sum(axis=-1), (counts * slopes).sum(axis=-1), atol=1e-9)
    steps = np.diff(found.zenith_block, axis=-1)
    assert np.all((steps == 0) | (steps == 1))  # blocks are of neighbours


def test_a_row_that_sinks_as_a_whole_is_refused() -> None:
    factor, slopes, counts = steady()
    slopes[YIELD, 2, 1, 5] = 1.1 / REACH
    with pytest.raises(InputError, match="a whole row of zenith bins reaches 0"):
        merged(factor, slopes, counts)


def test_an_event_is_counted_with_the_flux_of_its_species_in_its_group_and_bin() -> None:
    energy, cosine = 12.0, -0.4
    events = SimulatedNeutrinos(
        flavour=np.array([1, 1, 0]),
        interaction=np.array([0, 1, 0]),
        event_class=np.array([1, 0, 0]),
        true_energy=np.full(3, energy),
        true_cos_zenith=np.full(3, cosine),
        reco_energy_bin=np.array([2, 2, 7]),
        reco_cos_zenith_bin=np.array([1, 1, 0]),
        weight=np.array([1e6, 2e6, 3e6]),
    )
    found = atmospheric_counts(events, livetime=1e7)
    flux = shipped_atmospheric_flux()
    muons, electrons = (float(flux.at_detector(name, energy, cosine)) for name in ("numu", "nue"))
    wanted = np.zeros(GROUP_SHAPE)
    wanted[NEUTRINO_GROUPS.index("numu_cc"), 1, 2, 1] = 1e13 * muons
    wanted[NEUTRINO_GROUPS.index("all_nc"), 0, 2, 1] = 2e13 * muons
    wanted[NEUTRINO_GROUPS.index("nue_cc"), 0, 7, 0] = 3e13 * electrons
    np.testing.assert_allclose(found, wanted, rtol=1e-9)


def muon_rows() -> pd.DataFrame:
    """The release's form: a row a bin, named by its centre, in any order."""
    event_class, energy, zenith = np.indices(GROUP_SHAPE[1:]).reshape(3, -1)
    frame = pd.DataFrame(
        {
            "pid": event_class,
            "reco_energy": np.sqrt(RECO_ENERGY_EDGES[energy] * RECO_ENERGY_EDGES[energy + 1]),
            "reco_coszen": 0.5 * (RECO_COS_ZENITH_EDGES[zenith] + RECO_COS_ZENITH_EDGES[zenith + 1]),
            "count": np.arange(128.0),
            "abs_uncert": 0.5 * np.arange(128.0),
        }
    )
    return frame.sample(frac=1.0, random_state=3)


def test_muons_are_read_by_their_bins_and_written_with_what_they_are_from(tmp_path: Path) -> None:
    muon_rows().to_csv(tmp_path / MUON_FILE, index=False)
    write_shipped_muons(tmp_path, tmp_path / "muons.parquet")
    table = pq.read_table(tmp_path / "muons.parquet", partitioning=None)
    muons = ExpectedMuons.from_table(table)
    np.testing.assert_array_equal(muons.n_expected.ravel(), np.arange(128.0))
    np.testing.assert_array_equal(muons.n_expected_error, 0.5 * muons.n_expected)
    assert MUON_FILE in table.schema.metadata[b"file"].decode()


@pytest.mark.parametrize("what", ["a column", "a row", "a bin twice", "the file"])
def test_a_release_that_lacks_something_is_named(tmp_path: Path, what: str) -> None:
    frame = muon_rows()
    changed = {
        "a column": frame.drop(columns="abs_uncert"),
        "a row": frame.iloc[1:],
        "a bin twice": pd.concat([frame.iloc[1:], frame.iloc[[5]]]),
    }
    if what in changed:
        changed[what].to_csv(tmp_path / MUON_FILE, index=False)
    with pytest.raises(InputError, match=r"lacks the columns|cannot read"):
        write_shipped_muons(tmp_path, tmp_path / "muons.parquet")
    assert not (tmp_path / "muons.parquet").exists()
