"""Thin tasks: the one that makes a stage's product, the one that draws a figure, and what they note of their work."""
