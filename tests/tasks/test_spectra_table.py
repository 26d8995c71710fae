"""The task that generates a shard of spectra, in a process of its own."""

from pathlib import Path

import pytest

from core.spectra.production import Shard, read_shard
from tasks.spectra_table import make_spectra_shard

pytest.importorskip("pythia8mc", reason="the generator is an extra")
pytestmark = pytest.mark.slow


def test_a_shard_is_generated_once(tmp_path: Path) -> None:
    shard = Shard("numunumu", 5.0, 0)
    assert make_spectra_shard.fn(tmp_path, shard, 3) == shard.file_name()
    path = tmp_path / shard.file_name()
    before = path.stat().st_mtime_ns
    assert read_shard(path).n_events == 3
    assert make_spectra_shard.fn(tmp_path, shard, 3) == shard.file_name()
    assert path.stat().st_mtime_ns == before
