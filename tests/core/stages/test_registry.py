"""The list of stages: an order in which they can be made, and no input that was not announced."""

from itertools import pairwise
from pathlib import Path

import pytest

from core.configuration.config import Config
from core.errors import ConfigError
from core.glossary import GLOSSARY, KEYS
from core.products.seal import Leave
from core.products.store import ProductStore
from core.stages.registry import CHAPTERS, EVENT_STAGES, EVENTS, STAGES, recipes, stages_before, stages_of
from tests.core.stages.analyses import Analysis

ALWAYS = {"sources", "spectra", "event_counts", "response", "background_pdf", "acceptance", "energy_range"}


def test_stages_go_by_their_names_and_stand_in_one_chapter() -> None:
    assert len(STAGES) == sum(len(chapter) for chapter in CHAPTERS)
    assert all(stage.name == name for name, stage in STAGES.items())


@pytest.mark.parametrize("name", STAGES)
def test_a_stage_says_what_it_is_in_words_of_the_glossary(name: str) -> None:
    stage = STAGES[name]
    assert stage.sentence.endswith(".")
    assert stage.sentence[0].isupper()
    assert set(stage.keys) <= set(KEYS)
    assert set(stage.columns) <= set(GLOSSARY)
    assert len(set(stage.columns)) == len(stage.columns) > 0


@pytest.mark.parametrize("name", STAGES)
def test_what_a_stage_needs_stands_before_it(name: str) -> None:
    before = list(STAGES)[: list(STAGES).index(name)]
    assert set(STAGES[name].needs) <= set(before)


def test_the_stages_before_are_needed_directly_or_through_others_in_order() -> None:
    config = Config()
    assert stages_before(config, "sources") == ()
    assert stages_before(config, "spectra") == ("sources",)
    assert stages_before(config, "background_pdf") == ("sources", "spectra", "event_counts")
    assert stages_before(config, "acceptance") == ("sources", "spectra", "response")
    assert stages_before(config, "ratio_cells") == (
        "sources",
        "spectra",
        "event_counts",
        "response",
        "background_pdf",
        "acceptance",
        "energy_range",
        "signal_pdf",
    )


@pytest.mark.parametrize("name", STAGES)
def test_what_is_needed_is_closed_under_needing(name: str) -> None:
    for config in (Config(), Config(sample="simulated-7y"), Config(statistic={"name": "j_weighted"})):
        before = stages_before(config, name)
        assert name not in before
        for stage in before:
            assert set(stages_before(config, stage)) <= set(before)
        order = [list(STAGES).index(stage) for stage in before]
        assert all(first < second for first, second in pairwise(order))
        assert set(before) <= set(stages_of(config))


def test_an_analysis_has_the_stages_of_its_sample_and_statistic() -> None:
    public, simulated = stages_of(Config()), stages_of(Config(sample="simulated-7y"))
    assert set(simulated) - set(public) == set(EVENT_STAGES) == {stage.name for stage in EVENTS}
    published = stages_of(Config(statistic={"name": "j_weighted"}))
    on_one_sky = stages_of(Config(statistic={"name": "j_weighted", "skies": "one"}))
    assert set(public) - set(published) == {
        "signal_pdf",
        "ratio_cells",
        "halo",
        "discovery_potential",
        "systematics",
    }
    assert set(on_one_sky) - set(published) == {"sky_patterns", "discovery_potential"}
    assert set(public) & set(published) & set(simulated) >= ALWAYS


def test_every_input_of_every_recipe_is_among_the_stages_before(any_statistic: Analysis) -> None:
    for stage in any_statistic.stages:
        wanted = any_statistic.recipes(stage)
        assert wanted
        assert any_statistic.inputs(stage) <= set(stages_before(any_statistic.config, stage)), stage


def test_every_input_of_an_own_sample_is_among_the_stages_before(own: Analysis) -> None:
    for stage in EVENT_STAGES:
        assert own.inputs(stage) <= set(stages_before(own.config, stage)), stage


def test_recipes_are_those_of_the_stages_keys_and_all_different(any_statistic: Analysis) -> None:
    for stage in any_statistic.stages:
        wanted = any_statistic.recipes(stage)
        assert all(set(recipe.product.keys) == set(STAGES[stage].keys) for recipe in wanted)
        assert len({str(recipe) for recipe in wanted}) == len(wanted)


# Columns that a stage may have and does not with the public sample and these settings.
BINS = {"binned", "bin_low", "bin_high", "n_trials", "n_s_sum", "n_s_square_sum"}
NOT_HERE = {
    "sources": {"log10_d_factor", "log10_d_factor_error_low", "log10_d_factor_error_high", "d_factor"},
    "source_signal_pdf": {"effective_events"},  # of simulated events
    "background_trials": BINS,
    "signal_trials": BINS,
    "ratio_cells": {"ratio_beside"},  # of a halo beside the galaxies
    "halo": {"d_all_sky"},  # of decay
    "asimov": {"lifetime_sensitivity"},
    "sensitivity": {"lifetime_sensitivity"},
}


def test_stages_write_what_they_declare_and_declare_what_they_write(
    joint: Analysis, j_weighted: Analysis, one_sky: Analysis
) -> None:
    """Over the three statistics every column that is declared is written once at least, but those of other samples."""
    written: dict[str, set[str]] = {}
    for analysis in (joint, j_weighted, one_sky):
        for stage in analysis.stages:
            for recipe in analysis.recipes(stage):
                columns = set(analysis.store.read_product(recipe.product).column_names)
                written.setdefault(stage, set()).update(columns - set(STAGES[stage].keys))
    for stage, columns in written.items():
        assert columns <= set(STAGES[stage].columns), stage
    missing = {stage: set(STAGES[stage].columns) - columns for stage, columns in written.items()}
    assert {stage: names for stage, names in missing.items() if names} == NOT_HERE


def test_events_are_written_as_declared(own: Analysis) -> None:
    for stage in EVENT_STAGES:
        for recipe in own.recipes(stage):
            found = own.store.read_product(recipe.product, leave=Leave("test")).column_names
            assert set(found) <= {*STAGES[stage].keys, *STAGES[stage].columns}, stage


def test_a_stage_of_another_statistic_has_no_recipes(tmp_path: Path) -> None:
    store = ProductStore(tmp_path)
    assert recipes(Config(), store, "sky_patterns") == []
    assert recipes(Config(statistic={"name": "j_weighted"}), store, "ratio_cells") == []


def test_what_is_no_stage_and_events_of_a_sample_in_bins_are_refused(tmp_path: Path) -> None:
    store = ProductStore(tmp_path)
    with pytest.raises(ConfigError, match=r"unknown stage 'ratios': there are sources, dwarf_profiles, spectra"):
        recipes(Config(), store, "ratios")
    with pytest.raises(ConfigError, match="the public sample needs no ingest"):
        recipes(Config(), store, "events")
