"""All shipped files of the public sample, made anew from the release in one call."""

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from core.response.folded import SHIPPED_FOLDED_RESPONSE
from core.response.hyperplanes import SHIPPED_HYPERPLANES
from core.response.muons import SHIPPED_MUONS
from core.response.rebuilding import write_shipped_files

pytestmark = pytest.mark.slow


def test_every_shipped_file_is_written_beside_the_response(real_data: Path, tmp_path: Path) -> None:
    written = write_shipped_files(real_data / "icecube_3y", tmp_path / "response.parquet")
    shipped = (SHIPPED_FOLDED_RESPONSE, SHIPPED_HYPERPLANES, SHIPPED_MUONS)
    assert [path.name for path in written] == ["response.parquet", *(path.name for path in shipped)]
    for path, ours in zip(written[1:], shipped, strict=True):
        made, here = pq.read_table(path), pq.read_table(ours)
        assert made.column_names == here.column_names
        assert made.num_rows == here.num_rows
