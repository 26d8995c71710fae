"""The command in twelve environments that people have: `uv run python -m benchmarks.hostile_environments [NAME ...]`.

In each the shortest analysis that goes the whole way either ends well, with its table and figures, or says in one line
within 10 s what is missing, with exit code 2. `--tests PATH ...` runs these tests in each environment too. Mounts
(what is read-only, what is not there) are made in a namespace of their own: nothing of the machine changes.
"""

import os
import resource
import shlex
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from benchmarks.measure import markdown, processor, recorded_rows, significant, write_part

HEADING = "# In twelve hostile environments"
TREE = Path(__file__).parents[1]
PACKAGES = ("core", "tasks", "flows", "dashboards", "deployments")
NOBODY = 65534
PATIENCE = 10.0  # s within which a run that cannot be says so
DEAD = "http://127.0.0.1:9"  # the port of a service that nobody runs
ANALYSIS = """
products = "products"
[pairs]
tautau = [20]
[trials]
n_background = 200
n_signal = 100
"""
Variables = Mapping[str, str | None]


@dataclass(frozen=True)
class Environment:
    """What differs from a newcomer's machine; texts may name {home}, {work}, {tree} and {python}.

    variables: of the environment, None takes one away. files: text by path. mounts: commands of a shell, as root of a
    namespace of mounts. tree: the folder's name where the source lies, None for where it is. user: who runs it, by
    number; None: who runs this.
    """

    name: str
    variables: Variables = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    mounts: tuple[str, ...] = ()
    tree: str | None = None
    user: int | None = None


