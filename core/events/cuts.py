"""Event cuts: a list of named conditions on quantities of a frame, and how many events each of them leaves."""

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

import pyarrow as pa

from core.dark_matter.channels import listed
from core.errors import InputError
from core.events.quantities import quantity

Relation = Literal["present", "true where present", "==", "!=", ">=", "<=", ">", "<"]
RELATIONS: tuple[Relation, ...] = get_args(Relation)

_COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}

CUT_FLOW_SCHEMA: pa.Schema = pa.schema(
    [
        pa.field("cut", pa.string(), nullable=False),
        pa.field("condition", pa.string(), nullable=False),
        pa.field("n_before", pa.int64(), nullable=False),
        pa.field("n_missing", pa.int64(), nullable=False),
        pa.field("n_after", pa.int64(), nullable=False),
    ]
)


@dataclass(frozen=True)
class Cut:
    """A condition that an event must meet: `quantity` `relation` `threshold`.

    "present": the frame has the object. "true where present": it is true, or not there. With any other relation an
    event without the quantity fails.
    """

    name: str
    quantity: str
    relation: Relation
    threshold: float = 0.0

    def __post_init__(self) -> None:
        quantity(self.quantity)
        if self.relation not in RELATIONS:
            raise InputError(f"cut {self.name!r}: unknown relation {self.relation!r}, known are {listed(RELATIONS)}")

    @property
    def condition(self) -> str:
        """The condition in words and signs."""
        compares = self.relation in _COMPARE
        return f"{self.quantity} {self.relation}" + (f" {self.threshold:g}" if compares else "")

    def keeps(self, frame: Mapping[str, Any]) -> bool | None:
        """Tell whether an event passes; None where it fails because the quantity is missing."""
        value = quantity(self.quantity)
        if self.relation == "present":
            return True if value.is_in(frame) else None
        number = value.value_in(frame)
        if self.relation == "true where present":
            return number is None or number != 0.0
        if number is None:
            return None
        return _COMPARE[self.relation](number, self.threshold)


@dataclass
class CutFlow:
    """How many events came to each cut, were without its quantity, and passed, as events go through."""

    cuts: Sequence[Cut]
    n_before: list[int] = field(init=False)
    n_missing: list[int] = field(init=False)
    n_after: list[int] = field(init=False)

    def __post_init__(self) -> None:
        self.n_before, self.n_missing, self.n_after = ([0] * len(self.cuts) for _ in range(3))

    def keeps(self, frame: Mapping[str, Any]) -> bool:
        """Tell whether an event passes all cuts, and count it; the first that it fails ends its way."""
        for index, cut in enumerate(self.cuts):
            self.n_before[index] += 1
            is_kept = cut.keeps(frame)
            self.n_missing[index] += is_kept is None
            if not is_kept:
                return False
            self.n_after[index] += 1
        return True

    def table(self) -> pa.Table:
        """Return one row a cut: cut, condition, n_before, n_missing, n_after."""
        names = [cut.name for cut in self.cuts]
        conditions = [cut.condition for cut in self.cuts]
        columns = [names, conditions, self.n_before, self.n_missing, self.n_after]
        arrays = [pa.array(values, column.type) for values, column in zip(columns, CUT_FLOW_SCHEMA, strict=True)]
        return pa.Table.from_arrays(arrays, schema=CUT_FLOW_SCHEMA)


def total_cut_flow(tables: Sequence[pa.Table]) -> pa.Table:
    """Return the cut flow of several files that went through the same cuts; InputError if they did not."""
    if not tables:
        return CUT_FLOW_SCHEMA.empty_table()
    first = tables[0].select(["cut", "condition"])
    if any(not table.select(["cut", "condition"]).equals(first) for table in tables):
        raise InputError("the files went through different cuts: convert them with one profile")
    counts = {
        name: [sum(row) for row in zip(*(table.column(name).to_pylist() for table in tables), strict=True)]
        for name in ("n_before", "n_missing", "n_after")
    }
    return pa.table({**first.to_pydict(), **counts}, schema=CUT_FLOW_SCHEMA)
