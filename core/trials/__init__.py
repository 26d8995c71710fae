"""Draw skies and fit them."""
