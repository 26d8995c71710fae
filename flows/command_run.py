"""What `dwarfnu run` does around a flow: checks first, progress meanwhile, a table and the files' places at the end."""

from collections.abc import Callable, Sequence
from time import perf_counter
from types import ModuleType
from typing import Any

from rich.console import Console

from core.configuration.config import Config
from core.dark_matter.processes import PROCESSES
from core.dark_matter.sources import catalogue_path, check_directions, read_catalogue, select_sources
from core.errors import PhysicsError
from core.pdfs.one_sky import energies_in_window
from core.products.recipe import State
from core.products.room import in_bytes
from core.products.store import ProductStore
from core.spectra.configured import ChannelSpectra
from core.stages.event_checks import check_events
from core.stages.figures import figure_recipes
from core.stages.figures.figure import FigureKinds
from core.stages.pairs import refused_pairs
from core.stages.plan import plan_of, trial_stages
from core.stages.registry import EVENT_STAGES, STAGES, recipes
from core.stages.samples import sample_bins, sample_of
from core.stages.selection import ALL, Selection, check_complete, pair_of
from flows.closing_table import print_closing_table
from flows.command_status import states_by_stage
from flows.given import NOTHING_GIVEN, Given
from flows.prefect_settings import prefect_at_hand, prepare_prefect
from flows.progress import shown_progress, wide_console
from flows.time_spent import print_time_spent
from flows.weighing import check_weight, in_time, warnings
from tasks.run_log import RUN_LOG

# An analysis that has none of these is not made yet; what is brought in of a sample may have no good runs, or no data.
NEVER_EMPTY = (
    *(name for name, stage in STAGES.items() if name not in EVENT_STAGES and stage.command == "run"),
    "figures",
)


def run_analysis(
    config: Config,
    flow_name: str,
    n_workers: int | None,
    verbose: bool,
    verify: bool = False,
    selection: Selection = ALL,
    given: Given = NOTHING_GIVEN,
) -> int:
    """Run a flow by name (analysis or trials) and return the exit code: 0, or 1 if products failed.

    `verify`: files that have not changed since they were verified are read again all the same. `selection`: what is
    made. `given`: what hints name.

    Raises DwarfnuError before anything is written if the input cannot be meant, what named stages need does not stand,
    or the products have no place or no room; and PhysicsError at the end if the sample serves none of the pairs that
    are asked for.
    """
    begin = perf_counter()
    store = checked_store(config)
    if verify:
        store.memory.forget()
    check_complete(config, store, selection)
    prepare_prefect(n_workers, "CRITICAL", verbose=verbose)
    console = wide_console()
    failure = None
    if (takes := _what_it_takes(console, config, store, flow_name, n_workers, selection)) is None:
        console.print("nothing to do: every product that is asked for is fresh", markup=False)
    else:
        store.check_writable()
        console.print(f"dwarfnu {config.analysis}, seed {config.seed}: {takes}starting Prefect", markup=False)
        failure = _run_with_progress(console, config, flow_name, selection)
        remember_what_tasks_saw(config)
    if flow_name == "analysis" and not selection.only:
        print_closing_table(config, store, console, given)
    store.memory.save()
    if verbose:
        print_time_spent(console, RUN_LOG, perf_counter() - begin)
    if failure is not None:
        Console(stderr=True, soft_wrap=True).print(f"failed: {failure}", style="red", markup=False)
        return 1
    check_something_served(config, store, selection)
    return 0


def _what_it_takes(
    console: Console, config: Config, store: ProductStore, flow_name: str, n_workers: int | None, selection: Selection
) -> str | None:
    """Return what a run takes, in words, after a warning of what may go wrong; None if there is nothing to make.

    Raises ConfigError if this machine cannot do it.
    """
    wanted = selection.only or None
    if flow_name == "analysis" and print_all_cached(console, config, store, wanted, selection=selection):
        return None
    plan = plan_of(config, store, trial_stages(config) if flow_name == "trials" else wanted, selection)
    if not (plan.n_to_make or selection.is_of_all):
        return None
    check_weight(config, plan, store)
    for warning in warnings(plan, store, n_workers):
        console.print(f"warning: {warning}", style="yellow", markup=False)
    cost = plan.cost(1)
    return f"about {in_time(cost.cpu)} of CPU time and {in_bytes(cost.disk)} on the disk; "


