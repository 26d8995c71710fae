"""Job scripts with which a batch system makes the shards of an analysis' trials, where no server of ours may run.

A first job makes what all shards need, then each job of an array makes some of them; `dwarfnu run` collects. What
stands is not made again, so that the same folder may be submitted again after jobs have died.
"""

import shlex
from collections.abc import Mapping
from pathlib import Path

from core.configuration.config import Config
from core.errors import ConfigError
from core.products.recipe import State
from core.products.store import ProductStore
from core.stages.freshness import Freshness
from core.stages.registry import TRIALS, recipes
from core.stages.trial_recipes import is_shard
from deployments.profile import Profile


def missing_parts(config: Config, store: ProductStore) -> list[int]:
    """Return the numbers of the parts of which a shard of any pair is not fresh; all before the densities stand."""
    freshness = Freshness(config, store)
    shards = [recipe for stage in TRIALS for recipe in recipes(config, store, stage.name) if is_shard(recipe)]
    known = {(recipe.product.stage, recipe.product.keys["channel"], recipe.product.keys["mass"]) for recipe in shards}
    asked = {(stage.name, *pair) for stage in TRIALS for pair in config.channel_masses}
    if known < asked:
        return list(range(-(-max(config.trials.n_background, config.trials.n_signal) // config.trials.shard_size)))
    return sorted({shard.part for shard in shards if freshness.of(shard).state is not State.FRESH})


def grouped(parts: list[int], size: int) -> list[str]:
    """Return the parts as options of --parts, such as 0-9, each of at most `size` parts that follow each other."""
    groups: list[list[int]] = []
    for part in parts:
        if groups and len(groups[-1]) < size and groups[-1][-1] + 1 == part:
            groups[-1].append(part)
        else:
            groups.append([part])
    return [str(group[0]) if len(group) == 1 else f"{group[0]}-{group[-1]}" for group in groups]


def job_files(profile: Profile, command: str, groups: list[str], folder: Path) -> Mapping[str, str]:
    """Return the files of a submission by name, for a command that takes --parts, and groups of parts.

    Raises ConfigError if there are no parts to make.
    """
    if not groups:
        raise ConfigError("every shard of the trials stands: there is nothing to submit; `dwarfnu run` collects")
    files = {"parts.txt": "".join(f"{group}\n" for group in groups), "job.sh": _job(profile, command)}
    own = _slurm if profile.scheduler == "slurm" else _htcondor
    return files | own(profile, len(groups), folder.absolute())


def _job(profile: Profile, command: str) -> str:
    """Return the script of one job, whose argument is the line of parts.txt that it makes, counted from 0."""
    contained = f"apptainer exec {shlex.quote(profile.container)} " if profile.container else ""
    return "\n".join(
        [
            "#!/bin/bash",
            "set -euo pipefail",
            'here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")',
            'parts=$(sed -n "$(($1 + 1))p" "$here/parts.txt")',
            *profile.shell_before,
            f'exec {contained}{command} --workers {profile.cores} --parts "$parts"',
            "",
        ]
    )


def _slurm(profile: Profile, n_jobs: int, folder: Path) -> dict[str, str]:
    asked = [
        f"--time={profile.walltime}",
        f"--mem={profile.memory_mb}M",
        f"--cpus-per-task={profile.cores}",
        *([] if profile.queue is None else [f"--partition={profile.queue}"]),
    ]
    options = "".join(f"#SBATCH {option}\n" for option in ("--job-name=dwarfnu", *asked))
    place = shlex.quote(str(folder))
    first = f"#!/bin/bash\n{options}#SBATCH --output={folder}/first.log\nexec bash {place}/job.sh 0\n"
    others = (
        f"#!/bin/bash\n{options}#SBATCH --array=1-{n_jobs - 1}\n#SBATCH --output={folder}/job-%a.log\n"
        f'exec bash {place}/job.sh "$SLURM_ARRAY_TASK_ID"\n'
    )
    submit = f"first=$(sbatch --parsable {place}/first.sbatch)\n"
    # When the first fails, the others leave the queue: they would wait for ever.
    after = 'sbatch --kill-on-invalid-dep=yes --dependency="afterok:$first"'
    submit += f"{after} {place}/others.sbatch\n" if n_jobs > 1 else ""
    files = {"first.sbatch": first, "submit.sh": f"#!/bin/bash\nset -euo pipefail\n{submit}"}
    return files | ({"others.sbatch": others} if n_jobs > 1 else {})


def _htcondor(profile: Profile, n_jobs: int, folder: Path) -> dict[str, str]:
    place = str(folder)
    common = {
        "executable": f"{place}/job.sh",
        "request_cpus": profile.cores,
        "request_memory": f"{profile.memory_mb} MB",
        "+MaxRuntime": profile.walltime_seconds,
        "log": f"{place}/jobs.log",
        **({} if profile.queue is None else {"accounting_group": profile.queue}),
    }
    lines = "".join(f"{name} = {value}\n" for name, value in common.items())
    first = f"{lines}arguments = 0\noutput = {place}/first.out\nerror = {place}/first.err\nqueue\n"
    others = (
        f"{lines}job = $(Process) + 1\narguments = $INT(job)\noutput = {place}/job-$INT(job).out\n"
        f"error = {place}/job-$INT(job).err\nqueue {n_jobs - 1}\n"
    )
    many = n_jobs > 1
    dag = f"JOB first {place}/first.sub\n"
    dag += f"JOB others {place}/others.sub\nPARENT first CHILD others\n" if many else ""
    submit = f"#!/bin/bash\nset -euo pipefail\ncondor_submit_dag {shlex.quote(place)}/trials.dag\n"
    files = {"first.sub": first, "trials.dag": dag, "submit.sh": submit}
    return files | ({"others.sub": others} if many else {})
