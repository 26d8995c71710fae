"""The file from which Prefect deploys every flow, written from the registry of stages.

`python -m deployments.prefect_file` writes it anew; a test holds the committed one against what this would write.
"""

from pathlib import Path

import yaml

from core.stages.registry import STAGES

PREFECT_FILE = Path(__file__).parent / "prefect.yaml"
WORK_POOL = "local"
HEADER = """\
# Every flow as a deployment of the work pool `local`: a worker on this machine runs them as processes.
# Written by `python -m deployments.prefect_file` from the registry of stages; do not edit it by hand.
# Registered by `dwarfnu serve`, or by hand from the checkout:
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


def prefect_yaml() -> str:
    """Return the file as it should be: the whole flows, then one deployment a stage, named and described after it."""
    deployments = [_deployment(name, entrypoint, "whole", None) for name, entrypoint in WHOLE_FLOWS.items()]
    for name, stage in STAGES.items():
        if stage.unblinds:
            continue  # the flow unblind alone makes them
        deployments.append(_deployment(name.replace("_", "-"), f"flows/stages.py:{name}", "stage", stage.sentence))
    content = {
        "name": "dwarfnu",
        "pull": [{"prefect.deployments.steps.set_working_directory": {"directory": "{{ $DWARFNU_CHECKOUT }}"}}],
        "deployments": deployments,
    }
    return HEADER + yaml.safe_dump(content, sort_keys=False, width=120)


def _deployment(name: str, entrypoint: str, group: str, description: str | None) -> dict[str, object]:
    """Return the entry of one flow."""
    described = {} if description is None else {"description": description}
    return {
        "name": name,
        "entrypoint": entrypoint,
        "tags": ["dwarfnu", group],
        **described,
        "work_pool": {"name": WORK_POOL},
    }


if __name__ == "__main__":
    PREFECT_FILE.write_text(prefect_yaml(), encoding="utf-8")