def check_something_served(config: Config, store: ProductStore, selection: Selection = ALL) -> None:
    """Raise PhysicsError, with the reasons, if the sample cannot serve any of the pairs that are asked for."""
    asked = {pair_of(text) for text in selection.pairs} or set(config.channel_masses)
    refused = {pair: reason for pair, reason in refused_pairs(config, store).items() if pair in asked}
    if len(refused) == len(asked):
        raise PhysicsError(f"no pair of channel and mass is served: {'; '.join(refused.values())}")


def checked_store(config: Config) -> ProductStore:
    """Return the store after checking all that can be read wrong before the first product is made."""
    store = ProductStore(config.product_root, config.analysis)
    source = sample_of(config).events
    if source is not None:
        source.check_enough(config)
    for stage in ("sources", "event_counts", "response", "spectra"):
        recipes(config, store, stage)
    if source is not None:
        source.check_input(config)
        check_events(config, store)
    _check_open(config)
    sources = select_sources(read_catalogue(catalogue_path(config.sources)), config.sources, config.process)
    if config.statistic.name == "joint" and config.statistic.background == "data":
        check_directions(sources)
    if not isinstance(config.statistic.window, str):
        energies_in_window(sample_bins(config).reco_energy_edges, config.statistic.window)
    return store


def _check_open(config: Config) -> None:
    process = PROCESSES[config.process]
    spectra = ChannelSpectra(config.spectra.source, config.spectra.files, config.mixtures)
    for channel, mass in config.channel_masses:
        try:
            spectra.produced(channel, process.spectrum_mass(mass))
        except PhysicsError as error:
            why = f"decay at {mass:g} GeV has the spectra of annihilation at half of it: " if process.is_decay else ""
            raise PhysicsError(f"{why}{error}") from error


def print_all_cached(
    console: Console,
    config: Config,
    store: ProductStore,
    wanted: Sequence[str] | None = None,
    figures: FigureKinds = figure_recipes,
    selection: Selection = ALL,
) -> bool:
    """Return whether every product and figure is fresh, so that Prefect need not start; say so, stage by stage.

    `wanted`: only products of these stages; `figures`: those that are asked for; `selection`: only these products.
    """
    stages = {}
    for stage, states in states_by_stage(config, store, wanted, figures, selection):
        if stage == "figures" and selection.only:
            continue
        if (not states and stage in NEVER_EMPTY) or any(found.state is not State.FRESH for _, found in states):
            return False
        stages[stage] = len(states)
    for stage, n_products in stages.items():
        console.print(f"{stage}: {n_products} cached", markup=False)
    return True


def _run_with_progress(console: Console, config: Config, flow_name: str, selection: Selection) -> str | None:
    return with_progress(
        console,
        "flows.analysis",
        lambda flows: getattr(flows, flow_name)(config, selection=selection, return_state=True),
    )


def with_progress(console: Console, module: str, run_flow: Callable[[ModuleType], Any]) -> str | None:
    """Run a flow of a module that returns its state, with a server and while showing what its tasks do.

    Returns what failed in words, None if nothing did.
    """
    with prefect_at_hand(module) as flows, shown_progress(console):
        state = run_flow(flows)
        if state.is_completed():
            return None
        error = state.result(raise_on_failure=False)
        return str(error) if error is not None else str(state.message)


def remember_what_tasks_saw(config: Config) -> None:
    """Write down which products the tasks of this process found whole."""
    from tasks.products import product_store  # which imports Prefect

    product_store(config).memory.save()
