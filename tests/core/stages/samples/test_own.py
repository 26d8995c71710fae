"""A sample of the user's own: what of a file and of the settings makes its events other ones."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.configuration.config import Config, read_config
from core.errors import ConfigError, InputError
from core.stages.samples.own import OWN, check_enough_for_an_analysis, check_input, event_parts, good_runs, sample_files
from tests.core.events.conftest import make_sample
from tests.core.events.test_skylab import skylab_array

SKYLAB = """
products = "p"
analysis = "mine"
sample = "own"
[events]
format = "skylab"
"""


def skylab(folder: Path, settings: str, *names: str) -> Config:
    """The configuration of skylab files of these names."""
    for name in names:
        kind: Any = "mc" if "MC" in name else "data"
        np.save(folder / f"{name}.npy", skylab_array(make_sample(kind, 5, 1)))
    (folder / "mine.toml").write_text(SKYLAB + settings)
    return read_config(folder / "mine.toml")


def test_files_are_parts_of_their_seasons_in_order(tmp_path: Path) -> None:
    config = skylab(tmp_path, 'data=["*_exp.npy"]', "IC86_2016_a_exp", "IC86_2015_exp", "IC86_2016_b_exp")
    files = sample_files(config, "data")
    assert {season: [path.name for path in paths] for season, paths in files.items()} == {
        "IC86_2015": ["IC86_2015_exp.npy"],
        "IC86_2016": ["IC86_2016_a_exp.npy", "IC86_2016_b_exp.npy"],
    }
    assert {season: len(parts) for season, parts in event_parts(config, "data").items()} == {
        "IC86_2015": 1,
        "IC86_2016": 2,
    }


def test_the_scale_of_energies_is_that_of_the_season(tmp_path: Path) -> None:
    settings = 'data=["*_exp.npy"]\nenergy_scale={IC86_2016=1.04}'
    config = skylab(tmp_path, settings, "IC86_2015_exp", "IC86_2016_exp")
    scales = {season: parts[0].parameters["energy_scale"] for season, parts in event_parts(config, "data").items()}
    assert scales == {"IC86_2015": 1.0, "IC86_2016": 1.04}
    check_input(config)


def test_a_scale_of_no_season_is_refused(tmp_path: Path) -> None:
    config = skylab(tmp_path, 'data=["*_exp.npy"]\nenergy_scale={IC86_2013=1.04}', "IC86_2015_exp")
    with pytest.raises(ConfigError, match=r"energy_scale names season IC86_2013; the seasons of the files are IC86_20"):
        check_input(config)


def test_a_file_that_is_written_again_is_another(tmp_path: Path) -> None:
    config = skylab(tmp_path, 'data=["*_exp.npy"]', "IC86_2015_exp")
    before = event_parts(config, "data")["IC86_2015"][0].parameters
    np.save(tmp_path / "IC86_2015_exp.npy", skylab_array(make_sample("data", 6, 1)))
    after = event_parts(config, "data")["IC86_2015"][0].parameters
    assert {name for name in before if before[name] != after[name]} >= {"size", "modified_ns"}


def test_strictness_is_a_hint_alone(tmp_path: Path) -> None:
    config = skylab(tmp_path, 'data=["*_exp.npy"]\nstrict=true', "IC86_2015_exp")
    (part,) = event_parts(config, "data")["IC86_2015"]
    assert part.hints == {"strict": True}
    assert "strict" not in part.parameters


def test_lists_of_good_runs_must_be_of_all_seasons_or_of_none(tmp_path: Path) -> None:
    without = skylab(tmp_path, 'data=["*_exp.npy"]', "IC86_2015_exp", "IC86_2016_exp")
    assert good_runs(without) == {}
    np.save(tmp_path / "IC86_2015_grl.npy", np.zeros(1))
    config = skylab(tmp_path, 'data=["*_exp.npy"]\ngood_runs=["*_grl.npy"]')
    with pytest.raises(InputError, match="no list of IC86_2016, of which there are data; give one"):
        good_runs(config)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ('data=["*_exp.npy"]', "events.simulation names no files: the response comes from simulated events"),
        (
            'simulation=["*_MC.npy"]\noneweight_scale=0.5',
            "events.data names no files: the background comes from measured events",
        ),
        (
            'data=["*_exp.npy"]\nsimulation=["*_MC.npy"]\noneweight_scale=0.5',
            "events.good_runs names no files: the livetime comes from the lists of good runs",
        ),
    ],
)
def test_an_analysis_needs_data_simulation_and_livetime(tmp_path: Path, settings: str, said: str) -> None:
    config = skylab(tmp_path, settings, "IC86_2015_exp", "IC86_2015_MC")
    check_input(config)
    with pytest.raises(ConfigError, match=said):
        check_enough_for_an_analysis(config)


def test_its_bins_may_be_told() -> None:
    assert OWN.events is not None
    assert OWN.event_counts is OWN.response is None
    told = Config(
        sample="own", analysis="mine", events={"data": ["x.npy"]}, bins={"reco_energy_edges": (1.0, 10.0, 100.0)}
    )
    assert OWN.bins(told).reco_energy_edges.tolist() == [1.0, 10.0, 100.0]
