import numpy as np
import pytest

from core.errors import InputError
from core.spectra.assembly import assemble_table, missing_shards, pooled, produced
from core.spectra.generator import generate, merged
from core.spectra.production import Shard, make_shard, planned_shards, read_shard
from core.spectra.shipped import SHIPPED_SPECTRA, read_table, table_metadata

pytest.importorskip("pythia8mc", reason="the generator is an extra")


def test_shards_become_a_table(tmp_path):
    shards = [Shard("mumu", 10.0, 0), Shard("mumu", 10.0, 1), Shard("numunumu", 5.0, 0), Shard("WW", 80.45, 0, True)]
    for shard in shards:
        path = make_shard(tmp_path / "shards", shard, n_events=30)
    first = read_shard(tmp_path / "shards" / shards[0].file_name())
    assert read_shard(path).channel == "WW"
    assemble_table(tmp_path / "shards", tmp_path / "table.parquet")
    table = read_table(tmp_path / "table.parquet")
    assert table.pairs["mumu"][10.0].n_events == 60
    assert table.pairs["numunumu"][5.0].line.tolist() == [0.0, 1.0, 0.0, 0.0, 1.0, 0.0]
    assert table.at_rest["WW"].mass == 80.45
    assert "WW" not in table.pairs
    assert table.production("mumu", 10.0).multiplicity() == pytest.approx([1.0, 1.0, 0.0] * 2, abs=0.2)
    made = table_metadata(tmp_path / "table.parquet")
    assert made["generator"].startswith("Pythia 8")
    assert [run["seeds"] for run in made["runs"]] == [[0], [0, 1], [0]]
    assert first.n_events == 30


def test_what_is_no_shard_is_named(tmp_path):
    (tmp_path / "bb_10_0.npz").write_bytes(b"torn")
    with pytest.raises(InputError, match="bb_10_0"):
        assemble_table(tmp_path, tmp_path / "table.parquet")
    with pytest.raises(InputError, match="has no shards"):
        assemble_table(tmp_path / "none", tmp_path / "table.parquet")


def made_table(folder, shards, onto=None, n_events=10):
    for shard in shards:
        make_shard(folder / "shards", shard, n_events)
    path = folder / "table.parquet"
    assemble_table(folder / "shards", path, onto)
    return path


def test_pooled_runs_are_those_of_all_their_events():
    runs = [generate("mumu", 10.0, n_events, seed) for seed, n_events in ((1, 300), (2, 100))]
    together, apart = produced(merged(runs)), pooled(*(produced(run) for run in runs))
    assert apart.n_events == together.n_events == 400
    assert apart.counts == pytest.approx(together.counts)
    assert apart.multiplicity_error == pytest.approx(together.multiplicity_error, abs=1e-12)
    assert apart.energy_fraction_error == pytest.approx(together.energy_fraction_error)


@pytest.mark.slow
def test_shards_are_added_to_a_table(tmp_path):
    old = [Shard("mumu", 10.0, 0), Shard("numunumu", 5.0, 0), Shard("ZZ", 91.3, 0, True)]
    new = [Shard("mumu", 10.0, 1), Shard("mumu", 12.0, 0), Shard("ZZ", 91.25, 0, True)]
    standing = made_table(tmp_path / "old", old)
    extended = made_table(tmp_path / "new", new, onto=standing)
    whole = made_table(tmp_path / "whole", [*old[:2], *new])
    found, expected = read_table(extended), read_table(whole)
    assert found.pairs.keys() == expected.pairs.keys()
    for channel, by_mass in expected.pairs.items():
        for mass, pair in by_mass.items():
            assert found.pairs[channel][mass].counts == pytest.approx(pair.counts, rel=1e-6)
            assert found.pairs[channel][mass].n_events == pair.n_events
    assert found.at_rest["ZZ"].mass == 91.25
    assert np.array_equal(found.pairs["numunumu"][5.0].line, read_table(standing).pairs["numunumu"][5.0].line)
    assert table_metadata(extended) == table_metadata(whole)


def test_events_are_not_counted_twice(tmp_path):
    standing = made_table(tmp_path, [Shard("mumu", 10.0, 0)])
    with pytest.raises(InputError, match="mumu at 10 GeV: the table has the events of seed 0 already"):
        assemble_table(tmp_path / "shards", tmp_path / "again.parquet", standing)


def test_the_shipped_table_holds_the_whole_plan():
    assert not missing_shards(planned_shards(), SHIPPED_SPECTRA)
    assert missing_shards([Shard("bb", 11.0, 0), Shard("bb", 10.0, 0)], SHIPPED_SPECTRA) == [Shard("bb", 11.0, 0)]
