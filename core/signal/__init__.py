"""Expected signal events: flux, acceptance, windows in energy."""
