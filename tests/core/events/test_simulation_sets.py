"""Weights of simulation that several generated sets make up, against simweights and by hand."""

import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from core.configuration.config import read_config
from core.dark_matter.channels import PDG_CODES
from core.errors import DwarfnuError, InputError
from core.events.generation import Distribution
from core.events.i3 import I3MCTree, I3Particle, frame_bytes, read_frames, write_frames
from core.events.simulation_sets import set_name
from core.events.synthetic import dragon_objects
from core.products.store import ProductStore
from tests.core.events.conftest import make_sample
from tests.own_sample import make_all

NUMU = {"MinEnergyLog": 0.0, "MaxEnergyLog": 2.0, "PowerLawIndex": 2.0, "MinZenith": 0.0, "MaxZenith": math.pi}
# Harder, from higher energies on, and from above alone; the area a cylinder rather than a circle.
HARDER = NUMU | {"MinEnergyLog": 1.0, "MaxEnergyLog": 3.0, "PowerLawIndex": 1.0, "MaxZenith": math.pi / 2}
CIRCLE, CYLINDER = {"InjectionSurfaceR": 250.0}, {"CylinderRadius": 500.0, "CylinderHeight": 1000.0}
OTHER_CUT = {"IC86_Dunkman_L6_CorridorDOMs": 4}
CONFIG = """
products = "products"
analysis = "mine"
sample = "own"
[events]
simulation = ["*.i3.zst"]
season = "IC86_2012"
key_names = { generated_fraction = "I3MCWeightDict[TypeWeight]" }
"""


def density_of(weights: Mapping[str, float]) -> Distribution:
    circle = weights.get("InjectionSurfaceR", -1.0) > 0.0
    radius = weights["InjectionSurfaceR"] if circle else weights.get("CylinderRadius", 950.0)
    height = 0.0 if circle else weights.get("CylinderHeight", 1900.0)
    names = ("MinEnergyLog", "MaxEnergyLog", "PowerLawIndex", "MinZenith", "MaxZenith")
    return Distribution(*(weights[name] for name in names), 100.0 * radius, 100.0 * height)


def write_file(
    path: Path, told: Mapping[str, float], n_generated: float, flavours: tuple[str, ...], seed: int, **changes: Any
) -> None:
    """Write events drawn as they tell, with their OneWeight: interaction probability over generated density."""
    rng, frames = np.random.default_rng(seed), []
    for event in make_sample("mc", 30, seed).to_pylist():
        low, high = told["MinEnergyLog"], told["MaxEnergyLog"]
        energy = 10.0 ** rng.uniform(low, high)
        cosine = rng.uniform(math.cos(told["MaxZenith"]), math.cos(told["MinZenith"]))
        probability = 1e-10 * energy * rng.uniform(0.5, 1.0)
        pdg = PDG_CODES[rng.choice(flavours)]
        oneweight = probability / float(density_of(told).density(energy, cosine))
        weights = {"NEvents": n_generated, "OneWeight": oneweight, "TotalWeight": probability, "TypeWeight": 0.5}
        weights |= {"PrimaryNeutrinoEnergy": energy, "PrimaryNeutrinoType": float(pdg), "InteractionType": 1.0}
        zenith = math.acos(cosine)
        tree = I3MCTree([I3Particle(type_code=pdg, energy=energy, zenith=zenith, minor_id=1)], [0])
        objects = dragon_objects(event) | {"I3MCTree": tree, "NeutrinoWeights": {"OscillatedRate": 1.0}}
        objects["I3MCWeightDict"] = weights | dict(told) | {"PrimaryNeutrinoZenith": zenith}
        frames.append(frame_bytes("P", objects | changes))
    write_frames(path, frames)


NUMUS, NUES = ("numu", "numubar"), ("nue", "nuebar")
MIXED = {
    "numu": (NUMU | CIRCLE, 1000.0, NUMUS, 3),
    "numu_high": (HARDER | CYLINDER, 700.0, NUMUS, 2),
    "nue": (NUMU | CIRCLE, 500.0, NUES, 1),
    "numu_again": (NUMU | CIRCLE, 400.0, NUMUS, 2),
}


def write_sets(folder: Path, names: tuple[str, ...]) -> None:
    for name in names:
        told, n_generated, flavours, n_files = MIXED[name]
        for number in range(n_files):
            seed = 10 * list(MIXED).index(name) + number
            write_file(folder / f"{name}.{number:06}.i3.zst", told, n_generated, flavours, seed)


