"""Which kind of file a file is: by its content, whatever its name; and all files read before any is used."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.errors import InputError, PhysicsError
from core.published.file_types import KINDS, Declared, kind_of, read_published
from tests.core.published.conftest import Saved, histogram, save_trials, trial_rows

SPECTRUM = {"Energy": np.array([0.1, 1.0, 10.0]), "EdNdE": np.array([0.1, 0.2, 0.3])}
LIST = "Draco, 260, 57, 76, 10, 1, 18.1, 0.1, 0.1, 18.5, 0.1, 0.1, 18.8, 0.1, 0.1, nan, nan, nan\n"


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ({"b": {10: SPECTRUM}}, "spectra"),
        ({"b": {"10": 1e-23}}, "cross-sections"),
        ({"b": {10: {"Cross Section": {}}}}, "cross-sections"),
        ({"b": {10: histogram(0)}}, "signal-pdf"),
        ({"Draco": {"b": {10: histogram(0)}}}, "background-pdf"),
    ],
)
@pytest.mark.parametrize("name", ["x.npy", "spectra.npy", "background.pkl.npy"])
def test_the_depth_and_the_columns_of_a_dict_tell_what_it_is(saved: Saved, content: Any, kind: str, name: str) -> None:
    assert kind_of(saved(name, content)) == kind


def test_text_is_told_by_its_header_columns_or_name(tmp_path: Path) -> None:
    lines = tmp_path / "anything.txt"
    lines.write_text(f"# a remark\n\n{LIST}", encoding="utf-8")
    assert kind_of(lines) == "source-list"
    assert kind_of(save_trials(tmp_path / "t.txt", trial_rows(3))) == "trials"
    limit = tmp_path / "bb_IceCube_2021_GC_CL90.csv"
    limit.write_text("10, 1e-23\n", encoding="utf-8")
    assert kind_of(limit) == "comparison"
    limit.rename(tmp_path / "limit.csv")
    with pytest.raises(InputError, match=r"does not tell its kind: give --kind source-list\|spectra"):
        kind_of(tmp_path / "limit.csv")


@pytest.mark.parametrize("name", ["nothing.npy", "."])
def test_what_is_no_file_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError):
        kind_of(tmp_path / name)


def test_a_kind_that_is_declared_is_not_asked_of_the_content(tmp_path: Path) -> None:
    path = tmp_path / "limit.csv"
    path.write_text("10, 1e-23\n", encoding="utf-8")
    with pytest.raises(InputError, match="the name of a comparison limit tells what it is"):
        read_published([path], Declared(kind="comparison"))


@pytest.mark.parametrize(
    ("declared", "error", "said"),
    [
        (Declared(kind="limits"), InputError, "kind 'limits' is unknown; allowed are source-list, spectra"),
        (Declared(channel="qq"), PhysicsError, "unknown channel 'qq'"),
        (Declared(mass=-1.0), Exception, "mass"),
        (Declared(n_injected=-1), Exception, "n_injected"),
    ],
)
def test_what_is_declared_wrongly_is_refused_before_a_file_is_opened(
    declared: Declared, error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        read_published([Path("not-there.npy")], declared)


def test_trials_of_several_files_are_one_and_other_files_each_their_own(saved: Saved, tmp_path: Path) -> None:
    trials = [save_trials(tmp_path / f"{index}.txt", trial_rows(4, first=4 * index)) for index in range(2)]
    signal = saved("s.npy", {"b": {10: histogram(0)}})
    found = read_published([trials[0], signal, trials[1]], Declared(channel="b", mass=10.0))
    assert [files.kind for files in found] == ["signal-pdf", "trials"]
    assert found[1].paths == tuple(trials)
    assert found[1].n_rows == 8


def test_a_file_that_is_named_twice_is_read_once(saved: Saved) -> None:
    path = saved("s.npy", {"b": {10: histogram(0)}})
    assert len(read_published([path, path], Declared())) == 1


def test_there_is_a_reader_of_every_kind(saved: Saved) -> None:
    """A file of another kind is refused by each of them as wrong input, not as a fault."""
    path = saved("x.npy", {"other": 1})
    for kind in KINDS:
        with pytest.raises(InputError):
            read_published([path], Declared(kind=kind, channel="b", mass=10.0))
