"""Thin tasks: each reads products, calls one function of core and writes one product."""
