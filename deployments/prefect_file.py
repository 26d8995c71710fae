"""The file from which Prefect deploys every flow, written from the registry of stages.

`python -m deployments.prefect_file` writes it anew; a test holds the committed one against what this would write.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from core.configuration.config import Config
from core.configuration.samples import PUBLIC_SAMPLE
from core.stages.registry import (
    COUNTS,
    DENSITIES,
    DETECTOR,
    DOUBTS,
    EVENTS,
    GIVEN,
    HANDED_ON,
    PROOF,
    RESULTS,
    SIGNAL,
    STAGES,
    TRIALS,
)

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
SEARCH = "flows/search.py:search"
NIGHTLY = "0 3 * * *"
CHAPTER_TAGS = {
    "given": GIVEN,
    "events": EVENTS,
    "detector": DETECTOR,
    "signal": SIGNAL,
    "densities": DENSITIES,
    "trials": TRIALS,
    "results": RESULTS,
    "counts": COUNTS,
    "doubts": DOUBTS,
    "proof": PROOF,
    "exports": HANDED_ON,
}


@dataclass(frozen=True)
class Deployment:
    """A flow as it is deployed: its name, where it stands ("flows/stages.py:sources"), its tags and what it does.

    `parameters`: what its form is filled in with. `sample`: the analysis is the one that is called after this sample,
    whatever configuration is served. `cron`: when it would run by itself; switched off until somebody switches it on.
    """

    name: str
    entrypoint: str
    tags: tuple[str, ...]
    description: str | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    sample: str | None = None
    cron: str | None = None

    def filled_in(self, config: Config | None, takes_config: bool = True) -> dict[str, Any]:
        """Return what its form is filled in with, where a configuration is served or the public one."""
        if not takes_config:
            return dict(self.parameters)
        if self.sample is None:
            served = {} if config is None else {"config": config.model_dump(mode="json")}
            return {**self.parameters, **served}
        place = {} if config is None else {"products": config.products}
        return {**self.parameters, "config": {"analysis": self.sample, "sample": self.sample, **place}}

    def entry(self) -> dict[str, object]:
        """Return its entry in Prefect's file."""
        described = {} if self.description is None else {"description": self.description}
        filled_in = self.filled_in(None)
        schedules = [{"cron": self.cron, "active": False}] if self.cron else []
        return {
            "name": self.name,
            "entrypoint": self.entrypoint,
            "tags": list(self.tags),
            **described,
            **({"parameters": filled_in} if filled_in else {}),
            **({"schedules": schedules} if schedules else {}),
            "work_pool": {"name": WORK_POOL},
        }


def deployments() -> list[Deployment]:
    """Return all flows to deploy: forms filled in, the whole flows, then one a stage, named and described after it."""
    whole = [
        Deployment(name, entrypoint, ("dwarfnu", "whole"), cron=NIGHTLY if name == "analysis" else None)
        for name, entrypoint in WHOLE_FLOWS.items()
    ]
    chapter_of = {stage.name: tag for tag, stages in CHAPTER_TAGS.items() for stage in stages}
    stages = [
        Deployment(name.replace("_", "-"), f"flows/stages.py:{name}", ("dwarfnu", chapter_of[name]), stage.sentence)
        for name, stage in STAGES.items()
        if not stage.unblinds  # the flow unblind alone makes those
    ]
    return forms() + whole + stages


def forms() -> list[Deployment]:
    """Return the deployments to begin with: a form with choosers, filled in for one pair or a whole sample."""
    begin = ("dwarfnu", "start here")
    one = {"channel": "tautau", "masses": [20.0]}
    return [
        Deployment("one-pair", SEARCH, begin, "One pair of channel and mass, from sources to limits.", one),
        Deployment("public", SEARCH, begin, "The public three-year sample, all published pairs.", sample=PUBLIC_SAMPLE),
        Deployment("simulated", SEARCH, begin, "Seven simulated seasons, all published pairs.", sample="simulated-7y"),
    ]


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
