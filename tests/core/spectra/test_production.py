import pytest

from core.dark_matter.channels import PUBLISHED_PAIRS
from core.spectra.production import Shard, make_shard, planned_shards

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


def test_a_shard_that_is_there_is_not_made_again(tmp_path):
    path = make_shard(tmp_path, Shard("numunumu", 5.0, 0), n_events=10)
    before = path.stat().st_mtime_ns
    assert make_shard(tmp_path, Shard("numunumu", 5.0, 0), n_events=10).stat().st_mtime_ns == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["numunumu_5_0.npz"]
