"""The configuration: defaults are the public analysis, and what cannot be meant is refused with its path."""

import tomllib
from pathlib import Path

import pytest
from pydantic import ValidationError

from core.configuration.config import Config, read_config
from core.configuration.written import config_as_toml
from core.dark_matter.channels import PUBLISHED_PAIRS
from core.errors import ConfigError


def written(folder: Path, text: str) -> Path:
    path = folder / "analysis.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_defaults_are_the_public_analysis() -> None:
    config = read_config()
    assert config.analysis == config.sample == "public-3y"
    assert config.channel_masses == PUBLISHED_PAIRS
    assert len(config.channel_masses) == 44
    assert config.sources.j_aperture_deg == 0.5
    assert config.trials.n_background == 100_000


def test_the_printed_configuration_reads_back_as_itself() -> None:
    config = read_config(None, seed=7, pairs={"bb": [10, 20.5]}, sources={"exclude": ['a "quoted" \\ name']})
    assert Config.model_validate(tomllib.loads(config_as_toml(config))) == config


def test_published_aliases_name_channels(tmp_path: Path) -> None:
    config = read_config(written(tmp_path, "[pairs]\nTau = [5, 10]\nNu = [30]\n"))
    assert config.channel_masses == (("tautau", 5.0), ("tautau", 10.0), ("nunu", 30.0))


MIXTURE = "[mixtures]\nmy_model = { b = 0.7, tautau = 0.3 }\n"


def test_a_mixture_is_a_channel_of_the_configuration(tmp_path: Path) -> None:
    config = read_config(written(tmp_path, MIXTURE + "[pairs]\nmy_model = [20, 50]\nTau = [20]\n"))
    assert config.channel_masses == (("my_model", 20.0), ("my_model", 50.0), ("tautau", 20.0))
    assert config.mixtures == {"my_model": {"bb": 0.7, "tautau": 0.3}}
    assert Config.model_validate(tomllib.loads(config_as_toml(config))) == config


