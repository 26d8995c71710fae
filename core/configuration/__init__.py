"""One TOML file becomes frozen, checked settings."""
