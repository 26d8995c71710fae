"""The pickles of the published analysis, read without running them."""