def test_the_channel_of_a_users_spectra_is_named_after_the_file_or_as_told(tmp_path: Path) -> None:
    for told, name in (("", "my"), ("file_channel = 'theirs'\n", "theirs"), ("file_channel = 'bb'\n", "bb")):
        text = f"[spectra]\nfile = 'my.csv'\n{told}[mixtures]\nhalf = {{ {name} = 0.5, mumu = 0.5 }}\n"
        config = read_config(written(tmp_path, text + f"[pairs]\n{name} = [20]\nhalf = [30]\n"))
        assert config.channel_masses == ((name, 20.0), ("half", 30.0))
        assert config.spectra.files == {name: str(tmp_path / "my.csv")}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (MIXTURE + "[pairs]\nmy_modle = [10]", "unknown channel 'my_modle': known are bb, mumu"),
        (MIXTURE + "[pairs]\nmy_modle = [10]", "(configured: my_model)"),
        (
            "[mixtures]\nm = { bb = 0.7, tautau = 0.2 }",
            "mixture m: its fractions sum to 0.9; allowed is 1 within 1e-06",
        ),
        ("[mixtures]\nm = { bb = 1.5, tautau = -0.5 }", "mixture m: bb = 1.5; allowed is a fraction above 0, up to 1"),
        ("[mixtures]\nm = { bb = 0.7, b = 0.3 }", "mixture m names channel bb twice"),
        ("[mixtures]\nm = { qq = 1.0 }", "unknown channel 'qq'"),
        ("[mixtures]\nTau = { bb = 1.0 }", "'Tau' is the name of a channel already"),
        ("[mixtures]\n'a/b' = { bb = 1.0 }", "mixture 'a/b' cannot stand in a path"),
        ("[spectra]\nfile = 'm.csv'\n[mixtures]\nm = { bb = 1.0 }", "'m' is the name of the channel of spectra.file"),
        ("[spectra]\nfile = 'my spectra.csv'", "file_channel 'my spectra' cannot stand in a path"),
        ("[spectra]\nfile_channel = 'my'", "file_channel is set, but file is not"),
    ],
)
def test_impossible_channels_are_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_config(written(tmp_path, text))
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("sed = 1", "unknown key sed; known here are analysis, sample, process, seed"),
        ("[trials]\nn_bckground = 5", "unknown key trials.n_bckground; known here are n_background, n_signal"),
        ("[pairs]\nqq = [10]", "unknown channel 'qq': known are bb, mumu"),
        ("[pairs]\nbb = [1e9]", "pairs.bb.0 = 1000000000.0: input should be less than or equal to 1000"),
        ("[pairs]\nbb = [nan]", "pairs.bb.0 = nan: input should be a finite number"),
        ("[pairs]\nb = [10]\nbb = [20]", "pairs names channel bb twice"),
        ("[pairs]\nbb = [10, 10.0]", "pairs names mass 10 of bb twice"),
        ("[sources]\nj_aperture_deg = 0.3", "sources.j_aperture_deg = 0.3: input should be 0.1, 0.2, 0.5, 10"),
        ("[statistic]\nnside = 5", "statistic.nside = 5: input should be 8, 16, 32, 64 or 128"),
        ("[statistic]\nwindow = [20, 10]", "a window is (low, high) in GeV with 0 <= low < high"),
        ("[statistic]\nwindow = 'publised'", "statistic.window = 'publised': input should be 'published' or 'optimal'"),
        ("[statistic]\nwindow = 30", "statistic.window = 30: input should be a valid tuple"),
        (
            "[statistic]\nwindow = 'published'\n[pairs]\nbb = [10, 25]",
            'statistic.window = "published": there is no published window of bb at 25 GeV, only at 10, 20, 30, 50, 80',
        ),
        ("process = 'decay'", "process = 'decay' needs D factors, which the embedded catalogue does not have"),
        (
            "process = 'decay'\n[sources]\ncatalogue = 'mine.csv'\n[statistic]\nwindow = 'published'",
            "statistic.window = 'published' is of annihilation",
        ),
        (
            "sample = 'simulated-7y'\n[simulated]\ninjected = [{channel = 'bb', mass = 50, lifetime = 1e19}]",
            "simulated.injected gives a lifetime, but process = 'annihilation': give sigma_v",
        ),
        (
            "sample = 'simulated-7y'\n[simulated]\ninjected = [{channel = 'bb', mass = 50}]",
            "give either sigma_v, for annihilation, or lifetime, for decay",
        ),
        ("[energy_range]\nstep_gev = 2", "energy_range is set, but sample = 'public-3y' has the edges of its bins"),
        ("[energy_range]\nstep_gev = 3", "highest_gev should be a whole number of steps, at most 1000, not 166.667"),
        ("[energy_range]\nstep_gev = 0.1", "highest_gev should be a whole number of steps, at most 1000, not 5000"),
        ("[energy_range]\nstep_gev = 0", "energy_range.step_gev = 0: input should be greater than 0"),
        ("[trials]\nn_background = -1", "trials.n_background = -1: input should be greater than or equal to 100"),
        ('analysis = "../elsewhere"', "analysis = '../elsewhere'"),
        ("seed = -1", "seed = -1: input should be greater than or equal to 0"),
        ("seed = = 1", "is not a TOML file"),
        ("[pairs]\nbb = []", "pairs.bb = []: tuple should have at least 1 item"),
        ('[pairs]\nbb = ["10"]', "pairs.bb.0 = '10': input should be a number, not text, true or false"),
        ('[pairs]\nbb = ["10", "10"]', "pairs names mass 10 of bb twice"),
        ("seed = true", "seed = True: input should be a number, not text, true or false"),
        ('[trials]\nn_signal = "500"', "trials.n_signal = '500': input should be a number"),
        ("[sources]\nj_aperture_deg = '0.5'", "sources.j_aperture_deg = '0.5': input should be a number"),
        ("[spectra]\nmixing_angles = [0.3, nan, 0.5, 200]", "spectra.mixing_angles.1 = nan: input should be a finite"),
        ("[spectra]\nmixing_angles = [0.3, 0.02, 0.5, nan]", "spectra.mixing_angles.3 = nan: input should be a finite"),
        ("[statistic]\nwindow = [10, inf]", "statistic.window.1 = inf: input should be a finite number"),
        ("[trials]\ninjected_over_uncertainty = [1, 1.0, 2, 2]", "input should hold at least 3 different numbers"),
        ('products = ""', "products = '': input should be a path, not an empty text"),
        ('products = "~nobody-of-this-name/x"', "there is no home folder for ~nobody-of-this-name"),
        ('[sources]\ncatalogue = " "', "sources.catalogue = ' ': input should be a path, not an empty text"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_path(tmp_path: Path, text: str, said: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        read_config(path)
    assert said in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"cannot read the configuration .*nowhere\.toml: No such file"):
        read_config(tmp_path / "nowhere.toml")


def test_paths_are_meant_from_the_folder_of_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, 'products = "out"\n[sources]\ncatalogue = "mine.csv"\n[spectra]\nsource = "pythia"\n')
    config = read_config(path)
    assert config.product_root == str(tmp_path / "out")
    assert config.sources.catalogue == str(tmp_path / "mine.csv")
    assert config.spectra.source == "pythia"


def test_whole_numbers_do_for_real_ones_and_lists_for_tuples(tmp_path: Path) -> None:
    text = "[pairs]\nbb = [10]\n[statistic]\nwindow = [6, 40]\n[trials]\ninjected_over_uncertainty = [1, 2, 3]\n"
    config = read_config(written(tmp_path, text))
    assert config.channel_masses == (("bb", 10.0),)
    assert config.statistic.window == (6.0, 40.0)
    assert config.trials.injected_over_uncertainty == (1.0, 2.0, 3.0)
    assert Config.model_validate_json(config.model_dump_json()) == config


