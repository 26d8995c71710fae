"""The file from which Prefect deploys every flow, written from the registry of stages.

`python -m deployments.prefect_file` writes it anew; a test holds the committed one against what this would write.
"""

from dataclasses import dataclass
from pathlib import Path

import yaml

from core.stages.registry import STAGES

PREFECT_FILE = Path(__file__).parent / "prefect.yaml"
WORK_POOL = "local"
HEADER = """\
# Every flow as a deployment of the work pool `local`: a worker on this machine runs them as processes.
# Written by `python -m deployments.prefect_file` from the registry of stages; do not edit it by hand.
# `dwarfnu serve` registers the same flows; by hand, with a server of your own, from the checkout:
#   DWARFNU_CHECKOUT=$PWD uv run prefect --no-prompt deploy --all --prefect-file deployments/prefect.yaml
"""
# Flows that are not of one stage: whole analyses, what goes on without one, and the making of the shipped table.
WHOLE_FLOWS = {
    "analysis": "flows/analysis.py:analysis",
    "ingest": "flows/analysis.py:ingest",
    "trials": "flows/analysis.py:trials",
    "figures": "flows/analysis.py:figures",
    "unblind": "flows/unblinding.py:unblind",
    "spectra-table": "flows/spectra_table.py:spectra_table",
}


@dataclass(frozen=True)
class Deployment:
    """A flow as it is deployed: its name, where it stands ("flows/stages.py:sources"), its tags and what it does."""

    name: str
    entrypoint: str
    tags: tuple[str, str]
    description: str | None = None

    def entry(self) -> dict[str, object]:
        """Return its entry in Prefect's file."""
        described = {} if self.description is None else {"description": self.description}
        return {
            "name": self.name,
            "entrypoint": self.entrypoint,
            "tags": list(self.tags),
            **described,
            "work_pool": {"name": WORK_POOL},
        }


def deployments() -> list[Deployment]:
    """Return all flows to deploy: the whole ones, then one a stage, named and described after it."""
    whole = [Deployment(name, entrypoint, ("dwarfnu", "whole")) for name, entrypoint in WHOLE_FLOWS.items()]
    stages = [
        Deployment(name.replace("_", "-"), f"flows/stages.py:{name}", ("dwarfnu", "stage"), stage.sentence)
        for name, stage in STAGES.items()
        if not stage.unblinds  # the flow unblind alone makes those
    ]
    return whole + stages


def prefect_yaml() -> str:
    """Return the file as it should be."""
    content = {
        "name": "dwarfnu",
        "pull": [{"prefect.deployments.steps.set_working_directory": {"directory": "{{ $DWARFNU_CHECKOUT }}"}}],
        "deployments": [deployment.entry() for deployment in deployments()],
    }
    return HEADER + yaml.safe_dump(content, sort_keys=False, width=120)


if __name__ == "__main__":
    PREFECT_FILE.write_text(prefect_yaml(), encoding="utf-8")
