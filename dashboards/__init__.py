"""The Panel dashboard: reads products, draws with core.figures."""
