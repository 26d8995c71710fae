"""A real server and worker on this machine: given configuration, inputs of a stage, shards that fail and a retry."""

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from core.configuration.config import Config, read_config
from core.products.store import ProductStore
from deployments.__main__ import default_config
from deployments.local import local_server
from deployments.prefect_file import PREFECT_FILE, forms
from deployments.settings import work_pool
from tests.runs import clean_environment, free_port

pytestmark = pytest.mark.slow

N_DEPLOYMENTS = len(yaml.safe_load(PREFECT_FILE.read_text(encoding="utf-8"))["deployments"])

CONFIG = {
    "pairs": {"tautau": [20]},
    "trials": {"n_background": 1200, "shard_size": 100},
}
SERVED = """
analysis = "served"
seed = 3
[pairs]
tautau = [20, 50]
[sources]
exclude = ["Draco"]
[statistic]
window = [5, 60]
"""
FINAL = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}


class Server:
    """What a user does in the Prefect UI, by its API."""

    def __init__(self, url: str) -> None:
        self.client = httpx.Client(base_url=url, timeout=60.0)

    def start(self, deployment: str, parameters: Mapping[str, Any]) -> str:
        found = self.client.get(f"/deployments/name/{deployment}").raise_for_status().json()
        body = {"state": {"type": "SCHEDULED"}, "parameters": parameters}
        run = self.client.post(f"/deployments/{found['id']}/create_flow_run", json=body).raise_for_status().json()
        return str(run["id"])

    def retry(self, run_id: str) -> None:
        body = {"state": {"type": "SCHEDULED", "name": "AwaitingRetry"}, "force": True}
        self.client.post(f"/flow_runs/{run_id}/set_state", json=body).raise_for_status()

    def run(self, run_id: str) -> dict[str, Any]:
        return dict(self.client.get(f"/flow_runs/{run_id}").raise_for_status().json())

    def final_state(self, run_id: str, run_count: int) -> dict[str, Any]:
        deadline = time.monotonic() + 400
        while time.monotonic() < deadline:
            run = self.run(run_id)
            if run["run_count"] >= run_count and run["state"]["type"] in FINAL:
                return dict(run["state"])
            time.sleep(0.5)
        pytest.fail(f"flow run {run_id} did not end: {self.run(run_id)['state']}")

    def task_outcomes(self, run_id: str) -> Counter[str]:
        """The states of the trials' tasks, once the server has written down the last of them."""
        body = {"flow_runs": {"id": {"any_": [run_id]}}, "limit": 200}
        deadline = time.monotonic() + 60
        while True:
            tasks = self.client.post("/task_runs/filter", json=body).raise_for_status().json()
            states = [task["state"] for task in tasks if task["name"].startswith("background_trials")]
            if all(state["type"] in FINAL for state in states) or time.monotonic() > deadline:
                return Counter(state["name"] for state in states)
            time.sleep(0.5)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Path]]:
    home = tmp_path_factory.mktemp("server")
    path = home / "served.toml"
    path.write_text(SERVED, encoding="utf-8")
    config = default_config(path, str(home / "products"))
    with pytest.MonkeyPatch.context() as patch:
        for name, value in clean_environment(home).items():
            patch.setenv(name, value)
        with local_server(free_port(), str(home / "products"), config) as served:
            server = Server(served.environment["PREFECT_API_URL"])
            with server.client:
                yield server, home / "products"


def test_every_flow_is_deployed(served: tuple[Server, Path]) -> None:
    server, _ = served
    found = server.client.post("/deployments/filter", json={}).raise_for_status().json()
    flows = server.client.post("/flows/filter", json={}).raise_for_status().json()
    assert len(found) == N_DEPLOYMENTS
    assert len(flows) == N_DEPLOYMENTS - len(forms()) + 1  # one flow behind all forms
    assert {flow["name"] for flow in flows} >= {"analysis", "background-trials", "sensitivity"}
    described = next(d for d in found if "background-trials" in d["entrypoint"].replace("_", "-"))
    assert "seed" in str(described["parameter_openapi_schema"])