def ingested(folder: Path, settings: str = "") -> tuple[pa.Table, list[dict[str, Any]]]:
    (folder / "mine.toml").write_text(CONFIG + settings, encoding="utf-8")
    config = read_config(folder / "mine.toml")
    make_all(config)
    store = ProductStore(config.product_root, config.analysis)
    return store.read("events", kind="mc"), store.read("simulation_sets").to_pylist()


def weights_in(folder: Path, pattern: str) -> Iterator[dict[str, float]]:
    for path in sorted(folder.glob(pattern)):
        yield from (dict(frame["I3MCWeightDict"]) for frame in read_frames(path))


def test_weights_of_overlapping_sets_are_those_of_simweights(tmp_path: Path) -> None:
    simweights = pytest.importorskip("simweights", reason="simweights is not installed: `uv sync --group simweights`")
    write_sets(tmp_path, tuple(MIXED))
    events, sets = ingested(tmp_path)
    parts = []
    for name, (_, _, _, n_files) in MIXED.items():
        table = pd.DataFrame(list(weights_in(tmp_path, f"{name}.0*")))
        parts.append(simweights.NuGenWeighter({"I3MCWeightDict": table}, nfiles=n_files))
    whole = sum(parts[1:], parts[0])
    by_energy = dict(zip(whole.get_weight_column("energy"), whole.get_weights(1.0), strict=True))
    expected = [by_energy[energy] for energy in events["true_energy"].to_pylist()]
    assert events.num_rows == 8 * 30
    np.testing.assert_allclose(events["weight"].to_numpy(), expected, rtol=1e-9)
    assert [(row["simulation_set"], row["n_files"]) for row in sets] == [
        ("nue", 1), ("numu", 3), ("numu_again", 2), ("numu_high", 2),
    ]  # fmt: skip


def test_one_set_weighs_by_its_own_files_whatever_stands_beside_it(tmp_path: Path) -> None:
    alone, beside = tmp_path / "alone", tmp_path / "beside"
    for folder in (alone, beside):
        folder.mkdir()
        write_sets(folder, ("numu",))
    write_sets(beside, ("nue",))
    # Of another selection: nothing of it could have been kept, for it lacks what the cuts look at.
    lacking = frame_bytes("P", {"I3MCTree": I3MCTree()})
    write_frames(beside / "numu_level3.000000.i3.zst", [lacking])
    first, (row,) = ingested(alone)
    both, _ = ingested(beside)
    stored = np.array([one["OneWeight"] for one in weights_in(alone, "*.i3.zst")])
    np.testing.assert_allclose(first["weight"].to_numpy(), stored / (3 * 1000.0 * 0.5), rtol=1e-14)
    np.testing.assert_allclose(first["atmospheric_rate"].to_numpy(), 1.0 / 3, rtol=1e-14)
    of_nue = np.isin(both["flavour"].to_pylist(), NUES)
    np.testing.assert_array_equal(both["weight"].to_numpy()[~of_nue], first["weight"].to_numpy())
    assert (row["n_files"], row["neutrino"], row["is_counted"]) == (3, "numu", True)


def test_a_set_whose_events_lack_what_the_selection_looks_at_is_not_counted(tmp_path: Path) -> None:
    write_sets(tmp_path, ("numu",))
    bare = [frame_bytes("P", {key: frame[key] for key in ("I3MCTree", "I3MCWeightDict")})
            for frame in read_frames(tmp_path / "numu.000000.i3.zst")]  # fmt: skip
    write_frames(tmp_path / "numu_level3.000000.i3.zst", bare)
    events, sets = ingested(tmp_path)
    stored = np.array([one["OneWeight"] for one in weights_in(tmp_path, "numu.0*")])
    np.testing.assert_allclose(events["weight"].to_numpy(), stored / (3 * 1000.0 * 0.5), rtol=1e-14)
    said = {row["simulation_set"]: (row["is_counted"], row["remark"]) for row in sets}
    assert said["numu_level3"] == (False, "not counted: no event has all that the selection looks at")


def test_a_set_that_could_have_kept_events_counts_though_it_kept_none(tmp_path: Path) -> None:
    write_sets(tmp_path, ("numu",))
    write_file(tmp_path / "numu_more.000000.i3.zst", NUMU | CIRCLE, 1000.0, NUMUS, 99, **OTHER_CUT)
    events, _ = ingested(tmp_path)
    stored = np.array([one["OneWeight"] for one in weights_in(tmp_path, "numu.0*")])
    np.testing.assert_allclose(events["weight"].to_numpy(), stored / (4 * 1000.0 * 0.5), rtol=1e-14)


