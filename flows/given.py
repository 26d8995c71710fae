"""What a command was given, so that hints name the commands to run with the user's own file, place and seed."""

import shlex
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Given:
    """The configuration file, the place of products and the seed on a command line; None where they were left out."""

    config_file: Path | None = None
    products: str | None = None
    seed: int | None = None

    def command(self, name: str, *options: str) -> str:
        """Return a command as a person types it for the same analysis."""
        words = ["dwarfnu", name, *([] if self.config_file is None else [str(self.config_file)])]
        words += [] if self.products is None else ["--products", self.products]
        # The dashboard shows all seeds.
        words += [] if self.seed is None or name == "dashboard" else ["--seed", str(self.seed)]
        return shlex.join([*words, *options])


NOTHING_GIVEN = Given()
