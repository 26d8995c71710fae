"""Likelihoods in the HDF5 layout of LklCom: a table /collaboration/source/channel/data for each.

Its columns are `masses` (float32) and `ts_values` (float32, one a strength). In row 0 stand log10 J and the strengths
in ascending order, in each other row a mass (GeV) and -2ΔlnL at these strengths. As `write_to_lklcom` of
likelihood_combiner/io.py has it (github.com/TjarkMiener/likelihood_combiner).
"""

import io
from collections.abc import Mapping, Sequence

import numpy as np

from core.export.likelihood_tables import LikelihoodTable, plain_word


def lklcom_bytes(tables: Sequence[LikelihoodTable], collaboration: str, attributes: Mapping[str, object]) -> bytes:
    """Return the file of some tables; `attributes`: what the root says of the file, as texts.

    Strengths below 1e-38, the least that its numbers hold, would be lost.
    """
    import h5py

    content = io.BytesIO()
    with h5py.File(content, "w") as file:
        file.attrs["TITLE"] = "LklCom database"
        for name, value in attributes.items():
            file.attrs[name] = "; ".join(map(str, value)) if isinstance(value, list) else str(value)
        for table in tables:
            path = "/".join(plain_word(part) for part in (collaboration, table.source, table.channel))
            group = file.require_group(path)
            rows = _rows(table)
            group.create_dataset("data", data=rows, maxshape=(None,), chunks=(len(rows),))
    return content.getvalue()


def _rows(table: LikelihoodTable) -> np.ndarray:
    """Return the rows of a table, its strengths turned to ascend."""
    columns = np.dtype([("masses", np.float32), ("ts_values", np.float32, (len(table.strengths),))])
    rows = np.empty(1 + len(table.masses), dtype=columns)
    rows["masses"] = [table.log10_factor, *table.masses]
    rows["ts_values"][0] = table.strengths[::-1]
    rows["ts_values"][1:] = table.falls[::-1].T
    return rows