def test_a_configuration_says_what_was_generated(tmp_path: Path) -> None:
    (tmp_path / "sim").mkdir()
    write_sets(tmp_path / "sim", ("numu", "nue"))
    said = '[[events.simulation_sets]]\nname = "muons"\nfiles = ["sim/numu*"]\nn_files = 30\nn_events = 2000\n'
    said += '[[events.simulation_sets]]\nfiles = ["sim/nue*"]\n'
    settings = CONFIG.replace('simulation = ["*.i3.zst"]\n', "") + said
    (tmp_path / "mine.toml").write_text(settings, encoding="utf-8")
    config = read_config(tmp_path / "mine.toml")
    make_all(config)
    store = ProductStore(config.product_root, config.analysis)
    sets = {row["simulation_set"]: row for row in store.read("simulation_sets").to_pylist()}
    assert (sets["muons"]["n_files"], sets["muons"]["n_generated"], sets["set 2"]["n_files"]) == (30, 2000.0, 1)
    events = store.read("events", kind="mc")
    of_numu = np.isin(events["flavour"].to_pylist(), NUMUS)
    stored = np.array([one["OneWeight"] for one in weights_in(tmp_path / "sim", "numu*")])
    np.testing.assert_allclose(events["weight"].to_numpy()[of_numu], stored / (30 * 2000.0 * 0.5), rtol=1e-14)


def test_one_number_of_files_is_refused_for_several_sets(tmp_path: Path) -> None:
    write_sets(tmp_path, ("numu", "nue"))
    with pytest.raises(InputError, match=r"is of one generated set, there are 2: nue .*simulation_sets"):
        ingested(tmp_path, "n_simulated_files = 10\n")


def test_sets_that_do_not_tell_their_density_cannot_be_weighed_with_one_that_does(tmp_path: Path) -> None:
    write_sets(tmp_path, ("numu",))
    frames = []
    for frame in read_frames(tmp_path / "numu.000000.i3.zst"):
        weights = {key: value for key, value in frame["I3MCWeightDict"].items() if key != "MinEnergyLog"}
        frames.append(frame_bytes("P", {key: frame[key] for key in frame} | {"I3MCWeightDict": weights}))
    write_frames(tmp_path / "old.000000.i3.zst", frames)
    with pytest.raises(InputError, match="simulated sets old and numu both hold numu"):
        ingested(tmp_path)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("Level2_IC86.2013_nugen_numu.011069.000123.i3.bz2", "Level2_IC86.2013_nugen_numu.011069"),
        ("21002/0000000-0000999/Level2_000123.i3.zst", "21002/Level2"),
        ("nue_3.i3", "nue"),
        ("oscNext_genie_level7_v02_first_5_frames.i3.gz", "oscNext_genie_level7_v02_first_5_frames"),
        ("140000/000123.i3.zst", "140000"),
        ("7.i3", "unnamed"),
    ],
)
def test_a_set_is_named_by_its_files_without_their_own_number(path: str, name: str) -> None:
    assert set_name(Path(path)) == name


def test_a_density_is_a_density() -> None:
    for told in (NUMU | CIRCLE, HARDER | CYLINDER):
        density = density_of(told)
        edges = np.logspace(told["MinEnergyLog"], told["MaxEnergyLog"], 2001)
        energy = np.sqrt(edges[1:] * edges[:-1])
        at = 0.3
        area = math.pi * density.radius**2
        if density.height:
            area = area * at + 2.0 * density.radius * density.height * math.sqrt(1.0 - at**2)
        solid_angle = 2.0 * math.pi * (math.cos(density.zenith_min) - math.cos(density.zenith_max))
        integral = (density.density(energy, np.full(2000, at)) * np.diff(edges)).sum() * area * solid_angle
        assert integral == pytest.approx(1.0, rel=1e-5)
        assert density.density(0.1, at) == 0.0


def test_sets_are_of_i3_files(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(
        'analysis="mine"\nsample="own"\n[events]\nformat="parquet"\n[[events.simulation_sets]]\nfiles=["a"]\n'
    )
    with pytest.raises(DwarfnuError, match=r"events.simulation_sets: only events.format = 'i3' takes it"):
        read_config(tmp_path / "mine.toml")
