"""Dark matter as it is looked for: final states, processes, and the galaxies that hold it."""
