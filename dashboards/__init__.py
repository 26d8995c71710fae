"""The Panel dashboard: reads products, draws plots to point at; paper figures are those of core.figures."""
