"""What the scripts of examples/ print and draw, for their page: `python -m docs_reference.examples [NAME ...]`."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from docs_reference.gallery import small

ROOT = Path(__file__).parents[1]
SCRIPTS = ROOT / "examples"
FOLDER = ROOT / "docs" / "examples"


def main(arguments: Sequence[str]) -> None:
    """Run the examples that are named, all without names, and keep what they print and draw."""
    FOLDER.mkdir(exist_ok=True)
    with TemporaryDirectory() as folder:
        for name in arguments or names():
            (FOLDER / f"{name}.txt").write_text(printed(name, Path(folder)), encoding="utf-8")
            drawn = Path(folder) / f"{name}.png"
            if drawn.is_file():
                (FOLDER / drawn.name).write_bytes(small(drawn.read_bytes()))


def names() -> list[str]:
    """Return the names of the examples."""
    return sorted(path.stem for path in SCRIPTS.glob("*.py"))


def printed(name: str, folder: Path) -> str:
    """Return what an example prints, run in a folder; RuntimeError with all that it says if it fails."""
    found = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    command = [sys.executable, str(SCRIPTS / f"{name}.py")]
    done = subprocess.run(  # noqa: S603 - scripts of ours
        command, cwd=folder, env=found, capture_output=True, encoding="utf-8", check=False
    )
    if done.returncode != 0:
        raise RuntimeError(f"examples/{name}.py failed:\n{done.stdout}{done.stderr}")
    return done.stdout


if __name__ == "__main__":
    main(sys.argv[1:])
