"""Keep a table with all that made it, and judge whether it is fresh."""
