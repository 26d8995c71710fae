"""The folder of an export, from results of round numbers: each file is there and says where it comes from."""

import json
from pathlib import Path

import h5py
import pytest
import yaml

from core.export.release import write_release
from tests.core.export.made_results import origin, results


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("release")
    write_release(made, results(), origin())
    return made


def test_every_kind_of_file_is_there(folder: Path) -> None:
    for name in (
        "README.md",
        "products.csv",
        "tables/sensitivity.csv",
        "tables/sensitivity.tex",
        "tables/counts_limit.csv",
        "tables/profile_likelihood.csv",
        "tables/profile_likelihood_by_source.csv",
        "curves/tautau_dwarfnu-public-3y_2026_dSph-sensitivity_CL90.csv",
        "curves/tautau_dwarfnu-public-3y_2026_dSph-limit-from-counts_CL90.csv",
        "likelihoods/right_ascension_expected/tautau_stacked_dwarfnupublic3y.txt",
        "likelihoods/right_ascension_expected/bb_Willman1_dwarfnupublic3y.txt",
        "likelihoods/counts_measured/bb_dwarfs_dwarfnupublic3y.txt",
        "workspaces/tautau_20.json",
        "hepdata/submission.yaml",
        "hepdata/counts_limit_bb.yaml",
    ):
        assert (folder / name).is_file(), name


def test_every_file_says_digest_licence_and_caveats_in_itself_or_beside(folder: Path) -> None:
    for path in (path for path in folder.rglob("*") if path.is_file()):
        if path.suffix == ".hdf5":
            with h5py.File(path) as file:
                said = " ".join(str(value) for value in file.attrs.values())
        elif path.suffix in {".txt", ".json"}:
            said = json.dumps(yaml.safe_load((path.parent / "about.yaml").read_text(encoding="utf-8")))
            assert path.name in said
        elif path.parent.name == "hepdata":
            said = (path.parent / "submission.yaml").read_text(encoding="utf-8")
            assert path.name in said or path.name == "submission.yaml"
        else:
            said = path.read_text(encoding="utf-8")
        if path.parent.name == "published":
            assert "# cite: " in said
            continue
        for word in ("0123abcd", "CC-BY-4.0", "not a result of the IceCube Collaboration", "A. Author, 2026"):
            assert word in said, path


def test_a_curve_of_decay_has_no_published_naming(tmp_path: Path) -> None:
    from dataclasses import replace

    from core.dark_matter.processes import PROCESSES

    rows = {
        "sensitivity": [
            {"channel": "bb", "mass": 40.0, "decay_rate_sensitivity": 1e-27, "decay_rate_band_lo68": None,
             "decay_rate_band_hi68": 2e-27}
        ]
    }  # fmt: skip
    alone = replace(results(), process=PROCESSES["decay"], rows=rows, likelihoods={}, counts={})
    write_release(tmp_path, alone, origin())
    assert not (tmp_path / "curves").exists()
    assert not (tmp_path / "likelihoods").exists()
    assert "1/\\tau" in (tmp_path / "tables" / "sensitivity.tex").read_text(encoding="utf-8")
