"""A user's own spectra: the same numbers as ours when they are ours, and complaints that say where and what."""

from pathlib import Path

import numpy as np
import pytest

from core.dark_matter.channels import FLAVOURS
from core.errors import InputError, PhysicsError
from core.spectra import produced_spectra
from core.spectra.spectrum import ProducedSpectra
from core.spectra.user_file import user_spectra

SIMPLE = "energy,dn_de\n1,0.02\n2,0.01\n4,0.005\n"


def written(folder: Path, text: str, name: str = "my.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def as_text(*produced: ProducedSpectra, delimiter: str = ",") -> str:
    """What a user would export of spectra: every species at every mass, lines at the mass."""
    rows = [["mass", "energy", "flavour", "dn_de", "line_weight"]]
    for spectra in produced:
        for index, flavour in enumerate(FLAVOURS):
            one = spectra.spectrum(flavour)
            lines = [""] * (len(one.energy) - 1) + [repr(float(spectra.line[index]))]
            columns = zip(one.energy.tolist(), one.dn_de.tolist(), lines, strict=True)
            rows += [[repr(spectra.mass), repr(e), flavour, repr(d), line or "0"] for e, d, line in columns]
    return "\n".join(delimiter.join(row) for row in rows) + "\n"


@pytest.mark.parametrize("channel", ["bb", "tautau", "nuenue"])
@pytest.mark.parametrize("delimiter", [",", " ", ";"])
def test_our_own_spectra_come_back(tmp_path: Path, channel: str, delimiter: str) -> None:
    ours = produced_spectra(channel, 20.0)
    theirs = user_spectra(written(tmp_path, as_text(ours, delimiter=delimiter)), "my").production(20.0)
    assert theirs.channel == "my"
    assert theirs.multiplicity() == pytest.approx(ours.multiplicity(), rel=1e-9)
    edges = np.geomspace(0.5, 20.0, 30)
    for flavour in FLAVOURS:
        expected = ours.spectrum(flavour).counts_in_bins(edges)
        assert theirs.spectrum(flavour).counts_in_bins(edges) == pytest.approx(expected, rel=1e-9, abs=1e-15)
    assert theirs.line == pytest.approx(ours.line)


def test_a_table_by_mass_is_interpolated_as_ours_is(tmp_path: Path) -> None:
    # Neighbours in our own table, between which it has nothing.
    left, right, middle = (produced_spectra("tautau", mass) for mass in (20.0, 30.0, 25.0))
    theirs = user_spectra(written(tmp_path, as_text(left, right)), "my").production(25.0)
    assert theirs.multiplicity() == pytest.approx(middle.multiplicity(), rel=0.01)
    weight = np.log(1.25) / np.log(1.5)
    mixed = (1.0 - weight) * left.counts + weight * right.counts
    assert theirs.counts == pytest.approx(mixed, rel=1e-9, abs=1e-15)
    with pytest.raises(PhysicsError, match="from 20 to 30 GeV, not at 40 GeV"):
        user_spectra(tmp_path / "my.csv", "my").production(40.0)


def test_masses_of_different_energies_are_each_kept_as_given(tmp_path: Path) -> None:
    text = "mass energy dn_de\n10 1 0.02\n10 9 0.001\n20 1 0.02\n20 3 0.01\n20 20 0\n"
    spectra = user_spectra(written(tmp_path, text, "my.txt"), "my")
    # E dN/dE is linear in ln E, so that its integral is a trapezoid.
    counts = 0.5 * (0.02 + 0.009) * np.log(9.0)
    assert spectra.production(10.0).multiplicity() == pytest.approx(np.full(6, counts), rel=1e-6)
    counts = 0.5 * (0.02 + 0.03) * np.log(3.0) + 0.5 * 0.03 * np.log(20.0 / 3.0)
    assert spectra.production(20.0).multiplicity() == pytest.approx(np.full(6, counts), rel=1e-6)


def test_a_spectrum_without_a_mass_is_taken_at_any_that_holds_it(tmp_path: Path) -> None:
    spectra = user_spectra(written(tmp_path, SIMPLE), "my")
    counts = 2.0 * 0.02 * np.log(2.0)
    for mass in (4.0, 50.0):
        made = spectra.production(mass)
        assert made.multiplicity() == pytest.approx(np.full(6, counts), rel=1e-6)
        assert made.log10_x[-1] == 0.0
    with pytest.raises(PhysicsError, match="reaches 4 GeV; allowed at the mass 3 GeV is no more than the mass"):
        spectra.production(3.0)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("bare.txt", "1 0.02\n2 0.01\n4 0.005\n"),
        ("named.txt", "# made by hand\n# energy dn_de\n1 0.02\n2 0.01\n4 0.005\n"),
        ("table.ecsv", "# %ECSV 1.0\n# ---\n# datatype:\n# - {name: energy}\nenergy dn_de\n1 0.02\n2 0.01\n4 0.005\n"),
        ("tabs.tsv", "energy\tdn_de\n\n1\t0.02\n2\t0.01 # a remark\n4\t0.005\n"),
        ("quoted.csv", '"energy", "dn_de"\n1, 0.02\n2, 0.01\n4, 0.005\n'),
    ],
)
def test_texts_of_many_kinds_hold_the_same(tmp_path: Path, name: str, text: str) -> None:
    expected = user_spectra(written(tmp_path, SIMPLE), "my").production(4.0)
    assert np.array_equal(user_spectra(written(tmp_path, text, name), "my").production(4.0).counts, expected.counts)


