"""A fit of signal events to counts in cells, and what theory says of it."""
