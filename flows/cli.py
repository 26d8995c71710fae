"""The `dwarfnu` command: runs the analysis, says how fresh its products are, opens the dashboard.

Exit code 0: what was asked for exists. 2: something in the input must be mended, said in one line. 1: products failed.
"""

import atexit
import contextlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from core.errors import DwarfnuError
from flows.child import check_workers, run_child, run_on_engine
from flows.cli_cluster import cluster_commands
from flows.cli_export import export
from flows.cli_figures import figures, report
from flows.cli_inputs import inspect
from flows.cli_observed import certify, unblind
from flows.cli_options import (
    AllowIncomplete,
    Analysis,
    ConfigFile,
    Engine,
    Into,
    Only,
    OnlyFailed,
    Pairs,
    Parts,
    Products,
    Profile,
    Seed,
    Verbose,
    Verify,
    Workers,
    configured,
)
from flows.cli_tables import response_commands, spectra_commands
from flows.given import Given
from flows.progress import keep_matplotlib_quiet, show_what_can_be_shown, take_names_as_utf8, wide_console

if TYPE_CHECKING:
    pass

# What the command line itself refuses; typer names the parent of its errors differently from release to release.
USAGE_ERROR: Any = typer.BadParameter.__bases__[0]

app = typer.Typer(
    name="dwarfnu",
    help="Search dwarf galaxies for neutrinos from annihilating dark matter.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

app.add_typer(spectra_commands, name="spectra")
app.add_typer(response_commands, name="response")
app.add_typer(cluster_commands, name="cluster")


def _print_version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        print(f"dwarfnu {version('dwarfnu')}")
        raise typer.Exit


@app.callback()
def dwarfnu(
    _: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Say which release this is.")
    ] = False,
) -> None:
    """Search dwarf galaxies for neutrinos from annihilating dark matter."""


@app.command()
def run(
    config_file: ConfigFile = None,
    products: Products = None,
    seed: Seed = None,
    workers: Workers = None,
    verbose: Verbose = False,
    verify: Verify = False,
    only: Only = None,
    pair: Pairs = None,
    parts: Parts = None,
    only_failed: OnlyFailed = False,
    allow_incomplete: AllowIncomplete = False,
    engine: Engine = None,
    print_config: Annotated[
        bool, typer.Option("--print-config", help="Only show every setting, its meaning and value.")
    ] = False,
) -> None:
    """Run the whole analysis; what stands already is not made again."""
    config = configured(config_file, products=products, seed=seed)
    if print_config:
        from core.configuration.written import config_as_toml

        print(config_as_toml(config.model_copy(update={"products": _whole_place(config.product_root)})), end="")
        return
    if engine is not None:
        check_workers(workers)
        what = {"only": only, "pair": pair, "parts": parts, "only_failed": only_failed}
        how = {"verbose": verbose, "verify": verify, "allow_incomplete": allow_incomplete}
        raise typer.Exit(run_on_engine(engine, "run", config_file, products=products, seed=seed, **what, **how))
    from core.stages.selection import selection_of
    from flows.command_run import run_analysis

    selection = selection_of(
        config,
        only=only or (),
        pairs=pair or (),
        parts=parts,
        only_failed=only_failed,
        allow_incomplete=allow_incomplete,
    )
    given = Given(config_file, products, seed)
    raise typer.Exit(run_analysis(config, "analysis", workers, verbose, verify, selection, given))


@app.command()
def plan(
    config_file: ConfigFile = None,
    products: Products = None,
    seed: Seed = None,
    workers: Workers = None,
    verify: Verify = False,
) -> None:
    """Say what `run` would make and why, and what it takes: CPU time, memory and disk, by stage. Nothing is made."""
    config = configured(config_file, products=products, seed=seed)
    from flows.command_plan import print_plan

    print_plan(config, Given(config_file, products, seed), workers, verify)


@app.command()
def ingest(
    config_file: Annotated[Path, typer.Argument(metavar="CONFIG.toml", help='Configuration with sample = "own".')],
    products: Products = None,
    seed: Seed = None,
    workers: Workers = None,
    verbose: Verbose = False,
    strict: Annotated[bool, typer.Option("--strict", help="Fail on a damaged file or a broken event.")] = False,
) -> None:
    """Bring in an own event sample: i3, skylab or Parquet files to events, livetimes and accounts."""
    config = configured(config_file, products=products, seed=seed)
    if strict:
        config = config.model_copy(update={"events": config.events.model_copy(update={"strict": True})})
    from flows.command_ingest import run_ingest

    raise typer.Exit(run_ingest(config, workers, verbose))


