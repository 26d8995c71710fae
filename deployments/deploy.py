"""`python -m deployments.deploy POOL`: register every flow with the server that the environment names, in one go.

Once standard input ends, with the configuration that the deployments take as JSON or with nothing for the public one,
it goes to work, and prints a line for each step. Also registers what makes a run that died Crashed, so that it can be
retried.
"""

import sys
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import timedelta
from importlib import import_module
from time import perf_counter
from typing import Any

import httpx
from prefect import Flow
from prefect.automations import AutomationCore, EventTrigger, Posture
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import DeploymentScheduleCreate, WorkPoolCreate
from prefect.client.schemas.objects import StateType
from prefect.client.schemas.responses import DeploymentResponse
from prefect.client.schemas.schedules import CronSchedule
from prefect.events.actions import ChangeFlowRunState
from prefect.exceptions import PrefectHTTPStatusError
from prefect.utilities.callables import parameter_schema
from prefect.workers.process import ProcessWorker

from core.configuration.config import Config
from core.errors import ConfigError
from deployments.prefect_file import Deployment, deployments
from deployments.settings import CHECKOUT, HEARTBEAT
from flows.bound_process import bound_command

SILENCE = HEARTBEAT + 20  # s without a heartbeat after which a run is taken for dead
AUTOMATION = "A run without a heartbeat has crashed"
MOST_READ = 200  # deployments, the most that the API hands out at once
ENDED = ("Completed", "Failed", "Cancelled", "Crashed")


def main() -> int:
    """Register all; exit code 2 with one line if the server does not take it."""
    pool, process = sys.argv[1], int(sys.argv[2])
    for deployment in deployments():  # while the server starts
        deployed_flow(deployment)
    given = sys.stdin.read()
    config = Config.model_validate_json(given) if given else None
    try:
        for step in register(pool, process, config):
            sys.stdout.write(f"{step}\n")
            sys.stdout.flush()
    except (httpx.HTTPError, ConfigError) as error:
        sys.stderr.write(f"dwarfnu: {_why(error)}\n")
        return 2
    return 0


def register(pool: str, process: int, config: Config | None) -> Iterator[str]:
    """Register the work pool, every flow and the automation, and say so step by step.

    The runs of the deployments end with `process`, however it ends. Deployments that stand as they should be are left
    alone; the schedules of all others stay as people have set them.
    """
    begin = perf_counter()
    with get_client(sync_client=True) as client:
        client.create_work_pool(_work_pool(pool, process), overwrite=True)
        yield f"work pool {pool}: stands"
        standing = _standing(client)
        wanted = [_asked(deployment, pool, config) for deployment in deployments()]
        changed = [asked for asked in wanted if not asked.stands_as(standing.get(asked.path))]
        yield f"flows: {len(wanted) - len(changed)} of {len(wanted)} stand as they should be"
        for asked in changed:  # not side by side: the database takes one at a time, and locks out the others
            _deploy(client, asked, standing.get(asked.path))
        yield f"flows: {len(changed)} deployed in {perf_counter() - begin:.1f} s"
        _watch_heartbeats(client)
        yield f"automation: a run that is silent for {SILENCE} s becomes Crashed, and can be retried"


@dataclass(frozen=True)
class Asked:
    """A deployment as it should be: of which flow, what Prefect is told of it, and when it runs at first."""

    flow: str
    told: Mapping[str, Any]
    cron: str | None

    @property
    def path(self) -> str:
        """Flow and name: what Prefect tells deployments by."""
        return f"{self.flow}/{self.told['name']}"

    def stands_as(self, found: DeploymentResponse | None) -> bool:
        """Return whether what the server has is what it should be."""
        return found is not None and all(getattr(found, name) == value for name, value in self.told.items())

    def schedules(self, found: DeploymentResponse | None) -> list[DeploymentScheduleCreate]:
        """Return the schedules that it shall have: those that it has, its own where it is new."""
        if found is not None:
            return [
                DeploymentScheduleCreate(schedule=old.schedule, active=old.active, parameters=old.parameters)
                for old in found.schedules
            ]
        return [DeploymentScheduleCreate(schedule=CronSchedule(cron=self.cron), active=False)] if self.cron else []


