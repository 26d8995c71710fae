"""Figures of the analysis: tables in, a matplotlib Figure out. Nothing here reads a file, saves one or keeps state."""
