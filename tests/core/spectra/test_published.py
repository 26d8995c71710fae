import numpy as np
import pytest

from core.errors import InputError, PhysicsError
from core.spectra import annihilation_spectrum, spectrum_at_earth

LOG10_X = np.linspace(-3.0, 0.0, 61)


@pytest.fixture
def path(tmp_path):
    content = {
        "b": {m: {"Energy": m * 10.0**LOG10_X, "EdNdE": np.full(61, 0.2)} for m in (10, 20.0)},
        "Nu": {"50": {"Energy": 50 * 10.0**LOG10_X, "EdNdE": 6.8 * np.exp(-((LOG10_X / 0.05) ** 2) / 2.0)}},
    }
    np.save(tmp_path / "spectra.npy", content)
    return tmp_path / "spectra.npy"


def test_every_species_has_the_one_spectrum_wherever_it_is(path):
    made = annihilation_spectrum("bb", 10.0, "nue", path)
    assert made.multiplicity() == pytest.approx(0.2 * 3.0 * np.log(10.0))
    arriving = spectrum_at_earth("b", 10.0, "nutaubar", path)
    assert np.array_equal(arriving.dn_de, made.dn_de)


def test_published_lines_are_lines(path):
    ((energy, weight),) = annihilation_spectrum("nunu", 50.0, "numu", path).lines
    assert energy == 50.0
    assert weight == pytest.approx(6.8 * np.log(10.0) * 0.05 * np.sqrt(np.pi / 2.0), rel=1e-3)


def test_masses_between_are_interpolated(path):
    assert annihilation_spectrum("bb", 14.0, "nue", path).multiplicity() == pytest.approx(0.6 * np.log(10.0))
    with pytest.raises(PhysicsError, match="published spectra"):
        annihilation_spectrum("tautau", 10.0, "nue", path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ([1, 2], "holds a list, expected a dict"),
        ({"quark": {10: {}}}, "unknown channel 'quark'"),
        ({"b": {"ten": {}}}, "mass ten: that is no mass"),
        ({"b": {10: {"Energy": [1.0, 2.0]}}}, "has no column EdNdE"),
        ({"b": {10: {"Energy": [1.0, 2.0], "EdNdE": [1.0]}}}, "Energy has 2 values and EdNdE 1"),
        ({"b": {10: {"Energy": [2.0, 1.0], "EdNdE": [1.0, 1.0]}}}, "column Energy: must rise"),
        ({"b": {10: {"Energy": [1.0, 2.0], "EdNdE": [1.0, np.nan]}}}, "column EdNdE: must be a list of finite"),
        ({"b": {10: {"Energy": [1.0, 2.0], "EdNdE": [1.0, -1.0]}}}, "column EdNdE: is negative"),
        ({"b": {10: {"Energy": [1.0, 2.0], "EdNdE": [1.0, 1e308]}}}, "column EdNdE: 1e.308 neutrinos per ln E"),
        ({"b": {10: {"Energy": ["x", "y"], "EdNdE": [1.0, 1.0]}}}, "column Energy: holds no numbers"),
        ({}, "holds no channel"),
    ],
)
def test_wrong_dicts_are_named(tmp_path, content, message):
    path = tmp_path / "wrong.npy"
    np.save(path, np.array(content, dtype=object))
    if isinstance(content, list):
        np.save(path, np.array([content, content, content], dtype=object)[:1])
        message = "expected a dict"
    with pytest.raises(InputError, match=message):
        annihilation_spectrum("bb", 10.0, "nue", path)
