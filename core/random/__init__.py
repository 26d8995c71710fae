"""Random numbers that follow from (seed, label, index) alone."""