@pytest.mark.parametrize("window", ["published", "optimal", [0.5, 30.0]])
def test_a_window_is_told_by_name_or_by_edges(tmp_path: Path, window: object) -> None:
    config = read_config(None, statistic={"window": window})
    assert config.statistic.window == (tuple(window) if isinstance(window, list) else window)
    assert read_config(written(tmp_path, config_as_toml(config))) == config
    assert Config.model_validate_json(config.model_dump_json()) == config


def test_forms_made_from_the_configuration_know_what_is_allowed() -> None:
    schema = Config.model_json_schema()
    assert schema["properties"]["seed"]["minimum"] == 0
    masses = schema["properties"]["pairs"]["additionalProperties"]
    assert (masses["minItems"], masses["items"]["minimum"], masses["items"]["maximum"]) == (1, 1.0, 1000.0)
    injected = schema["$defs"]["TrialSettings"]["properties"]["injected_over_uncertainty"]["items"]
    assert (injected["exclusiveMinimum"], injected["maximum"]) == (0.0, 20.0)


def test_a_tilde_means_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/someone")
    config = read_config(written(tmp_path, 'products = "~/out"\n[sources]\ncatalogue = "~/mine.csv"\n'))
    assert config.product_root == "/home/someone/out"
    assert config.sources.catalogue == "/home/someone/mine.csv"
    assert read_config(None, products="~/here").product_root == "/home/someone/here"
    monkeypatch.setenv("DWARFNU_PRODUCTS", "~/elsewhere")
    assert read_config().product_root == "/home/someone/elsewhere"
    monkeypatch.setenv("DWARFNU_PRODUCTS", "~nobody-of-this-name/x")
    with pytest.raises(ConfigError, match="DWARFNU_PRODUCTS = '~nobody-of-this-name/x': there is no home folder"):
        _ = read_config().product_root


def test_a_url_of_products_stays_as_it_is(tmp_path: Path) -> None:
    assert read_config(written(tmp_path, 'products = "memory://x"')).product_root == "memory://x"


def test_the_environment_says_where_products_lie(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DWARFNU_PRODUCTS", raising=False)
    assert read_config().product_root == "products"
    monkeypatch.setenv("DWARFNU_PRODUCTS", "elsewhere")
    assert read_config().product_root == "elsewhere"
    assert read_config(None, products="here").product_root == "here"


def test_a_configuration_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        read_config().seed = 3  # type: ignore[misc]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"name": "j_weighted", "background": "known"}, 'background has no meaning for the statistic "j_weighted"'),
        ({"name": "j_weighted", "nside": 64}, 'nside has no meaning for the statistic "j_weighted"'),
        ({"grid": True}, 'grid has no meaning for the statistic "joint": leave it out, or change name'),
        ({"declination_band_deg": 20}, "declination_band_deg has no meaning"),
        ({"skies": "one"}, 'skies has no meaning for the statistic "joint": leave it out, or change name'),
        ({"name": "j_weighted", "nside": 64}, 'leave it out, or set skies = "one", or change name'),
        (
            {"name": "j_weighted", "skies": "one", "n_cells": 64},
            'n_cells has no meaning for the statistic "j_weighted"',
        ),
        (
            {"name": "j_weighted", "skies": "one", "declination_band_deg": 20},
            'declination_band_deg has no meaning with skies = "one"',
        ),
        ({"name": "j_weighted", "skies": "two"}, "skies = 'two': input should be 'separate' or 'one'"),
    ],
)
def test_settings_of_the_other_statistic_are_refused(settings: dict[str, object], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        read_config(statistic=settings)


def test_one_sky_of_the_published_statistic_has_pixels() -> None:
    config = read_config(statistic={"name": "j_weighted", "skies": "one", "nside": 64})
    assert (config.statistic.nside, config.statistic.skies) == (64, "one")
    with pytest.raises(ConfigError, match="nside has no meaning"):
        read_config(statistic={"name": "j_weighted", "nside": 64})


def test_the_published_statistic_reads_back(tmp_path: Path) -> None:
    config = read_config(statistic={"name": "j_weighted", "grid": True, "declination_band_deg": 20})
    path = tmp_path / "again.toml"
    path.write_text(config_as_toml(config), encoding="utf-8")
    assert read_config(path) == config


def test_decay_has_pairs_and_a_name_of_its_own(tmp_path: Path) -> None:
    config = read_config(written(tmp_path, "process = 'decay'\n[sources]\ncatalogue = 'mine.csv'"))
    assert config.analysis == "public-3y-decay"
    assert config.channel_masses == tuple((channel, 2.0 * mass) for channel, mass in read_config().channel_masses)
    given = read_config(written(tmp_path, "process = 'decay'\n[pairs]\nbb = [30]\n[sources]\ncatalogue = 'mine.csv'"))
    assert given.channel_masses == (("bb", 30.0),)
