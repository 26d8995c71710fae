"""Random numbers that follow from (seed, label, index) alone."""

from core.random.streams import stream_seed

__all__ = ["stream_seed"]
