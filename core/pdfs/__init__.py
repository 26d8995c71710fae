"""Probability densities of background and signal over one sky, and the cells of their ratio."""