# Nothing can be changed beside the source, in the home or in its cache.
READ_ONLY = tuple(f"mount --bind {place} {place} && mount -o remount,bind,ro {place}" for place in ("{home}", "{tree}"))
ENVIRONMENTS = (
    Environment(
        "proxy",
        {name: DEAD for way in ("http", "https", "all") for name in (f"{way}_proxy", f"{way.upper()}_PROXY")},
    ),
    Environment(
        "Prefect profile",
        {"PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "false"},
        {
            "{home}/.prefect/profiles.toml": f'active = "mine"\n[profiles.mine]\nPREFECT_API_URL = "{DEAD}/api"\n',
            "{work}/prefect.toml": f'[api]\nurl = "{DEAD}/api"\n',
        },
    ),
    Environment("PREFECT_HOME a file", {"PREFECT_HOME": "{home}/prefect"}, {"{home}/prefect": ""}),
    Environment("HOME unset", {"HOME": None}),
    Environment("read-only home, cache and source", mounts=READ_ONLY),
    Environment(
        "usetex",
        {"MPLBACKEND": "TkAgg", "DISPLAY": None},
        {
            "{home}/.config/matplotlib/matplotlibrc": "text.usetex: True\nfont.size: 40\n",
            "{work}/matplotlibrc": "text.usetex: True\nbackend: TkAgg\n",
        },
    ),
    Environment("latin-1", {"PYTHONIOENCODING": "latin-1", "LC_ALL": "de_DE.ISO-8859-1", "PYTHONUTF8": "0"}),
    Environment("LC_ALL=C", {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}),
    Environment("no /dev/shm", mounts=("mount -t tmpfs -o ro,mode=000 nothing /dev/shm",)),
    Environment("TMPDIR missing", {"TMPDIR": "{work}/nowhere"}),
    Environment("a path with spaces and umlauts", tree="Für Übungen, 2. Ordner"),
    Environment("an unprivileged user", {"HOME": "/nonexistent"}, user=NOBODY),
)


class Outcome(NamedTuple):
    """How a command ended in an environment: rc, CPU and clock (s), what it said, and whether that is right."""

    code: int
    cpu: float
    clock: float
    said: str
    errors: str
    is_right: bool

    @property
    def in_words(self) -> str:
        """What is told of it in a table."""
        if self.code == 0 and self.is_right:
            return "ends well"
        return f"{'' if self.is_right else 'FAULT: '}rc {self.code}: {(self.errors or self.said).strip()[-300:]}"


def together(name: str, environments: Sequence[Environment]) -> Environment:
    """Return an environment with the troubles of several at once; of what they say of one thing, the last counts."""
    of = [environment for environment in environments if environment.tree is not None or environment.user is not None]
    return Environment(
        name,
        {name: value for environment in environments for name, value in environment.variables.items()},
        {path: text for environment in environments for path, text in environment.files.items()},
        tuple(mount for environment in environments for mount in environment.mounts),
        next((environment.tree for environment in of if environment.tree is not None), None),
        next((environment.user for environment in of if environment.user is not None), None),
    )


# Those that a user sets up, and those that are the machine's.
OF_USER = (*ENVIRONMENTS[:3], *ENVIRONMENTS[5:8], *ENVIRONMENTS[9:11])
OF_MACHINE = (ENVIRONMENTS[11], ENVIRONMENTS[4], ENVIRONMENTS[8], ENVIRONMENTS[3])
AT_ONCE = (together("all that a user sets up", OF_USER), together("all that is the machine's", OF_MACHINE))


def run_in(environment: Environment, folder: Path, *arguments: str) -> Outcome:
    """Run a command of Python in an environment that is made in an empty folder, and judge how it ends."""
    places = made_places(environment, folder)
    before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(
        command_in(environment, places, [places["python"], *arguments]),
        env=variables_in(environment, places),
        cwd=places["work"],
        capture_output=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    after, clock = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter() - begin
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    said, errors = (stream.decode(errors="replace") for stream in (done.stdout, done.stderr))
    ends_well = done.returncode == 0 and not errors.strip()
    is_refused = done.returncode == 2 and len(errors.strip().splitlines()) == 1 and clock < PATIENCE
    return Outcome(done.returncode, cpu, clock, said, errors, ends_well or is_refused)


def made_places(environment: Environment, folder: Path) -> dict[str, str]:
    """Make home, work folder and source of an environment, and return where they are."""
    tree = TREE if environment.tree is None else folder / environment.tree
    inside = folder if environment.tree is None else tree
    places = {"home": str(inside / "home"), "work": str(inside / "work"), "tree": str(tree), "python": sys.executable}
    if environment.tree is not None:
        for package in PACKAGES:
            shutil.copytree(TREE / package, tree / package)
    for place in ("home", "work"):
        Path(places[place]).mkdir(parents=True)
    files = {"{work}/analysis.toml": ANALYSIS, **environment.files}
    for path, text in files.items():
        file = Path(path.format(**places))
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    if environment.user is not None:
        for parent in (folder, *folder.rglob("*")):
            os.chown(parent, environment.user, environment.user, follow_symlinks=False)
    return places


def variables_in(environment: Environment, places: Mapping[str, str]) -> dict[str, str]:
    """Return the variables of a command: a newcomer's, with what the environment changes."""
    newcomers: dict[str, str | None] = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "HOME": places["home"]}
    changed = newcomers | {"PYTHONPATH": places["tree"]} | dict(environment.variables)
    return {name: value.format(**places) for name, value in changed.items() if value is not None}


def command_in(environment: Environment, places: Mapping[str, str], command: Sequence[str]) -> list[str]:
    """Return a command with what makes its mounts and changes its user around it."""
    mounts = [
        mount.format(**{name: shlex.quote(place) for name, place in places.items()}) for mount in environment.mounts
    ]
    inner = list(command)
    if environment.user is not None and os.getuid() == 0:
        mounts += visible_python()
        inner = ["setpriv", f"--reuid={environment.user}", f"--regid={environment.user}", "--clear-groups", *inner]
    if not mounts:
        return inner
    # The folder is entered again: what is mounted now may lie over it.
    steps = [*mounts, f"cd {shlex.quote(places['work'])}", f"exec {shlex.join(inner)}"]
    return ["unshare", "--mount", *([] if os.getuid() == 0 else ["--map-root-user"]), "sh", "-c", " && ".join(steps)]


def visible_python() -> list[str]:
    """Return mounts that let everybody reach the interpreter, where it lies in a folder of one user."""
    base = Path(sys.base_prefix).resolve()
    private = [folder for folder in reversed(base.parents) if not folder.stat().st_mode & stat.S_IXOTH]
    if not private:
        return []
    hidden, whole = shlex.quote(str(private[0])), shlex.quote(str(base))
    keep = shlex.quote(tempfile.mkdtemp(prefix="dwarfnu-python-"))
    return [
        f"mount --bind {whole} {keep}",
        f"mount -t tmpfs -o mode=755 nothing {hidden}",
        f"mkdir -p {whole}",
        f"mount --bind {keep} {whole}",
    ]


def lacks(environment: Environment) -> str | None:
    """Return what this machine lacks to make an environment, None if nothing."""
    if environment.user is not None and os.getuid() != 0:
        return None if os.getuid() != 0 and not environment.mounts else "root, to become another user"
    if not environment.mounts and environment.user is None:
        return None
    if shutil.which("unshare") is None:
        return "unshare"
    probe = ["unshare", "--mount", *([] if os.getuid() == 0 else ["--map-root-user"]), "true"]
    return None if subprocess.run(probe, capture_output=True, check=False).returncode == 0 else "namespaces of mounts"


def measured(environment: Environment, *arguments: str, also: Callable[[Path], bool] | None = None) -> Outcome:
    """Run a command in an environment in a folder of its own; `also`: what holds of it where the command ends well."""
    with tempfile.TemporaryDirectory(prefix="dwarfnu-hostile-") as folder:
        Path(folder).chmod(0o755)
        outcome = run_in(environment, Path(folder), *arguments)
        return outcome if also is None or outcome.code or also(Path(folder)) else outcome._replace(is_right=False)


def has_ended_well(folder: Path) -> bool:
    """Return whether the products of an analysis, and its first figure, stand."""
    return any(folder.rglob("products/public-3y/figures/limits.png"))


def record_of(rows: Mapping[str, list[str]]) -> str:
    """Return the record with a row for each environment."""
    return (
        f"{HEADING}\n\n"
        "Made by `uv run python -m benchmarks.hostile_environments`: `dwarfnu run` of one pair with few trials, the\n"
        "whole way to table and figures. Either it ends well and says nothing on stderr, or it says in one line\n"
        "within 10 s what is missing. The clock is that of a machine as busy as it was. All that a user sets up are\n"
        f"{', '.join(one.name for one in OF_USER)};\n"
        f"all that is the machine's: {', '.join(one.name for one in OF_MACHINE)}.\n\n"
        f"{processor()}; {datetime.now(UTC):%Y-%m-%d}.\n\n"
        + markdown(["environment", "outcome", "CPU s", "s on the clock"], list(rows.values()))
    )


def row_of(environment: Environment, tests: Sequence[str] = ()) -> tuple[list[str], bool]:
    """Return the row of the record that an environment has, and whether all was right in it."""
    if (lacking := lacks(environment)) is not None:
        return [environment.name, f"not run: lacks {lacking}", "", ""], True
    outcome = measured(environment, "-m", "flows.cli", "run", "analysis.toml", also=has_ended_well)
    outcomes = [outcome]
    if tests:
        paths = [str(TREE / path) for path in tests]
        outcomes.append(measured(environment, "-m", "pytest", "-q", "-p", "no:cacheprovider", *paths))
    words = "; tests: ".join(found.in_words.replace("|", "/").replace("\n", " ") for found in outcomes)
    row = [environment.name, words, significant(outcome.cpu), significant(outcome.clock)]
    return row, all(found.is_right for found in outcomes)


def main(arguments: list[str]) -> int:
    """Run the analysis in each environment, or in those named, and put their rows into the record."""
    at = arguments.index("--tests") if "--tests" in arguments else len(arguments)
    names, tests = arguments[:at], arguments[at + 1 :]
    has_failed = False
    for environment in (*ENVIRONMENTS, *AT_ONCE):
        if not names or environment.name in names:
            row, is_right = row_of(environment, tests)
            has_failed |= not is_right
            write_part(record_of(recorded_rows(HEADING) | {environment.name: row}))
            print(*row, sep=" | ", flush=True)
    return int(has_failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