def test_arrays_hold_the_same(tmp_path: Path) -> None:
    expected = user_spectra(written(tmp_path, SIMPLE), "my").production(4.0)
    plain = np.array([[1.0, 0.02], [2.0, 0.01], [4.0, 0.005]])
    np.save(tmp_path / "plain.npy", plain)
    named = np.zeros(3, dtype=[("energy", float), ("dn_de", float), ("flavour", "U8")])
    named["energy"], named["dn_de"], named["flavour"] = plain[:, 0], plain[:, 1], "all"
    np.save(tmp_path / "named.npy", named)
    for name in ("plain.npy", "named.npy"):
        assert np.array_equal(user_spectra(tmp_path / name, "my").production(4.0).counts, expected.counts)


def test_species_have_columns_or_rows_of_their_own_and_antineutrinos_follow_neutrinos(tmp_path: Path) -> None:
    wide = "energy,dn_de_nue,dn_de_numu,dn_de_nutau\n1,0.03,0.02,0.01\n4,0,0,0\n"
    rows = "energy,flavour,dn_de\n1,nue,0.03\n4,nue,0\n1,numu,0.02\n4,numu,0\n1,nutau,0.01\n4,nutau,0\n"
    made = [
        user_spectra(written(tmp_path, text, name), "my").production(4.0).multiplicity()
        for name, text in (("wide.csv", wide), ("rows.csv", rows))
    ]
    assert made[0] == pytest.approx(0.5 * np.log(4.0) * np.array([0.03, 0.02, 0.01, 0.03, 0.02, 0.01]))
    assert made[1] == pytest.approx(made[0])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "my.csv: holds no rows"),
        ("energy,dn_de\n", "names columns and has no rows below them"),
        ("energy,flux\n1,2\n", "column flux is unknown; allowed are mass, energy, flavour, dn_de"),
        ("energy\n1\n2\n", "has the columns energy; needed are energy and dn_de"),
        ("energy,energy,dn_de\n1,1,2\n", "row 1 names the column energy more than once"),
        ("energy,dn_de\n1,0.1\n2\n", "row 3 has 1 values; allowed are 2: energy, dn_de"),
        (
            "energy,dn_de\n1,0.1\n2,much\n",
            "row 3, column dn_de: 'much'; allowed is a finite number, 0 or more, per GeV",
        ),
        ("energy,dn_de\n1,-0.1\n2,0\n", "row 2, column dn_de: '-0.1'; allowed is a finite number, 0 or more"),
        ("energy,dn_de\n1,nan\n2,0\n", "row 2, column dn_de: 'nan'; allowed is a finite number"),
        ("energy,dn_de\n0,0.1\n2,0\n", "row 2, column energy: '0'; allowed is an energy above 0 GeV"),
        ("energy,dn_de\n2,0.1\n1,0\n", "row 3, column energy: '1'; allowed is more than 2 before it"),
        ("energy,dn_de\n2,0.1\n", "row 2 stands alone; allowed are two energies or more a species"),
        (
            "mass,energy,dn_de\n10,1,0.1\n10,11,0\n",
            "row 3, column energy: '11'; allowed is an energy above 0 GeV, up to",
        ),
        ("mass,energy,dn_de\n0.1,0.01,0\n", "row 2, column mass: '0.1'; allowed is a mass from 1 to 1000 GeV"),
        ("energy,flavour,dn_de\n1,tau,0\n2,tau,0\n", "row 2, column flavour: 'tau'; allowed is nue, numu, nutau"),
        ("energy,flavour,dn_de\n1,nue,0\n2,nue,0\n", "column flavour has nue; allowed are all six species"),
        ("energy,dn_de,dn_de_nue\n1,0,0\n2,0,0\n", "has both dn_de and dn_de_nue"),
        (
            "mass,energy,dn_de,line_weight\n4,1,0,1\n4,4,0,\n",
            "row 2, column line_weight: '1'; allowed is 0 below the mass",
        ),
        ("1 2 3 4\n", "4 columns without names; allowed are 2 columns (energy, dn_de) or 3 columns"),
        ("mass,energy,dn_de\n4,1,2\n4,4,2\n", "all species carry"),
    ],
)
def test_what_is_wrong_is_said_with_file_row_column_and_value(tmp_path: Path, text: str, said: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises((InputError, PhysicsError)) as caught:
        user_spectra(path, "my")
    assert said in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_missing_file_and_an_impossible_array_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nowhere\.csv"):
        user_spectra(tmp_path / "nowhere.csv", "my")
    np.save(tmp_path / "cube.npy", np.zeros((2, 2, 2)))
    with pytest.raises(InputError, match=r"array of the shape \(2, 2, 2\)"):
        user_spectra(tmp_path / "cube.npy", "my")
    np.save(tmp_path / "dict.npy", {"bb": 1}, allow_pickle=True)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="no array of numbers"):
        user_spectra(tmp_path / "dict.npy", "my")


def test_a_file_that_changes_is_read_again(tmp_path: Path) -> None:
    path = written(tmp_path, SIMPLE)
    before = user_spectra(path, "my").production(4.0).multiplicity()
    written(tmp_path, SIMPLE.replace("0.02", "0.0100000"))
    assert (user_spectra(path, "my").production(4.0).multiplicity() < before).all()
