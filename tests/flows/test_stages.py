"""A flow for each stage, with the words of the stage."""

import inspect

import pytest
from prefect import Flow

from core.configuration.config import Config
from core.stages.registry import STAGES
from flows import stages
from flows.making import raise_failures
from flows.stages import STAGE_FLOWS, run_stages

SEALED = [name for name, stage in STAGES.items() if not stage.unblinds]  # data are shown by the unblinding flow alone


def test_every_stage_has_a_flow_that_deployments_find_by_its_name() -> None:
    assert set(STAGE_FLOWS) == set(SEALED) < set(STAGES)
    assert all(getattr(stages, name) is flow for name, flow in STAGE_FLOWS.items())


@pytest.mark.parametrize("name", SEALED)
def test_a_flow_says_what_its_stage_says(name: str) -> None:
    stage, flow = STAGES[name], STAGE_FLOWS[name]
    assert isinstance(flow, Flow)
    assert flow.name == name.replace("_", "-")
    assert flow.description == stage.sentence
    assert flow.flow_run_name == f"{stage.title} of {{config.analysis}}"
    assert list(inspect.signature(flow.fn).parameters) == ["config", "with_inputs", "selection"]


@pytest.mark.parametrize("name", SEALED)
def test_the_help_of_a_flow_names_what_is_made_first(name: str) -> None:
    parameters = STAGE_FLOWS[name].parameters.properties
    said = parameters["with_inputs"]["description"]
    needs = [STAGES[needed].title for needed in STAGES[name].needs]
    assert all(title in said for title in needs)
    assert needs or "needs nothing" in said


def test_stages_of_another_sample_are_not_run() -> None:
    assert run_stages(Config(), "events", "sky_patterns") == []


def test_failures_are_said_together() -> None:
    raise_failures([])
    with pytest.raises(Exception, match="1 of 2 spectra failed; 1 of 1 figures failed"):
        raise_failures(["1 of 2 spectra failed", "1 of 1 figures failed"])
