"""From trials to numbers: sensitivities, bands, discovery potentials."""
