"""`python -m deployments.deploy POOL`: register every flow with the server that the environment names, in one go.

Once standard input ends, with the configuration that the deployments take as JSON or with nothing for the public one,
it goes to work, and prints a line for each step. Also registers what makes a run that died Crashed, so that it can be
retried.
"""

import sys
from collections.abc import Iterator
from datetime import timedelta
from importlib import import_module
from time import perf_counter
from typing import Any

import httpx
from prefect import Flow
from prefect.automations import AutomationCore, EventTrigger, Posture
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.client.schemas.objects import StateType
from prefect.events.actions import ChangeFlowRunState
from prefect.exceptions import PrefectHTTPStatusError
from prefect.utilities.callables import parameter_schema

from core.configuration.config import Config
from core.errors import ConfigError
from deployments.prefect_file import Deployment, deployments
from deployments.settings import CHECKOUT, HEARTBEAT
from flows.bound_process import bound_command

SILENCE = HEARTBEAT + 20  # s without a heartbeat after which a run is taken for dead
AUTOMATION = "A run without a heartbeat has crashed"
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

    The runs of the deployments end with `process`, however it ends.
    """
    begin = perf_counter()
    with get_client(sync_client=True) as client:
        client.create_work_pool(WorkPoolCreate(name=pool, type="process"), overwrite=True)
        yield f"work pool {pool}: stands"
        for deployment in deployments():
            _deploy(client, deployment, pool, process, config)
        yield f"flows: {len(deployments())} deployed in {perf_counter() - begin:.1f} s"
        _watch_heartbeats(client)
        yield f"automation: a run that is silent for {SILENCE} s becomes Crashed, and can be retried"


def deployed_flow(deployment: Deployment) -> Flow[..., Any]:
    """Return the flow that a deployment is of."""
    module, _, name = deployment.entrypoint.partition(":")
    flow: Flow[..., Any] = getattr(import_module(module.removesuffix(".py").replace("/", ".")), name)
    return flow


def _deploy(client: SyncPrefectClient, deployment: Deployment, pool: str, process: int, config: Config | None) -> None:
    flow = deployed_flow(deployment)
    schema = parameter_schema(flow.fn).model_dump_for_openapi()
    takes_config = config is not None and "config" in schema["properties"]
    client.create_deployment(
        flow_id=client.create_flow_from_name(flow.name),
        name=deployment.name,
        entrypoint=deployment.entrypoint,
        path=str(CHECKOUT),
        pull_steps=[{"prefect.deployments.steps.set_working_directory": {"directory": str(CHECKOUT)}}],
        parameters={"config": config.model_dump(mode="json")} if config is not None and takes_config else {},
        parameter_openapi_schema=schema,
        enforce_parameter_schema=True,
        description=deployment.description or flow.description,
        tags=list(deployment.tags),
        work_pool_name=pool,
        job_variables={"command": " ".join(bound_command("prefect.engine", process=process))},
    )


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
