"""One TOML file becomes frozen, checked settings."""

from core.configuration.config import Config, read_config
from core.configuration.written import config_as_toml

__all__ = ["Config", "config_as_toml", "read_config"]