@app.command()
def trials(
    config_file: ConfigFile = None,
    products: Products = None,
    seed: Seed = None,
    workers: Workers = None,
    verbose: Verbose = False,
    pair: Pairs = None,
    parts: Parts = None,
    only_failed: OnlyFailed = False,
    engine: Engine = None,
) -> None:
    """Make background and signal trials, and what they need, and stop there."""
    config = configured(config_file, products=products, seed=seed)
    if engine is not None:
        check_workers(workers)
        what = {"pair": pair, "parts": parts, "only_failed": only_failed, "verbose": verbose}
        raise typer.Exit(run_on_engine(engine, "trials", config_file, products=products, seed=seed, **what))
    from core.stages.selection import selection_of
    from flows.command_run import run_analysis

    selection = selection_of(config, pairs=pair or (), parts=parts, only_failed=only_failed)
    given = Given(config_file, products, seed)
    raise typer.Exit(run_analysis(config, "trials", workers, verbose, selection=selection, given=given))


@app.command()
def limits(
    config_file: ConfigFile = None,
    products: Products = None,
    seed: Seed = None,
    analysis: Analysis = None,
    asimov: Annotated[
        bool, typer.Option("--asimov", help="What is expected from the densities, without trials.")
    ] = False,
    pair: Annotated[str | None, typer.Option(help="Only this pair, such as tautau/20.")] = None,
    csv: Annotated[bool, typer.Option("--csv", help="As CSV: every column, a row a pair.")] = False,
    json: Annotated[bool, typer.Option("--json", help="As JSON: every column, an object a pair.")] = False,
    latex: Annotated[bool, typer.Option("--latex", help="As a table of LaTeX.")] = False,
) -> None:
    """Print the sensitivities that stand, in the table with which `run` ends or as other programs read them."""
    config = configured(config_file, products=products, seed=seed, analysis=analysis)
    from core.products.store import ProductStore
    from flows.closing_table import print_closing_table
    from flows.command_import import print_imported
    from flows.command_limits import form_of, print_rows

    form = form_of(csv, json, latex)
    store = ProductStore(config.product_root, config.analysis)
    if asimov:
        from flows.command_asimov import print_asimov

        print_asimov(config, store, wide_console())
    elif form is not None or pair is not None:
        print_rows(config, store, form or "table", pair)
    elif not print_imported(store, wide_console()):
        store.read("sensitivity", columns=["channel"], seed=config.seed)
        print_closing_table(config, store, wide_console(), Given(config_file, products, seed))
    store.memory.save()


@app.command("import")
def import_files(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Files of the published analysis.")],
    kind: Annotated[str | None, typer.Option(help="Kind of all files, where their content does not tell it.")] = None,
    channel: Annotated[str | None, typer.Option(help="Channel of trials.")] = None,
    mass: Annotated[float | None, typer.Option(help="Mass (GeV) of trials.")] = None,
    n_injected: Annotated[int | None, typer.Option(min=0, help="Injected events of trials that do not say it.")] = None,
    j_type: Annotated[
        str, typer.Option(help="J factors of a source list: 0.1, 0.2, 0.5, 10 (deg), max or min.")
    ] = "0.5",
    analysis: Annotated[str, typer.Option(help="Name under which the products stand.")] = "published",
    products: Products = None,
) -> None:
    """Take in the published analysis' own files as products: sources, spectra, densities, trials, cross sections."""
    config = configured(None, products=products, analysis=analysis)
    from core.products.store import ProductStore
    from core.published.file_types import Declared
    from flows.command_import import import_published

    declared = Declared(kind, channel, mass, n_injected, j_type)
    import_published(paths, declared, ProductStore(config.product_root, config.analysis), wide_console())


@app.command()
def status(
    config_file: ConfigFile = None,
    products: Products = None,
    seed: Seed = None,
    why: Annotated[bool, typer.Option("--why", help="Say why of every product that would be made again.")] = False,
    verify: Verify = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Say why, for every product.")] = False,
) -> None:
    """Say of every product whether it is fresh, stale, missing or failed."""
    config = configured(config_file, products=products, seed=seed)
    from flows.command_status import Detail, print_status

    detail = Detail.ALL if verbose else Detail.WHY if why else Detail.COUNTS
    print_status(config, detail, verify, Given(config_file, products, seed))


