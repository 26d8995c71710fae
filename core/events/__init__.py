"""Event samples: what was measured, what was simulated."""
