"""The published analysis' own files (arXiv:2511.19385), read into products of ours: one reader a kind of file."""
