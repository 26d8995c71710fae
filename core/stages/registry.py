"""All stages in the order in which they are made: tasks, flows, status and deployments follow from this list."""

from collections.abc import Mapping

from core.configuration.config import Config
from core.errors import ConfigError
from core.products.recipe import Recipe
from core.products.store import ProductStore
from core.stages import (
    acceptance,
    asimov,
    atmospheric_expectation,
    atmospheric_fit,
    background_pdf,
    background_trials,
    certificate,
    common_sky_trials,
    counts_likelihood,
    counts_limit,
    cut_flow,
    discovery_potential,
    dwarf_profiles,
    energy_likelihood,
    energy_range,
    event_counts,
    event_files,
    event_summary,
    events,
    good_runs,
    halo,
    halo_pdf,
    j_calibration,
    j_profile,
    likelihood,
    observed,
    observed_likelihood,
    observed_sky,
    observed_sources,
    ratio_cell_sources,
    ratio_cells,
    response,
    robustness,
    sealed_events,
    sensitivity,
    signal_pdf,
    signal_trials,
    simulation_sets,
    sky_patterns,
    source_background_pdf,
    source_counts,
    source_information,
    source_signal_pdf,
    sources,
    spectra,
    systematics,
    unweighted_events,
    upper_limit,
)
from core.stages.stage import Command, Stage

# What an analysis is given.
GIVEN = (sources.STAGE, dwarf_profiles.STAGE, spectra.STAGE)
# From files or draws to blind events, and to an account of them; of a sample that comes as single events.
EVENTS = (
    sealed_events.STAGE,
    good_runs.STAGE,
    unweighted_events.STAGE,
    simulation_sets.STAGE,
    events.STAGE,
    event_files.STAGE,
    cut_flow.STAGE,
    event_summary.STAGE,
)
# The detector, and what it measured.
DETECTOR = (event_counts.STAGE, response.STAGE, background_pdf.STAGE)
# How many signal events there would be, and at which energies they are best looked for.
SIGNAL = (acceptance.STAGE, energy_range.STAGE, source_counts.STAGE)
# Where signal and background lie, as the statistic sees them.
DENSITIES = (
    signal_pdf.STAGE,
    halo_pdf.STAGE,
    ratio_cells.STAGE,
    ratio_cell_sources.STAGE,
    source_background_pdf.STAGE,
    source_signal_pdf.STAGE,
    sky_patterns.STAGE,
)
# Pseudo-experiments.
TRIALS = (background_trials.STAGE, signal_trials.STAGE)
# What follows from them.
RESULTS = (halo.STAGE, asimov.STAGE, sensitivity.STAGE, discovery_potential.STAGE)
# What the measured counts themselves exclude, whatever their right ascension.
COUNTS = (atmospheric_fit.STAGE, atmospheric_expectation.STAGE, counts_limit.STAGE)
# What they hang on.
DOUBTS = (source_information.STAGE, j_calibration.STAGE, j_profile.STAGE, robustness.STAGE, systematics.STAGE)
# What the observed sky says; by `dwarfnu unblind` alone.
UNBLINDING = (
    observed_sky.STAGE,
    common_sky_trials.STAGE,
    observed.STAGE,
    upper_limit.STAGE,
    observed_likelihood.STAGE,
    observed_sources.STAGE,
)
# Proof that limits hold; by `dwarfnu certify`.
PROOF = (certificate.STAGE,)
# What others can use without us; by `dwarfnu export`.
HANDED_ON = (likelihood.STAGE, energy_likelihood.STAGE, counts_likelihood.STAGE)

CHAPTERS = (GIVEN, EVENTS, DETECTOR, SIGNAL, DENSITIES, TRIALS, RESULTS, COUNTS, DOUBTS, PROOF, HANDED_ON, UNBLINDING)
STAGES: Mapping[str, Stage] = {stage.name: stage for chapter in CHAPTERS for stage in chapter}
EVENT_STAGES = tuple(stage.name for stage in EVENTS)


def stages_of(config: Config, command: Command = "run") -> tuple[str, ...]:
    """Return the stages of an analysis with its sample and statistic that a command makes, in order."""
    return tuple(name for name, stage in STAGES.items() if stage.command == command and stage.applies(config))


def stages_before(config: Config, name: str) -> tuple[str, ...]:
    """Return the stages that a stage of an analysis needs, directly or through others, in order."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        new = set(STAGES[waiting.pop()].needs) - found
        found |= new
        waiting += new
    return tuple(stage for stage in stages_of(config) if stage in found)


def recipes(config: Config, store: ProductStore, name: str) -> list[Recipe]:
    """Return the recipes of all products of a stage that the analysis asks for, as far as they can be known.

    None for a stage of another statistic. Raises ConfigError for events of a sample that comes in bins, and for a name
    that is no stage's.
    """
    if name not in STAGES:
        raise ConfigError(f"unknown stage {name!r}: there are {', '.join(STAGES)}")
    stage = STAGES[name]
    if name in EVENT_STAGES or stage.applies(config):
        return list(stage.recipes(config, store))
    return []
