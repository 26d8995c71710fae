"""A word of the glossary: what a column holds, in which type and unit."""

from dataclasses import dataclass

import pyarrow as pa

STRING, INTEGER, REAL, FLAG = pa.string(), pa.int64(), pa.float64(), pa.bool_()
REALS = pa.list_(pa.float64())
INTEGERS = pa.list_(pa.int64())


@dataclass(frozen=True)
class Column:
    """One word of the glossary: Arrow type, unit ("" for a pure number or a text), meaning."""

    name: str
    dtype: pa.DataType
    unit: str
    meaning: str
