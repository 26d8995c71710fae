"""The text form of likelihoods, read by the description alone."""

import numpy as np
import pytest

from core.export.likelihood_tables import (
    ABOVE,
    BELOW,
    described_tables,
    likelihood_table,
    plain_word,
    table_name,
    table_text,
)
from tests.core.export.made_results import Z, cells

SIGMAS = {20.0: 4e-21, 50.0: 3e-23}


def table() -> object:
    return likelihood_table("tautau", "Ursa Major II", 19.3, {m: cells("x", s).curve for m, s in SIGMAS.items()})


def test_the_first_line_has_the_factor_and_the_masses_and_strengths_descend() -> None:
    lines = table_text(table()).splitlines()  # type: ignore[arg-type]
    assert lines[0].split() == ["19.3", "20", "50"]
    numbers = np.array([[float(cell) for cell in line.split()] for line in lines[1:]])
    assert numbers.shape[1] == 1 + len(SIGMAS)
    assert (np.diff(numbers[:, 0]) < 0.0).all()
    assert numbers[0, 0] == pytest.approx(ABOVE * Z * 4e-21, rel=1e-3)
    assert numbers[-1, 0] == pytest.approx(BELOW * Z * 3e-23, rel=1e-3)
    assert np.isfinite(numbers).all()
    assert not any("#" in line for line in lines)


def test_straight_lines_between_strengths_give_limits_back() -> None:
    lines = table_text(table()).splitlines()  # type: ignore[arg-type]
    numbers = np.array([[float(cell) for cell in line.split()] for line in lines[1:]])[::-1]
    for column, sigma in enumerate(SIGMAS.values(), start=1):
        limit = np.interp(Z**2, numbers[:, column], numbers[:, 0])
        assert limit == pytest.approx(Z * sigma, rel=2e-3)


def test_what_is_said_of_a_table_names_its_file_and_how_far_it_is_tested() -> None:
    made = table()
    (said,) = described_tables([made], "dwarfnu public-3y")  # type: ignore[list-item]
    assert said["file"] == table_name(made, "dwarfnu public-3y")  # type: ignore[arg-type]
    assert said["file"] == "tautau_UrsaMajorII_dwarfnupublic3y.txt"
    assert said["tested_up_to"] == {"20": pytest.approx(4e-17, rel=1e-3), "50": pytest.approx(3e-19, rel=1e-3)}


def test_words_are_letters_and_digits() -> None:
    assert plain_word("dwarfs and nfw halo") == "dwarfsandnfwhalo"
