"""The pickles of the published analysis, read without running them."""

from core.legacy.pickles import load_pickled

__all__ = ["load_pickled"]
