"""Settings of an own sample: what cannot be meant is refused by name, and what is printed reads back."""

import tomllib
from pathlib import Path

import numpy as np
import pytest

from core.configuration.config import Config, read_config
from core.configuration.written import config_as_toml
from core.errors import ConfigError, DwarfnuError, InputError
from core.products.store import ProductStore
from core.stages.registry import recipes
from core.stages.samples.own import check_enough_for_an_analysis, check_input, good_run_files, sample_files
from tests.core.events.conftest import make_sample
from tests.core.events.test_skylab import skylab_array

OWN = 'analysis = "mine"\nsample = "own"\n[events]\n'
DATA = OWN + 'data = ["a"]'


def written(folder: Path, text: str) -> Path:
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('sample = "own"\n[events]\ndata = ["a"]', "analysis = 'public-3y' is the name of the public analysis"),
        ('[events]\ndata = ["a"]', "set sample = 'own' for own files"),
        (OWN, "events.data and events.simulation name no files"),
        (OWN + 'dat = ["a"]', "unknown key events.dat; known here are format, data, simulation, good_runs"),
        (DATA + '\nformat = "hdf5"', "events.format = 'hdf5': input should be 'i3', 'skylab' or 'parquet'"),
        (DATA + '\nprofile = "x"', "events.profile = 'x': input should be 'dragon' or 'oscnext'"),
        (
            DATA + '\n[events.key_names]\nreco_enrgy = "E"',
            "unknown key events.key_names.reco_enrgy; known here are",
        ),
        (
            DATA + '\n[events.key_names]\nreco_energy = ""',
            "events.key_names.reco_energy = '': every sample has it",
        ),
        (
            DATA + "\n[events.key_names]\nreco_energy = 3",
            "events.key_names.reco_energy = 3.0: a name is due",
        ),
        (DATA + '\n[events.key_names]\nreco_energy = "a.b.c"', "'a.b.c' names no quantity"),
        (
            DATA + "\n[events.key_names]\nneutrino_fraction = 2",
            "neutrino_fraction is 2.0, it must lie between",
        ),
        (DATA + '\n[[events.cuts]]\nname = "x"\nquantity = "E"\nrelation = "~"', "events.cuts.0.relation"),
        (DATA + '\n[[events.cuts]]\nnam = "x"', "events.cuts.0.name"),
        (OWN + 'simulation = ["a"]\nformat = "skylab"', "events.oneweight_scale is missing: skylab simulation needs"),
        (OWN + 'simulation = ["a"]\noneweight_scale = 0.5', "only events.format = 'skylab' takes it, not 'i3'"),
        (DATA + '\nformat = "skylab"\nprofile = "oscnext"', "events.profile: only events.format = 'i3'"),
        (
            OWN + 'data = ["a"]\nformat = "parquet"\nkey_names = {tree = "T"}',
            "events.key_names: only events.format = 'i3'",
        ),
        (DATA + "\nenergy_scale = {IC86_2016 = 0}", "events.energy_scale.IC86_2016 = 0: input should be"),
        (DATA + "\nn_simulated_files = 0", "events.n_simulated_files = 0: input should be greater than"),
        (DATA + '\nseason = "../x"', "events.season = '../x': input should be a season such as IC86_2011"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_path(tmp_path: Path, text: str, said: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        read_config(path)
    assert said in str(caught.value)
    assert str(path) in str(caught.value)


def test_the_printed_configuration_reads_back_as_itself(tmp_path: Path) -> None:
    text = (
        OWN + 'data = ["d/*.i3", "~/x.i3"]\nprofile = "oscnext"\nenergy_scale = {IC86_2016 = 1.04}\n'
        'key_names = {track_score = "", "tree" = "My \\"tree\\""}\n'
        '[[events.cuts]]\nname = "a"\nquantity = "E"\nrelation = ">"\nthreshold = 3\n'
    )
    config = read_config(written(tmp_path, text))
    assert config.events.data[0] == str(tmp_path / "d/*.i3")
    profile = config.events.key_profile()
    assert (profile.track_score, profile.tree, profile.reco_energy) == (
        None,
        'My "tree"',
        "L7_reconstructed_total_energy",
    )
    assert [cut.condition for cut in profile.cuts] == ["E > 3"]
    assert Config.model_validate(tomllib.loads(config_as_toml(config))) == config
    assert Config.model_validate_json(config.model_dump_json()) == config


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Empty files of two seasons, told by a name and by a folder."""
    (tmp_path / "IC86.2012").mkdir()
    for name in ("Level2_IC86.2011_data_Run0012.i3", "IC86.2012/b.i3", "IC86.2012/a.i3", "IC86.2012/IC79_2010.i3"):
        (tmp_path / name).touch()
    return tmp_path


def test_files_are_found_once_and_sorted_by_season(folder: Path) -> None:
    text = OWN + 'data = ["**/*.i3", "IC86.2012/a.i3"]'
    found = sample_files(read_config(written(folder, text)), "data")
    assert {season: [path.name for path in paths] for season, paths in found.items()} == {
        "IC79_2010": ["IC79_2010.i3"],
        "IC86_2011": ["Level2_IC86.2011_data_Run0012.i3"],
        "IC86_2012": ["a.i3", "b.i3"],
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('data = ["IC86.2012/*.i3", "none_*.i3"]', r"events\.data: no file matches .*none_\*\.i3"),
        ('data = ["IC86.2012/c.i3"]', r"events\.data: no file matches .*c\.i3"),
        ('data = ["x.i3"]', "tells a season such as IC86_2011: set events.season"),
        ('data = ["IC86.2012/*.i3"]\ngood_runs = ["GRL_IC86_2012.npy"]', "no list of IC79_2010, of which there are"),
        ('data = ["IC86.2012/*.i3"]\nenergy_scale = {IC86_2021 = 2}', "seasons of the files are IC79_2010, IC86_2012"),
    ],
)
def test_files_that_cannot_be_found_are_named(folder: Path, text: str, said: str) -> None:
    (folder / "x.i3").touch()
    (folder / "GRL_IC86_2012.npy").touch()
    with pytest.raises(DwarfnuError, match=said):
        check_input(read_config(written(folder, OWN + text)))


def test_season_where_nothing_tells_it(folder: Path) -> None:
    (folder / "x.i3").touch()
    config = read_config(written(folder, OWN + 'data = ["*.i3"]\nseason = "IC86_2019"'))
    assert list(sample_files(config, "data")) == ["IC86_2011", "IC86_2019"]
    assert good_run_files(config) == {}


def test_missing_columns_are_named_before_anything_is_read(tmp_path: Path) -> None:
    array = skylab_array(make_sample("data"))
    array.dtype.names = tuple({"angErr": "angErr2"}.get(name, name) for name in array.dtype.names)
    np.save(tmp_path / "IC86_2013_exp.npy", array)
    config = read_config(written(tmp_path, OWN + 'format = "skylab"\ndata = ["*_exp.npy"]'))
    with pytest.raises(InputError, match=r"IC86_2013_exp.npy lacks the columns angErr \(is it angErr2\?\)"):
        check_input(config)
    (tmp_path / "IC86_2013.parquet").write_bytes(b"no table")
    config = read_config(written(tmp_path, OWN + 'format = "parquet"\ndata = ["*.parquet"]'))
    with pytest.raises(InputError, match=r"cannot read events from .*IC86_2013\.parquet"):
        check_input(config)


def test_the_public_sample_has_no_events(folder: Path) -> None:
    with pytest.raises(ConfigError, match="the public sample needs no ingest"):
        recipes(Config(), ProductStore(folder), "events")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("", "events.simulation names no files: the response comes from simulated events"),
        ('simulation = ["b.i3"]', "events.good_runs names no files: the livetime comes from"),
    ],
)
def test_an_analysis_needs_data_simulation_and_livetime(folder: Path, given: str, said: str) -> None:
    config = read_config(written(folder, OWN + 'data = ["IC86.2012/*.i3"]\n' + given))
    with pytest.raises(ConfigError, match=said):
        check_enough_for_an_analysis(config)
