"""The committed file of deployments is what the registry of stages makes, and every entry leads to a flow."""

from importlib import import_module
from pathlib import Path

import pytest
import yaml
from prefect import Flow

from core.configuration.config import Config, read_config
from core.stages.registry import STAGES
from deployments.prefect_file import (
    CHAPTER_TAGS,
    HEADER,
    PREFECT_FILE,
    WHOLE_FLOWS,
    WORK_POOL,
    Deployment,
    forms,
    prefect_yaml,
)

ROOT = Path(__file__).parents[2]
# What the unblinding makes is made by its own flow alone.
DEPLOYED = {name: stage for name, stage in STAGES.items() if not stage.unblinds}
FORMS = [form.name for form in forms()]
DEPLOYMENTS = {entry["name"]: entry for entry in yaml.safe_load(prefect_yaml())["deployments"]}


def test_the_committed_file_is_what_would_be_written() -> None:
    assert PREFECT_FILE.read_text(encoding="utf-8") == prefect_yaml()
    assert prefect_yaml().startswith(HEADER)


def test_every_stage_and_every_whole_flow_is_deployed() -> None:
    assert set(DEPLOYMENTS) == {*FORMS, *WHOLE_FLOWS, *(name.replace("_", "-") for name in DEPLOYED)}


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_an_entry_leads_to_a_flow(name: str) -> None:
    path, _, function = DEPLOYMENTS[name]["entrypoint"].partition(":")
    assert (ROOT / path).is_file()
    flow = getattr(import_module(path.removesuffix(".py").replace("/", ".")), function)
    assert isinstance(flow, Flow)
    assert flow.name.replace(" ", "-") == ("search" if name in FORMS else name)
    flow.validate_parameters(DEPLOYMENTS[name].get("parameters", {}))
    assert DEPLOYMENTS[name]["work_pool"] == {"name": WORK_POOL}
    assert "dwarfnu" in DEPLOYMENTS[name]["tags"]


def test_stages_are_described_in_their_own_words() -> None:
    for name, stage in DEPLOYED.items():
        assert DEPLOYMENTS[name.replace("_", "-")]["description"] == stage.sentence


def test_no_machine_is_named() -> None:
    pull = yaml.safe_load(prefect_yaml())["pull"]
    assert pull == [{"prefect.deployments.steps.set_working_directory": {"directory": "{{ $DWARFNU_CHECKOUT }}"}}]


def test_deployments_are_grouped_by_the_chapters_of_the_analysis() -> None:
    for name, stage in DEPLOYED.items():
        (chapter,) = [tag for tag, stages in CHAPTER_TAGS.items() if stage in stages]
        assert DEPLOYMENTS[name.replace("_", "-")]["tags"] == ["dwarfnu", chapter]
    assert all("start here" in DEPLOYMENTS[name]["tags"] for name in FORMS)


def test_a_form_is_filled_in_with_what_is_served_or_a_whole_sample() -> None:
    served = read_config(None, seed=3, products="/mine")
    one, public, simulated = forms()
    given = one.filled_in(served)
    assert (given["channel"], given["masses"], Config.model_validate(given["config"])) == ("tautau", [20.0], served)
    for form, sample in ((public, "public-3y"), (simulated, "simulated-7y")):
        whole = Config.model_validate(form.filled_in(served)["config"])
        assert whole == read_config(None, sample=sample, products="/mine")
    assert Deployment("a", "b:c", ("d",)).filled_in(served, takes_config=False) == {}


def test_the_nightly_check_is_switched_off() -> None:
    scheduled = {name: entry["schedules"] for name, entry in DEPLOYMENTS.items() if "schedules" in entry}
    assert scheduled == {"analysis": [{"cron": "0 3 * * *", "active": False}]}
