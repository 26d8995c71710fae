"""How fast trials are, measured against the published loop and against plain numpy: `python -m benchmarks`."""
