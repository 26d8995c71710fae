"""`python -m deployments.submit`: write job scripts that make the trials of an analysis on a batch system."""

import argparse
import shlex
import sys
from pathlib import Path

from core.configuration.config import read_config
from core.errors import DwarfnuError
from core.products.store import ProductStore
from deployments.profile import read_profile
from deployments.submission import grouped, job_files, missing_parts


def main() -> int:
    """Write the files and say how they are submitted; exit code 2 with one line if that cannot be."""
    given = _parser().parse_args()
    try:
        sys.stdout.write(written(given))
    except (DwarfnuError, OSError) as error:
        sys.stderr.write(f"dwarfnu: {' '.join(str(error).split())}\n")
        return 2
    return 0


def written(given: argparse.Namespace) -> str:
    """Write the files of a submission and return what to do with them."""
    root = given.root if "://" in given.root else str(Path(given.root).absolute())
    config = read_config(None if given.config is None else given.config.absolute(), products=root, seed=given.seed)
    profile = read_profile(given.profile)
    parts = missing_parts(config, ProductStore(root, config.analysis))
    groups = grouped(parts, profile.shards_per_job)
    place = [] if given.config is None else [str(given.config.absolute())]
    seed = [] if given.seed is None else ["--seed", str(given.seed)]
    program = ["dwarfnu"] if profile.container else [sys.executable, "-m", "flows.cli"]
    command = shlex.join([*program, "trials", *place, "--products", root, *seed])
    files = job_files(profile, command, groups, given.into)
    given.into.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        path = given.into / name
        path.write_text(text, encoding="utf-8")
        if name.endswith(".sh"):
            path.chmod(0o755)
    collect = shlex.join(["dwarfnu", "run", *place, "--products", root, *seed])
    return (
        f"{len(parts)} parts of trials in {len(groups)} jobs: submit them with `bash {given.into / 'submit.sh'}`; "
        f"`{collect}` collects what they have made\n"
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m deployments.submit", description=__doc__)
    parser.add_argument("--root", required=True, help="folder or URL of the products, which all nodes see")
    parser.add_argument("--analysis", help="name of the analysis, as its configuration says")
    parser.add_argument("--config", type=Path, help="configuration; default: the public one")
    parser.add_argument("--seed", type=int, help="seed of all random numbers")
    parser.add_argument("--profile", type=Path, help="TOML file with what the batch system is asked for")
    parser.add_argument("--into", type=Path, required=True, help="folder for the job scripts and their logs")
    return parser


if __name__ == "__main__":
    sys.exit(main())
