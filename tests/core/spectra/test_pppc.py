import numpy as np
import pytest

from core.errors import InputError, PhysicsError
from core.spectra import annihilation_spectrum, spectrum_at_earth
from core.spectra.pppc import read_pppc, split_line

LOG10_X = np.round(np.arange(-3.0, 0.001, 0.05), 2) + 0.0
HEADER = "#mDM Log[10,x] b \\[Tau] \\[Nu]e"


def table_lines(masses=(5.0, 10.0, 20.0), header=HEADER):
    """b is closed at 5 GeV, tau is 0.5 everywhere, the neutrino line a half-Gaussian of weight 0.94."""
    line = 15.0 * np.exp(-((LOG10_X / 0.05) ** 2) / 2.0)
    rows = [
        f"{mass:g}  {x:g}  {0.0 if mass < 5.3 else x + 3.0:g}\t0.5   {height:.6f}"
        for mass in masses
        for x, height in zip(LOG10_X, line, strict=True)
    ]
    return [header, *rows]


def write(folder, lines=None, prefix="AtProduction"):
    for name in ("e", "mu", "tau"):
        (folder / f"{prefix}_neutrinos_{name}.dat").write_text("\n".join(lines or table_lines()) + "\n")
    return folder


@pytest.mark.parametrize("header", [HEADER, HEADER.replace("#", ""), HEADER.replace("#", "   #  ")])
def test_columns_are_found_by_name(tmp_path, header):
    folder = write(tmp_path, table_lines(header=header))
    spectrum = annihilation_spectrum("tautau", 10.0, "nutau", folder)
    assert spectrum.multiplicity() == pytest.approx(0.5 * 3.0)
    assert spectrum.energy[-1] == pytest.approx(10.0)
    assert spectrum.energy_fraction() == pytest.approx(np.trapezoid(0.5 * 10.0**LOG10_X, LOG10_X) / 2.0)


def test_columns_in_another_order_are_the_same(tmp_path):
    first, second = tmp_path / "a", tmp_path / "b"
    first.mkdir()
    second.mkdir()
    swapped = [" ".join(np.array(line.split())[[0, 1, 4, 2, 3]]) for line in table_lines()]
    expected = read_pppc(write(first)).production("bb", 10.0)
    assert read_pppc(write(second, swapped)).production("bb", 10.0).counts == pytest.approx(expected.counts)


def test_tables_without_electroweak_corrections_are_found(tmp_path):
    folder = write(tmp_path, prefix="AtProductionNoEW")
    assert annihilation_spectrum("tautau", 10.0, "nue", folder).multiplicity() == pytest.approx(1.5)


def test_half_gaussian_becomes_a_line(tmp_path):
    spectrum = annihilation_spectrum("nuenue", 10.0, "nuebar", write(tmp_path))
    ((energy, weight),) = spectrum.lines
    assert energy == 10.0
    assert weight == pytest.approx(15.0 * 0.05 * np.sqrt(np.pi / 2.0), rel=1e-3)
    assert spectrum.multiplicity() == pytest.approx(weight)


def test_line_leaves_the_continuum_below_it():
    continuum = np.where(LOG10_X > -1.0, -0.02 * LOG10_X, 0.02)
    line = 10.0 * np.exp(-((LOG10_X / 0.05) ** 2) / 2.0)
    found, weight = split_line(LOG10_X, continuum + line)
    assert weight == pytest.approx(10.0 * 0.05 * np.sqrt(np.pi / 2.0), rel=1e-3)
    assert found == pytest.approx(continuum, abs=1e-4)


def test_smooth_spectra_have_no_line():
    smooth = 3.0 * 10.0**LOG10_X
    found, weight = split_line(LOG10_X, smooth)
    assert weight == 0.0
    assert np.array_equal(found, smooth)


def test_masses_between_are_interpolated_and_closed_ones_refused(tmp_path):
    folder = write(tmp_path)
    assert annihilation_spectrum("bb", 15.0, "nue", folder).multiplicity() == pytest.approx(4.5)
    with pytest.raises(PhysicsError, match=r"bb from 10 to 20 GeV, not at 7 GeV"):
        annihilation_spectrum("bb", 7.0, "nue", folder)
    with pytest.raises(PhysicsError, match="has no channel WW"):
        annihilation_spectrum("WW", 100.0, "nue", folder)


