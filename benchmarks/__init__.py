"""How fast trials are, against the published loop and plain numpy, and how fast event files are read."""
