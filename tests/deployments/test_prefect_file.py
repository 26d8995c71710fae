"""The committed file of deployments is what the registry of stages makes, and every entry leads to a flow."""

from importlib import import_module
from pathlib import Path

import pytest
import yaml
from prefect import Flow

from core.stages.registry import STAGES
from deployments.prefect_file import HEADER, PREFECT_FILE, WHOLE_FLOWS, WORK_POOL, prefect_yaml

ROOT = Path(__file__).parents[2]
# What the unblinding makes is made by its own flow alone.
DEPLOYED = {name: stage for name, stage in STAGES.items() if not stage.unblinds}
DEPLOYMENTS = {entry["name"]: entry for entry in yaml.safe_load(prefect_yaml())["deployments"]}


def test_the_committed_file_is_what_would_be_written() -> None:
    assert PREFECT_FILE.read_text(encoding="utf-8") == prefect_yaml()
    assert prefect_yaml().startswith(HEADER)


def test_every_stage_and_every_whole_flow_is_deployed() -> None:
    assert set(DEPLOYMENTS) == {*WHOLE_FLOWS, *(name.replace("_", "-") for name in DEPLOYED)}


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_an_entry_leads_to_a_flow(name: str) -> None:
    path, _, function = DEPLOYMENTS[name]["entrypoint"].partition(":")
    assert (ROOT / path).is_file()
    flow = getattr(import_module(path.removesuffix(".py").replace("/", ".")), function)
    assert isinstance(flow, Flow)
    assert flow.name.replace(" ", "-") == name
    assert DEPLOYMENTS[name]["work_pool"] == {"name": WORK_POOL}
    assert "dwarfnu" in DEPLOYMENTS[name]["tags"]


def test_stages_are_described_in_their_own_words() -> None:
    for name, stage in DEPLOYED.items():
        assert DEPLOYMENTS[name.replace("_", "-")]["description"] == stage.sentence


def test_no_machine_is_named() -> None:
    pull = yaml.safe_load(prefect_yaml())["pull"]
    assert pull == [{"prefect.deployments.steps.set_working_directory": {"directory": "{{ $DWARFNU_CHECKOUT }}"}}]