@app.command()
def dashboard(
    config_file: ConfigFile = None,
    products: Products = None,
    analysis: Analysis = None,
    port: Annotated[int, typer.Option(help="Port; 0 takes a free one.")] = 5006,
    address: Annotated[
        str, typer.Option(help="Address to listen on; other machines only see it on another one.")
    ] = "127.0.0.1",
    basic_auth: Annotated[
        str | None, typer.Option(help="A password, or a JSON file of passwords by name, that visitors give.")
    ] = None,
    allow_websocket_origin: Annotated[
        list[str] | None,
        typer.Option(metavar="HOST:PORT", help="Another address under which browsers reach it, behind a proxy say."),
    ] = None,
) -> None:
    """Open the dashboard: limits, trials, densities, events, and where each number is from, in the browser.

    Without a configuration or the name of an analysis all analyses of the products can be chosen.
    """
    config = configured(config_file, products=products, analysis=analysis)
    options = ["--port", str(port), "--address", address]
    options += ["--all-analyses"] if config_file is None and analysis is None else []
    if config_file is not None:
        given = Given(config_file, products).command("run").removeprefix("dwarfnu run ")
        options += ["--config", str(config_file), f"--given={given}"]
    options += [] if basic_auth is None else [f"--basic-auth={basic_auth}"]
    options += [f"--allow-websocket-origin={origin}" for origin in allow_websocket_origin or []]
    raise typer.Exit(run_child("dashboards", config, *options))


@app.command()
def serve(
    config_file: ConfigFile = None,
    products: Products = None,
    port: Annotated[
        int, typer.Option(min=1, max=65535, help="Port of the Prefect server on the loopback address.")
    ] = 4200,
    home: Annotated[
        Path | None, typer.Option(help="Folder for the server's database; default: .prefect under the products.")
    ] = None,
    dashboard: Annotated[
        str, typer.Option(metavar="URL", help="Where the dashboard is, to which runs leave a link.")
    ] = "http://127.0.0.1:5006",
) -> None:
    """Start a Prefect server and a worker on this machine, with every flow deployed, until interrupted.

    Where PREFECT_API_URL names a server, the flows are deployed there.
    """
    config = configured(config_file, products=products)
    settings = [] if config_file is None else ["--config", str(config_file)]
    settings += [] if home is None else ["--home", str(home.absolute())]
    raise typer.Exit(run_child("deployments", config, "--port", str(port), "--dashboard", dashboard, *settings))


@app.command()
def submit(
    config_file: ConfigFile = None,
    products: Products = None,
    seed: Seed = None,
    profile: Profile = None,
    into: Into = Path("jobs"),
) -> None:
    """Write job scripts of SLURM or HTCondor that make the trials that are missing; `run` then collects them."""
    config = configured(config_file, products=products, seed=seed)
    options = ["--into", str(into)]
    options += [] if config_file is None else ["--config", str(config_file)]
    options += [] if seed is None else ["--seed", str(seed)]
    options += [] if profile is None else ["--profile", str(profile)]
    raise typer.Exit(run_child("deployments.submit", config, *options))


app.command()(inspect)
app.command()(unblind)
app.command()(certify)
app.command()(export)
app.command()(figures)
app.command()(report)


def _whole_place(root: str) -> str:
    return root if "://" in root else str(Path(root).absolute())


def main() -> None:
    """Run the command line; an error that the user can mend is one line and exit code 2."""
    # Tasks run side by side on all cores: threads inside one small matrix product only get in their way.
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    show_what_can_be_shown()
    keep_matplotlib_quiet()
    try:
        code = app(prog_name=app.info.name, standalone_mode=False)
    except USAGE_ERROR as error:
        _refuse(error.format_message())
    except typer.Abort:
        raise SystemExit(1) from None
    except (DwarfnuError, OSError) as error:
        _refuse(str(error) or type(error).__name__)
    raise SystemExit(code)


def _refuse(message: str) -> NoReturn:
    # A group of commands without one is answered with its help, as it is.
    is_help = message.startswith("Usage: ")
    print(message if is_help else f"dwarfnu: {' '.join(message.split())}", file=sys.stderr)
    raise SystemExit(2)


def command() -> None:
    """Run the command line as a process of its own, which ends as soon as all that is asked for at exit is done.

    Prefect's daemon threads live on while Python tears itself down, and what C++ libraries then find amiss ends the
    process by SIGABRT after all its work: one run in a hundred on a busy machine ("terminate called without an active
    exception"). So nothing is torn down.
    """
    take_names_as_utf8()
    ending: list[int] = []
    atexit.register(_end_at_once, ending)  # the first that is registered is the last that runs
    try:
        main()
    except SystemExit as end:
        ending.append(end.code if isinstance(end.code, int) else int(end.code is not None))
        raise


def _end_at_once(ending: list[int]) -> None:
    """End the process with the exit code that is known; without one, after an exception, leave it to Python."""
    if ending:
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError):  # who reads it may have gone
                stream.flush()
        os._exit(ending[0])


if __name__ == "__main__":
    command()
