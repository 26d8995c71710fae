"""Expected signal events: flux, acceptance, windows in energy."""

from core.signal.acceptance import source_acceptance
from core.signal.expected_signal import ExpectedSignal, expected_signal

__all__ = ["ExpectedSignal", "expected_signal", "source_acceptance"]
