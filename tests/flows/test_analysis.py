"""The analysis goes through every stage once, chapter by chapter."""

import inspect
import re

from core.stages.registry import CHAPTERS, RESULTS, STAGES
from flows import analysis
from flows.analysis import BEFORE_RESULTS, chapter
from tests.core.stages.analyses import small_config


def test_all_chapters_but_the_unblinding_are_run_in_their_order() -> None:
    named = re.findall(r"chapter\(config, ([A-Z]+), selection\)", inspect.getsource(analysis.make_analysis))
    run = [getattr(analysis, name) for name in named]
    assert run == [chapter for chapter in CHAPTERS if chapter in run]
    left_out = {stage.name for chapter in CHAPTERS if chapter not in run for stage in chapter}
    assert left_out == {name for name, stage in STAGES.items() if stage.command != "run"}


def test_trials_end_before_results() -> None:
    assert CHAPTERS[: len(BEFORE_RESULTS) + 1] == (*BEFORE_RESULTS, RESULTS)
    assert sum(len(stages) for stages in CHAPTERS) == len(STAGES)


def test_a_chapter_of_events_has_nothing_to_do_for_a_sample_in_bins(tmp_path) -> None:
    assert chapter(small_config(tmp_path), BEFORE_RESULTS[1]) == []


def test_every_whole_flow_takes_one_configuration() -> None:
    for flow in (analysis.analysis, analysis.trials, analysis.ingest, analysis.figures):
        assert next(iter(inspect.signature(flow.fn).parameters)) == "config"
        assert "config" in flow.parameters.properties
