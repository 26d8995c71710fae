"""From files to the event table and back, with every event accounted for."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from core.errors import InputError
from core.events.columns import DATA_SCHEMA
from core.events.conversion import convert_file, counts_table
from core.events.cuts import total_cut_flow
from core.events.i3 import I3MCTree, I3Particle, encode, frame_bytes, read_frames
from core.events.profiles import DRAGON, OSCNEXT
from core.events.synthetic import dragon_objects, write_dragon_file

Sample = Callable[..., pa.Table]
Event = Callable[..., dict[str, Any]]


def assert_same_events(found: pa.Table, expected: pa.Table) -> None:
    assert found.schema == expected.schema
    for name in expected.schema.names:
        if name == "mjd":  # a tick is 0.1 ns, a date is held to about a microsecond
            np.testing.assert_allclose(found[name].to_numpy(), expected[name].to_numpy(), rtol=0, atol=2e-11)
        elif pa.types.is_floating(expected.schema.field(name).type):
            np.testing.assert_allclose(found[name].to_numpy(), expected[name].to_numpy(), rtol=1e-12, atol=1e-9)
        else:
            assert found[name].to_pylist() == expected[name].to_pylist()


@pytest.mark.parametrize("suffix", [".i3", ".i3.bz2", ".i3.gz", ".i3.zst"])
@pytest.mark.parametrize("kind", ["data", "mc"])
def test_file_set_gives_the_table_that_made_it(tmp_path: Path, sample: Sample, kind: Any, suffix: str) -> None:
    parts = [sample(kind, 15, seed) for seed in range(3)]
    found = []
    for index, part in enumerate(parts):
        write_dragon_file(tmp_path / f"{index}{suffix}", part, kind, n_files=3)
        found.append(convert_file(tmp_path / f"{index}{suffix}", DRAGON, kind, "IC86_2013", n_files=3))
    assert_same_events(pa.concat_tables([one.events for one in found]), pa.concat_tables(parts))
    assert all((one.n_read, one.n_kept, one.n_cut, one.n_broken) == (15, 15, 0, 0) for one in found)
    assert total_cut_flow([one.cut_flow for one in found])["n_after"].to_pylist() == [45] * 12
    assert counts_table(found)["damage"].null_count == 3


def test_weights_scale_with_the_number_of_files(tmp_path: Path, simulated: pa.Table) -> None:
    write_dragon_file(tmp_path / "a.i3", simulated, "mc")
    one, ten = (convert_file(tmp_path / "a.i3", DRAGON, "mc", "IC86_2013", n_files=n).events for n in (1, 10))
    for name in ("weight", "atmospheric_rate"):
        np.testing.assert_allclose(10 * ten[name].to_numpy(), one[name].to_numpy(), rtol=1e-14)


@pytest.fixture
def event(measured: pa.Table) -> Callable[..., dict[str, Any]]:
    """Make the objects of an event that passes, with changes."""

    def make(**changes: Any) -> dict[str, Any]:
        return dragon_objects(measured.to_pylist()[0]) | changes

    return make


def test_every_event_is_kept_cut_or_broken(tmp_path: Path, event: Event) -> None:
    fit = event()["IC86_Dunkman_L6_PegLeg_MultiNest8D_NumuCC"]
    name = "IC86_Dunkman_L6_PegLeg_MultiNest8D_NumuCC"
    frames = [
        event(),
        event(IC86_Dunkman_L6_CorridorDOMs=4),
        event(**{name: fit._replace(energy=math.nan)}),
        event(**{name: fit._replace(energy=math.nan)}),
        event(**{name: fit._replace(energy=-1.0)}),
        event(**{name: 3.0}),
        event(I3EventHeader=1),
        event(I3EventHeader=event()["I3EventHeader"]._replace(run_id=2**32 - 1)),
        event(IC86_Dunkman_L4=encode({"result": 1.0})[:-1]),
        {},
    ]
    (tmp_path / "a.i3").write_bytes(b"".join(frame_bytes("P", objects) for objects in frames))
    found = convert_file(tmp_path / "a.i3", DRAGON, "data", "IC86_2013")
    assert (found.n_read, found.n_kept, found.n_cut, found.n_broken) == (10, 1, 2, 7)
    assert found.problems[f"{name}.energy is not positive"] == 3
    assert found.problems["I3EventHeader is missing or no event header"] == 1
    assert found.problems["I3EventHeader has no run number"] == 1
    assert found.problems[f"{name} is a float, which has no 'zenith'"] == 1
    assert sum(found.problems.values()) == 7
    assert found.damage is None
    assert "no run number (1)" in counts_table([found])["problems"][0].as_py()
    with pytest.raises(InputError, match="energy is not positive"):
        convert_file(tmp_path / "a.i3", DRAGON, "data", "IC86_2013", strict=True)


@pytest.mark.parametrize(
    ("tree", "problem"),
    [
        (I3MCTree(), "I3MCTree has no single most energetic primary"),
        (I3MCTree([I3Particle(type_code=14, energy=1.0)] * 2, [0, 0]), None),
        (I3MCTree([I3Particle(type_code=13, energy=1.0)], [0]), "the primary has PDG code 13, a neutrino is due"),
        (I3MCTree([I3Particle(type_code=14)], [0]), "the primary has no direction or no energy"),
        (3, "I3MCTree is missing or no tree of particles"),
    ],
)
def test_simulated_event_without_its_neutrino_is_broken(
    tmp_path: Path, event: Event, tree: Any, problem: str | None
) -> None:
    weights = {"OneWeight": 1.0, "NEvents": 10.0}
    (tmp_path / "a.i3").write_bytes(frame_bytes("P", event(I3MCTree=tree, I3MCWeightDict=weights)))
    found = convert_file(tmp_path / "a.i3", DRAGON, "mc", "IC86_2013")
    assert list(found.problems) == ([] if problem is None else [problem])
    assert found.n_kept == (problem is None)


def test_damaged_file_gives_what_stands_before_the_damage(tmp_path: Path, measured: pa.Table) -> None:
    write_dragon_file(tmp_path / "a.i3", measured, "data")
    whole = (tmp_path / "a.i3").read_bytes()
    (tmp_path / "a.i3").write_bytes(whole[: len(whole) * 2 // 3])
    found = convert_file(tmp_path / "a.i3", DRAGON, "data", "IC86_2013")
    assert 10 <= found.n_kept == found.events.num_rows < 20
    assert "the file ends within a frame" in str(found.damage)
    assert counts_table([found])["damage"][0].as_py() == found.damage
    with pytest.raises(InputError, match="the file ends within a frame"):
        convert_file(tmp_path / "a.i3", DRAGON, "data", "IC86_2013", strict=True)


def test_missing_file_is_damage_too(tmp_path: Path) -> None:
    found = convert_file(tmp_path / "a.i3", DRAGON, "data", "IC86_2013")
    assert "No such file" in str(found.damage)
    assert found.events.schema == DATA_SCHEMA


def test_real_simulation_carries_its_own_weights(real_data: Path) -> None:
    path = real_data / "i3" / "oscNext_genie_level7_v02_first_5_frames.i3.gz"
    found = convert_file(path, OSCNEXT, "mc", "IC86_2014", strict=True)
    assert (found.n_read, found.n_kept) == (5, 5)
    stored = [frame["I3MCWeightDict"] for frame in read_frames(path)]
    np.testing.assert_allclose(found.events["weight"], [one["NormalizedOneWeight"] for one in stored], rtol=1e-14)
    # Its own rate is its own flux (cm⁻² s⁻¹ sr⁻¹ GeV⁻¹) times our weight: so the units are ours.
    flux = [one["flux_e"] * one["prob_from_nue"] + one["flux_mu"] * one["prob_from_numu"] for one in stored]
    np.testing.assert_allclose(
        pc.multiply(found.events["weight"], pa.array(flux)), found.events["atmospheric_rate"], rtol=1e-14
    )
    assert found.events["flavour"].to_pylist() == ["numu", "numu", "numubar", "numubar", "numu"]
    assert set(found.events["event_class"].to_pylist()) == {"cascade", "track"}
