"""Values that no event can have: refused by every reader, with column, row, value and what they probably are."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.configuration.config import read_config
from core.errors import InputError
from core.events.columns import DATA_SCHEMA, MC_SCHEMA, event_table, read_event_parquet, refuse_repeated
from core.events.conversion import convert_file
from core.events.i3 import I3MCTree, frame_bytes, read_frames
from core.events.profiles import DRAGON
from core.events.ranges import POINT_SOURCE_RANGES, RANGES, WORDS, range_of, refuse_values
from core.events.skylab import read_skylab
from core.events.synthetic import dragon_objects, write_dragon_file
from core.glossary import GLOSSARY
from core.products.store import ProductStore
from core.stages.event_checks import check_events
from tests.core.events.conftest import make_sample
from tests.core.events.test_skylab import skylab_array
from tests.own_sample import make_all

PEGLEG = "IC86_Dunkman_L6_PegLeg_MultiNest8D_NumuCC"
# Column of skylab, what stands in it, and the words of the refusal.
WRONG = [
    ("dec", 2.0, "reco_dec is 2.0 in 1 of 20 events, first in row 8 .dec in the file.: .*a zenith angle"),
    ("zen", 75.0, "reco_zenith is 75.0 .* in degrees"),
    ("azi", 300.0, "reco_azimuth is 300.0 .* in degrees"),
    ("ra", 260.0, "reco_ra is 260.0 .* in degrees"),
    ("angErr", 0.0, "angular_error is 0.0 .* of a fit that failed"),
    ("angErr", 17.0, "angular_error is 17.0 .* in degrees"),
    ("time", 2456100.5, "mjd is 2456100.5 .* a Julian date"),
    ("time", 1.34e9, "mjd is 1340000000.0 .* in seconds"),
    ("logE", 25.0, r"reco_energy is 1e\+25 .*10.logE in the file.*in eV"),
    ("run", -1, "run is -1.0 .* its sign"),
    ("trueDec", 1.6, "true_dec is 1.6 .* a zenith angle"),
    ("trueRa", -200.0, "true_ra is -200.0 .* in degrees"),
    ("trueE", 2e10, "true_energy is 20000000000.0 .* in eV"),
    ("ow", -3.0, "weight is -1.5 .*ow in the file.*its sign"),
]


@pytest.mark.parametrize(("column", "value", "said"), WRONG)
def test_a_value_that_no_event_has_is_refused_by_the_reader_of_skylab(
    tmp_path: Path, column: str, value: float, said: str
) -> None:
    array = skylab_array(make_sample("mc"))
    array[column][7] = value
    np.save(tmp_path / "IC86_2013_MC.npy", array)
    with pytest.raises(InputError, match=said):
        read_skylab(tmp_path / "IC86_2013_MC.npy", "mc", 0.5)


@pytest.mark.parametrize("column", sorted(RANGES))
def test_every_column_is_checked_by_the_reader_of_parquet(tmp_path: Path, column: str) -> None:
    events = make_sample("mc").to_pydict()
    events[column][3] = -1 if column in ("run", "event") else -1e300
    pq.write_table(pa.table(events, schema=MC_SCHEMA), tmp_path / "a.parquet")
    with pytest.raises(InputError, match=rf"a\.parquet: column {column} is -1.* in 1 of 20 events, first in row 4"):
        read_event_parquet(tmp_path / "a.parquet", "mc")


@pytest.mark.parametrize(("column", "word"), [("event_class", "Track"), ("flavour", "NuE "), ("interaction", "cc ")])
def test_words_are_those_that_later_stages_know(tmp_path: Path, column: str, word: str) -> None:
    events = make_sample("mc").to_pydict()
    events[column][3] = word
    pq.write_table(pa.table(events, schema=MC_SCHEMA), tmp_path / "a.parquet")
    with pytest.raises(InputError, match=rf"column {column} is '{word}' in 1 of 20 events, first in row 4: .*is it"):
        read_event_parquet(tmp_path / "a.parquet", "mc")


def test_either_all_events_have_a_class_or_none() -> None:
    events = make_sample("data").to_pydict()
    events["event_class"] = ["track"] * 19 + [None]
    with pytest.raises(InputError, match="event_class is null in 1 of 20 events: either all"):
        event_table("data", events)


def test_an_event_of_an_i3_file_with_such_a_value_is_broken_and_told(tmp_path: Path) -> None:
    event = dragon_objects(make_sample("data").to_pylist()[0])
    changed = [event | {PEGLEG: event[PEGLEG]._replace(**{name: value})}
               for name, value in (("zenith", 75.0), ("azimuth", 200.0), ("energy", 1e12), ("zenith", 1.))]  # fmt: skip
    (tmp_path / "a.i3").write_bytes(b"".join(frame_bytes("P", objects) for objects in changed))
    found = convert_file(tmp_path / "a.i3", DRAGON, "data", "IC86_2013")
    assert (found.n_kept, found.n_broken) == (1, 3)
    said = "; ".join(found.problems)
    assert f"{PEGLEG}.zenith is not 0 to 3.14159 rad: in degrees?" in said
    assert f"{PEGLEG}.energy is not above 0 up to 1e+09 GeV: in eV" in said


def test_a_simulated_event_of_an_i3_file_is_checked_too(tmp_path: Path) -> None:
    write_dragon_file(tmp_path / "a.i3", make_sample("mc", 2), "mc")
    frames = []
    for index, frame in enumerate(read_frames(tmp_path / "a.i3")):
        objects = {key: frame[key] for key in frame}
        if index:
            objects["I3MCWeightDict"] = objects["I3MCWeightDict"] | {"OneWeight": -1.0}
        else:
            (primary, *rest), tree = list(objects["I3MCTree"].particles), objects["I3MCTree"]
            objects["I3MCTree"] = I3MCTree([primary._replace(zenith=40.0), *rest], list(tree.depths))
        frames.append(frame_bytes("P", objects))
    (tmp_path / "b.i3").write_bytes(b"".join(frames))
    found = convert_file(tmp_path / "b.i3", DRAGON, "mc", "IC86_2013")
    assert found.n_kept == 0
    assert sorted(found.problems) == [
        "I3MCWeightDict[OneWeight] is not finite numbers from 0 GeV cm2 sr: its sign?",
        "the primary's zenith is not 0 to 3.14159 rad: in degrees?",
    ]


@pytest.mark.parametrize("file_format", ["skylab", "parquet"])
def test_wrong_values_and_repeated_events_are_found_before_anything_is_made(tmp_path: Path, file_format: str) -> None:
    def written(name: str, events: pa.Table) -> None:
        if file_format == "parquet":
            pq.write_table(events, tmp_path / f"{name}.parquet")
        else:
            np.save(tmp_path / f"{name}.npy", skylab_array(events))

    settings = f'products="p"\nanalysis="mine"\nsample="own"\n[events]\nformat="{file_format}"\ndata=["IC86_*"]\n'
    (tmp_path / "mine.toml").write_text(settings)
    events = make_sample("data", 20, season="IC86_2012")
    written("IC86_2012_exp", events)
    config = read_config(tmp_path / "mine.toml")
    store = ProductStore(config.product_root, config.analysis)
    check_events(config, store)
    later = pa.table(events.to_pydict() | {"season": ["IC86_2013"] * 20}, schema=DATA_SCHEMA)
    written("IC86_2013_exp", later)
    said = (
        r"20 of 40 measured events are there already, the first is run 120000, event \d+, .*IC86_2012.* and .*IC86_2013"
    )
    with pytest.raises(InputError, match=said):
        check_events(config, store)
    written("IC86_2013_exp", pa.table(later.to_pydict() | {"run": [7] * 20}, schema=DATA_SCHEMA))
    make_all(config)
    check_events(config, store)
    assert [row["n_duplicates"] for row in store.read("event_summary").to_pylist()] == [0, 0]


def test_the_same_events_are_told_from_others_by_run_event_and_sub_event() -> None:
    events = make_sample("data", 5)
    refuse_repeated([("a", events), ("b", make_sample("data", 5, run=3))])
    with pytest.raises(InputError, match=r"1 of 6 measured events .* in a and b"):
        refuse_repeated([("a", events), ("b", events.slice(2, 1))])


def test_every_number_of_an_event_has_its_range_in_the_unit_of_the_glossary() -> None:
    numbers = {f.name for f in MC_SCHEMA if pa.types.is_floating(f.type) or pa.types.is_integer(f.type)}
    assert numbers - {"sub_event"} == RANGES.keys()
    assert set(WORDS) == {f.name for f in MC_SCHEMA if pa.types.is_string(f.type)} - {"season"}
    for name, allowed in RANGES.items():
        assert allowed.unit.removesuffix(" (MJD)").replace("days", "d") in (GLOSSARY[name].unit, "d")


@given(column=st.sampled_from(sorted(RANGES)), value=st.floats(allow_nan=True), row=st.integers(0, 19))
def test_a_value_is_kept_or_refused_by_name(column: str, value: float, row: int) -> None:
    if column in ("run", "event"):
        value = math.floor(max(min(value, 2.0**40), -(2.0**40))) if math.isfinite(value) else 0
    events: dict[str, Any] = make_sample("data" if column in DATA_SCHEMA.names else "mc").to_pydict()
    events[column][row] = value
    kind: Any = "data" if column in DATA_SCHEMA.names else "mc"
    allowed = not RANGES[column].is_outside(np.array([float(value)]))[0]
    if allowed:
        assert event_table(kind, events)[column][row].as_py() == value
    else:
        with pytest.raises(InputError, match=rf"column {column} is .* first in row {row + 1}"):
            event_table(kind, events)


@pytest.mark.parametrize("number", [2**53 + 1, 2**62])
def test_whole_numbers_that_no_float_holds_are_kept_or_refused_as_others(tmp_path: Path, number: int) -> None:
    array = skylab_array(make_sample("data"))
    path = tmp_path / "IC86_2013_exp.npy"
    array["event"][3] = number
    np.save(path, array)
    assert read_skylab(path, "data")["event"].to_pylist()[3] == number
    array["event"][3] = -number
    np.save(path, array)
    with pytest.raises(InputError, match=r"column event is .* first in row 4"):
        read_skylab(path, "data")


def test_a_column_of_the_release_is_judged_as_a_whole_where_it_is_long_enough() -> None:
    small = np.linspace(0.0, 3.0, 20)
    refuse_values("Zenith[deg]", small[:19], "a.csv")
    refuse_values("Zenith[deg]", np.append(small, 90.0), "a.csv")
    with pytest.raises(InputError, match=r"^a\.csv: column Zenith\[deg\] is 3 at most in 20 rows, .* in rad\?$"):
        refuse_values("Zenith[deg]", small, "a.csv")
    assert POINT_SOURCE_RANGES.keys().isdisjoint(RANGES)
    assert range_of("Zenith[deg]", "data") is POINT_SOURCE_RANGES["Zenith[deg]"]
