"""What annihilates or decays, and where: final states, processes, dwarf galaxies."""

from core.dark_matter.channels import CHANNELS, FLAVOURS, canonical_channel
from core.dark_matter.processes import PROCESSES, Process

__all__ = ["CHANNELS", "FLAVOURS", "PROCESSES", "Process", "canonical_channel"]
