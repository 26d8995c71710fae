"""What annihilates or decays, and where: final states, processes, dwarf galaxies."""
