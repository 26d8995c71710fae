"""The files of a submission: each part in one job, each job within what the profile asks for, shell that runs."""

import re
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.configuration.config import read_config
from core.errors import ConfigError
from core.products.store import ProductStore
from deployments.profile import Profile
from deployments.submission import grouped, job_files, missing_parts

NUMBERS = st.sets(st.integers(0, 400)).map(sorted)


def numbers_of(group: str) -> list[int]:
    first, _, last = group.partition("-")
    return list(range(int(first), int(last or first) + 1))


@given(NUMBERS, st.integers(1, 20))
def test_each_part_is_in_one_group_and_no_group_is_too_large(parts: list[int], size: int) -> None:
    groups = [numbers_of(group) for group in grouped(parts, size)]
    assert [part for group in groups for part in group] == parts
    assert all(len(group) <= size for group in groups)


def test_before_anything_stands_all_parts_are_missing(tmp_path: Path) -> None:
    config = read_config(
        None, pairs={"tautau": [20]}, trials={"n_background": 1050, "n_signal": 300, "shard_size": 100}
    )
    assert missing_parts(config, ProductStore(tmp_path)) == list(range(11))


def test_a_job_makes_the_parts_of_its_line(tmp_path: Path) -> None:
    profile = Profile(cores=3, scratch=str(tmp_path / "scratch"), setup=("export SAID=hello",))
    command = "bash -c 'echo $SAID $TMPDIR \"$@\"' --"
    for name, text in job_files(profile, command, ["0-4", "7"], tmp_path).items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    said = [
        subprocess.run(["bash", tmp_path / "job.sh", line], capture_output=True, text=True, check=True).stdout
        for line in ("0", "1")
    ]
    scratch = tmp_path / "scratch"
    assert said == [f"hello {scratch} --workers 3 --parts {group}\n" for group in ("0-4", "7")]
    assert scratch.is_dir()


def test_slurm_is_asked_for_what_the_profile_says(tmp_path: Path) -> None:
    profile = Profile(queue="long", walltime="12:30:00", memory_mb=4000, cores=2, container="/images/dwarfnu.sif")
    files = job_files(profile, "dwarfnu trials", ["0-9", "10-19", "20"], tmp_path)
    assert set(files) == {"parts.txt", "job.sh", "first.sbatch", "others.sbatch", "submit.sh"}
    for name in ("first.sbatch", "others.sbatch"):
        asked = dict(re.findall(r"^#SBATCH --([\w-]+)=(.*)$", files[name], re.MULTILINE))
        of_profile = {"time": "12:30:00", "mem": "4000M", "cpus-per-task": "2", "partition": "long"}
        assert of_profile.items() <= asked.items()
    assert "#SBATCH --array=1-2\n" in files["others.sbatch"]
    assert "apptainer exec /images/dwarfnu.sif dwarfnu trials" in files["job.sh"]


def test_htcondor_queues_the_others_after_the_first(tmp_path: Path) -> None:
    profile = Profile(scheduler="htcondor", walltime="1:00:30", memory_mb=4000)
    files = job_files(profile, "dwarfnu trials", ["0-9", "10-19", "20"], tmp_path)
    others = dict(line.split(" = ", 1) for line in files["others.sub"].splitlines() if " = " in line)
    assert (others["request_memory"], others["+MaxRuntime"], others["executable"]) == (
        "4000 MB",
        "3630",
        f"{tmp_path}/job.sh",
    )
    assert files["others.sub"].endswith("queue 2\n")
    assert "PARENT first CHILD others\n" in files["trials.dag"]


@pytest.mark.parametrize("scheduler", ["slurm", "htcondor"])
def test_one_job_needs_no_array(scheduler: str, tmp_path: Path) -> None:
    files = job_files(Profile.model_validate({"scheduler": scheduler}), "dwarfnu trials", ["0-9"], tmp_path)
    assert not {"others.sbatch", "others.sub"} & set(files)
    assert "others" not in files["submit.sh"] + files.get("trials.dag", "")


def test_where_all_stands_there_is_nothing_to_submit(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="nothing to submit"):
        job_files(Profile(), "dwarfnu trials", [], tmp_path)


def test_htcondor_itself_reads_the_descriptions_of_jobs(tmp_path: Path) -> None:
    htcondor = pytest.importorskip("htcondor2", reason="needs the group htcondor")
    profile = Profile(scheduler="htcondor", queue="group_x", cores=2, walltime="2:00:00", memory_mb=3000)
    files = job_files(profile, "dwarfnu trials", ["0-9", "10-19", "20"], tmp_path)
    first, others = (htcondor.Submit(files[name]) for name in ("first.sub", "others.sub"))
    assert (others.getQArgs(), others.expand("arguments")) == ("2", "1")
    assert others.expand("output") == f"{tmp_path}/job-1.out"
    assert first["arguments"] == "0"
    for job in (first, others):
        asked = {name: job[name] for name in ("request_cpus", "request_memory", "MY.MaxRuntime", "accounting_group")}
        assert list(asked.values()) == ["2", "3000 MB", "7200", "group_x"]
        assert job["executable"] == f"{tmp_path}/job.sh"