def test_what_stands_as_it_should_be_is_left_alone_and_schedules_stay(served: tuple[Server, Path]) -> None:
    server, products = served
    analysis = server.client.get("/deployments/name/analysis/analysis").raise_for_status().json()
    (nightly,) = analysis["schedules"]
    assert not nightly["active"]
    switched_on = f"/deployments/{analysis['id']}/schedules/{nightly['id']}"
    server.client.patch(switched_on, json={"active": True}).raise_for_status()
    config = default_config(products.parent / "served.toml", str(products))
    url = str(server.client.base_url)
    command = [sys.executable, "-m", "deployments.deploy", work_pool(str(products)), str(os.getpid())]
    for asked, left_alone in ((config, N_DEPLOYMENTS), (config.model_copy(update={"seed": 4}), 3)):
        environment = {**os.environ, "PREFECT_API_URL": url}
        said = subprocess.run(
            command, input=asked.model_dump_json(), env=environment, capture_output=True, text=True, check=True
        ).stdout
        assert f"flows: {left_alone} of {N_DEPLOYMENTS} stand as they should be" in said
    again = server.client.get("/deployments/name/analysis/analysis").raise_for_status().json()
    assert [schedule["active"] for schedule in again["schedules"]] == [True]
    subprocess.run(command, input=config.model_dump_json(), env=environment, text=True, check=True)


def test_every_deployment_takes_the_given_configuration(served: tuple[Server, Path]) -> None:
    server, products = served
    found = server.client.post("/deployments/filter", json={}).raise_for_status().json()
    parameters = {deployment["name"]: deployment["parameters"] for deployment in found}
    assert parameters.pop("spectra-table") == {}
    asked = default_config(products.parent / "served.toml", str(products))
    assert asked.products == str(products)
    for sample, name in (("public-3y", "public"), ("simulated-7y", "simulated")):
        whole = Config.model_validate(parameters.pop(name)["config"])
        assert whole == read_config(None, sample=sample, products=str(products))
    assert [Config.model_validate(given["config"]) for given in parameters.values()] == [asked] * (N_DEPLOYMENTS - 3)

    assert server.final_state(server.start("sources/sources", {}), run_count=1)["type"] == "COMPLETED"
    searched = ProductStore(products, "served").read("sources")["source"].to_pylist()
    assert len(searched) > 5
    assert "Draco" not in searched


def test_a_sensitivity_makes_all_that_it_needs(served: tuple[Server, Path]) -> None:
    server, products = served
    small = {"analysis": "from-nothing", "pairs": {"tautau": [20]}, "trials": {"n_background": 1000, "n_signal": 200}}
    assert not (products / "from-nothing").exists()
    state = server.final_state(server.start("sensitivity/sensitivity", {"config": small}), run_count=1)
    assert (state["type"], state["message"]) == ("COMPLETED", None)
    found = ProductStore(products, "from-nothing").read("sensitivity", channel="tautau", mass=20.0, seed=1)
    assert found["sigma_v_sensitivity"].to_pylist()[0] > 0


def test_a_retry_computes_exactly_the_shards_that_failed(served: tuple[Server, Path]) -> None:
    server, products = served
    store = ProductStore(products)
    keys = {"channel": "tautau", "mass": 20.0, "seed": 1}
    in_the_way = [Path(store.path("background_trials", part, **keys)) for part in (3, 7)]
    for path in in_the_way:
        path.mkdir(parents=True)

    run_id = server.start("background-trials/background-trials", {"config": CONFIG})
    state = server.final_state(run_id, run_count=1)
    assert state["type"] == "FAILED"
    assert "2 of 12 background_trials failed" in state["message"]
    assert "part 3" in state["message"]
    assert "part 7" in state["message"]
    assert server.task_outcomes(run_id) == {"Computed": 10, "Failed": 2}
    stood = {
        part: store.path("background_trials", part, **keys).stat().st_mtime_ns
        for part in range(12)
        if part not in (3, 7)
    }

    for path in in_the_way:
        path.rmdir()
    server.retry(run_id)
    assert server.final_state(run_id, run_count=2)["type"] == "COMPLETED"
    again_only = server.task_outcomes(run_id) - Counter({"Computed": 10, "Failed": 2})
    # All that is fresh has one task, which finds that it is.
    assert again_only == {"Cached": 1, "Recomputed (failed)": 2}
    again = {part: store.path("background_trials", part, **keys).stat().st_mtime_ns for part in stood}
    assert again == stood
    trials = store.read("background_trials", **keys)
    assert trials["trial"].to_pylist() == list(range(1200))
    assert read_config(None, **CONFIG).trials.n_background == len(trials)
