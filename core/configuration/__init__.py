"""One TOML file becomes frozen, checked settings."""

from core.configuration.config import Config, config_as_toml, read_config

__all__ = ["Config", "config_as_toml", "read_config"]
