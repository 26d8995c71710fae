"""Samples of events that are drawn instead of measured."""
