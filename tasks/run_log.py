"""What the tasks of this process did and when: for the progress line and the profile of a run."""

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock


@dataclass(frozen=True)
class Entry:
    """One product or figure: its outcome, when it began and ended on the clock (s), CPU time, and the store's in it."""

    stage: str
    name: str
    outcome: str
    begin: float
    end: float
    cpu: float = 0.0
    in_store: float = 0.0


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

    def note(self, entry: Entry) -> None:
        """Add what became of one product or figure."""
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