def deployed_flow(deployment: Deployment) -> Flow[..., Any]:
    """Return the flow that a deployment is of."""
    module, _, name = deployment.entrypoint.partition(":")
    flow: Flow[..., Any] = getattr(import_module(module.removesuffix(".py").replace("/", ".")), name)
    return flow


def _work_pool(pool: str, process: int) -> WorkPoolCreate:
    """Return the work pool whose runs are processes that end with `process`."""
    template = deepcopy(ProcessWorker.get_default_base_job_template())
    command = " ".join(bound_command("prefect.engine", process=process))
    template["variables"]["properties"]["command"]["default"] = command
    return WorkPoolCreate(name=pool, type="process", base_job_template=template)


def _standing(client: SyncPrefectClient) -> dict[str, DeploymentResponse]:
    """Return the deployments of ours that the server has, by flow and name."""
    flows = {flow.id: flow.name for flow in client.read_flows(limit=MOST_READ)}
    return {f"{flows.get(found.flow_id)}/{found.name}": found for found in client.read_deployments(limit=MOST_READ)}


def _asked(deployment: Deployment, pool: str, config: Config | None) -> Asked:
    flow = deployed_flow(deployment)
    schema = parameter_schema(flow.fn).model_dump_for_openapi()
    told = {
        "name": deployment.name,
        "entrypoint": deployment.entrypoint,
        "path": str(CHECKOUT),
        "pull_steps": [{"prefect.deployments.steps.set_working_directory": {"directory": str(CHECKOUT)}}],
        "parameters": deployment.filled_in(config, takes_config="config" in schema["properties"]),
        "parameter_openapi_schema": schema,
        "enforce_parameter_schema": True,
        "description": deployment.description or flow.description,
        "tags": sorted(deployment.tags),
        "work_pool_name": pool,
    }
    return Asked(flow.name, told, deployment.cron)


def _deploy(client: SyncPrefectClient, asked: Asked, found: DeploymentResponse | None) -> None:
    flow = client.create_flow_from_name(asked.flow)
    client.create_deployment(flow_id=flow, schedules=asked.schedules(found), **asked.told)


def _watch_heartbeats(client: SyncPrefectClient) -> None:
    """Register the automation that calls a run Crashed whose process has fallen silent."""
    trigger = EventTrigger(
        # Its state too: a run may die before its first heartbeat has been sent.
        after={"prefect.flow-run.heartbeat", "prefect.flow-run.Running"},
        expect={"prefect.flow-run.heartbeat", *(f"prefect.flow-run.{state}" for state in ENDED)},
        match={"prefect.resource.id": ["prefect.flow-run.*"]},
        for_each={"prefect.resource.id"},
        posture=Posture.Proactive,
        threshold=1,
        within=timedelta(seconds=SILENCE),
    )
    said = f"no heartbeat for {SILENCE} s: its process has died; Retry computes what is missing"
    action = ChangeFlowRunState(name=None, state=StateType.CRASHED, message=said, force=False)
    automation = AutomationCore(name=AUTOMATION, trigger=trigger, actions=[action])
    found = client.read_automations_by_name(AUTOMATION)
    if found:
        client.update_automation(found[0].id, automation)
    else:
        client.create_automation(automation)


def _why(error: Exception) -> str:
    if isinstance(error, PrefectHTTPStatusError) and error.response.status_code == httpx.codes.UNAUTHORIZED:
        return (
            "the Prefect server wants to know who asks: set PREFECT_API_AUTH_STRING to the user:password "
            "that it has as PREFECT_SERVER_API_AUTH_STRING"
        )
    return f"the Prefect server does not take the flows: {' '.join(str(error).split()) or type(error).__name__}"


if __name__ == "__main__":
    sys.exit(main())
