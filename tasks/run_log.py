"""What the tasks of this process did and when: for the progress line, the closing summary and the share of Prefect."""

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock


@dataclass(frozen=True)
class Entry:
    """One task: its product, its outcome, and the clock (s) when its body began and ended."""

    stage: str
    name: str
    outcome: str
    begin: float
    end: float


@dataclass
class RunLog:
    """All entries since the process began; `listener` hears of them one by one, `expected` counts products by stage."""

    entries: list[Entry] = field(default_factory=list)
    expected: dict[str, int] = field(default_factory=dict)
    listener: Callable[[Entry], None] | None = None
    _lock: Lock = field(default_factory=Lock)

    def expect(self, stage: str, n_products: int) -> None:
        """Say how many products a stage is about to make or find."""
        self.expected[stage] = n_products

    def note(self, stage: str, name: str, outcome: str, begin: float, end: float) -> None:
        """Add what one task did."""
        entry = Entry(stage, name, outcome, begin, end)
        with self._lock:
            self.entries.append(entry)
            if self.listener is not None:
                self.listener(entry)

    def busy_time(self) -> float:
        """Return the time (s) in which at least one task was at work."""
        total, until = 0.0, float("-inf")
        for entry in sorted(self.entries, key=lambda entry: entry.begin):
            total += max(0.0, entry.end - max(entry.begin, until))
            until = max(until, entry.end)
        return total


RUN_LOG = RunLog()
