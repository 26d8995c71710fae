"""`python -m deployments.run PROFILE.toml COMMAND…`: a command of dwarfnu whose products an engine makes."""

import os
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path


def main(arguments: Sequence[str]) -> None:
    """Run the command with the engine of the profile; exit code 2 with one line if the engine cannot be had."""
    from core.errors import DwarfnuError
    from deployments.engines import engine_of, n_at_hand
    from deployments.profile import read_profile
    from flows.cli import command
    from tasks.elsewhere import working_on

    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    path, *words = arguments
    with ExitStack() as until_the_end:
        try:
            profile = read_profile(Path(path))
            engine = until_the_end.enter_context(engine_of(profile))
        except (DwarfnuError, OSError) as error:
            sys.stderr.write(f"dwarfnu: {' '.join(str(error).split())}\n")
            raise SystemExit(2) from None
        sys.argv = ["dwarfnu", *words]
        if engine is not None:
            sys.argv += ["--workers", str(n_at_hand(profile))]
            until_the_end.enter_context(working_on(engine))
        command()


if __name__ == "__main__":
    main(sys.argv[1:])
