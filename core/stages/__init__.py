"""Which product is made, from what, and by which function: a stage is one file."""
