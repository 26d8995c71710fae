import pytest

from core.channels import PUBLISHED_PAIRS
from core.errors import InputError
from core.spectra.production import Shard, assemble_table, make_shard, planned_shards, read_shard
from core.spectra.shipped import read_table, table_metadata

pytest.importorskip("pythia8mc", reason="the generator is an extra")


def test_the_plan_serves_every_published_pair_first():
    plan = planned_shards()
    assert len({shard.file_name() for shard in plan}) == len(plan)
    pairs = {(shard.channel, shard.mass) for shard in plan}
    for channel, mass in PUBLISHED_PAIRS:
        if channel != "nunu":
            assert (channel, mass) in pairs
    assert (plan[0].channel, plan[0].mass, plan[0].seed) == ("bb", 10.0, 0)
    assert [shard.seed for shard in plan] == sorted(shard.seed for shard in plan)


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


def test_a_shard_that_is_there_is_not_made_again(tmp_path):
    path = make_shard(tmp_path, Shard("numunumu", 5.0, 0), n_events=10)
    before = path.stat().st_mtime_ns
    assert make_shard(tmp_path, Shard("numunumu", 5.0, 0), n_events=10).stat().st_mtime_ns == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["numunumu_5_0.npz"]


def test_what_is_no_shard_is_named(tmp_path):
    (tmp_path / "bb_10_0.npz").write_bytes(b"torn")
    with pytest.raises(InputError, match="bb_10_0"):
        assemble_table(tmp_path, tmp_path / "table.parquet")
    with pytest.raises(InputError, match="has no shards"):
        assemble_table(tmp_path / "none", tmp_path / "table.parquet")