def with_row(number, text):
    lines = table_lines()
    lines[number - 1] = text
    return lines


def with_delimiter(delimiter, first):
    return [delimiter.join(line.split()) if number >= first else line for number, line in enumerate(table_lines(), 1)]


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (with_row(6, "5 -2.8 0 nan 0"), r"row 6, column '\\\\\[Tau\]': 'nan' is not finite"),
        (with_row(6, "5 -2.8 0 abc 0"), r"row 6, column '\\\\\[Tau\]': 'abc' is no number"),
        (with_row(6, "5 -2.8 0 -0.5 0"), r"row 6, column '\\\\\[Tau\]': '-0.5' is negative"),
        (with_row(6, "5 -2.8 0"), r"row 6 ends before column '\\\\\[Tau\]': 3 of 5 values"),
        (with_row(6, "5 -2.8 0 0.5 0 1"), r"row 6 goes on after column"),
        (with_delimiter(",", 2), r"row 2, column 'mDM': separated by ','"),
        (with_delimiter(";", 1), r"row 1 is separated by ';'"),
        (table_lines()[:-4], r"row 180, column 'Log\[10,x\]': mass 20 has 57 values"),
        (
            table_lines()[:3] + table_lines()[4:2:-1] + table_lines()[5:],
            r"row 5, column 'Log\[10,x\]': -2.9 after -2.85",
        ),
        (table_lines()[:1] + table_lines()[:0:-1], r"column 'mDM': 10 after 20, reordered"),
        (table_lines()[:1], r"a header and no rows"),
        (with_row(1, "#mDM Log[10,x] b b \\[Nu]e"), r"names the column 'b' more than once"),
    ],
)
def test_damage_is_named_with_file_row_and_column(tmp_path, lines, message):
    write(tmp_path)
    path = tmp_path / "AtProduction_neutrinos_mu.dat"
    path.write_text("\n".join(lines))
    with pytest.raises(InputError, match=message) as caught:
        read_pppc(tmp_path)
    assert str(path) in str(caught.value)


def test_flavours_must_have_the_same_masses(tmp_path):
    write(tmp_path)
    (tmp_path / "AtProduction_neutrinos_tau.dat").write_text("\n".join(table_lines(masses=(5.0, 10.0, 30.0))))
    with pytest.raises(InputError, match="not those of AtProduction_neutrinos_e"):
        read_pppc(tmp_path)


def test_a_missing_file_or_folder_is_named(tmp_path):
    write(tmp_path)
    (tmp_path / "AtProduction_neutrinos_tau.dat").unlink()
    with pytest.raises(InputError, match="neutrinos_tau"):
        annihilation_spectrum("bb", 10.0, "nue", tmp_path)
    with pytest.raises(InputError, match="no table of spectra stands there"):
        annihilation_spectrum("bb", 10.0, "nue", tmp_path / "nowhere")
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(InputError, match="no tables of spectra stand there"):
        annihilation_spectrum("bb", 10.0, "nue", empty)


def test_a_changed_file_is_read_again(tmp_path):
    write(tmp_path)
    before = annihilation_spectrum("tautau", 10.0, "nue", tmp_path).multiplicity()
    write(tmp_path, [line.replace("\t0.5", "\t0.25") for line in table_lines()])
    assert annihilation_spectrum("tautau", 10.0, "nue", tmp_path).multiplicity() == pytest.approx(before / 2.0)


def test_real_tables(real_data):
    folder = real_data / "pppc"
    table = read_pppc(folder)
    assert min(table.pairs["bb"]) == 6.0
    assert min(table.pairs["WW"]) > 80.0
    line = annihilation_spectrum("numunumu", 50.0, "numu", folder)
    assert line.multiplicity() == pytest.approx(0.97, abs=0.01)
    assert line.lines[0][0] == 50.0
    assert spectrum_at_earth("nunu", 50.0, "nutau", folder).energy_fraction() == pytest.approx(0.97 / 6.0, abs=2e-3)
    assert annihilation_spectrum("mumu", 10.0, "nuebar", folder).multiplicity() == pytest.approx(1.0, abs=5e-3)
