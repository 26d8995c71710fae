import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.dark_matter.channels import FLAVOURS, PUBLISHED_PAIRS
from core.errors import InputError, PhysicsError, ProductError
from core.spectra import (
    SHIPPED_SPECTRA,
    annihilation_spectrum,
    decay_spectrum,
    decay_spectrum_at_earth,
    produced_spectra,
    spectra_at_earth,
    spectra_from_table,
    spectra_table,
    spectrum_at_earth,
)
from core.spectra.grid import LOG10_X, X
from core.spectra.interpolation import between
from core.spectra.oscillation import MixingAngles
from core.spectra.shipped import read_table, shipped_table, table_metadata


def test_the_table_is_small_and_says_how_it_was_made():
    assert SHIPPED_SPECTRA.stat().st_size < 2_000_000
    made = table_metadata()
    assert made["generator"] == "Pythia 8.317.2"
    assert made["log10_x"] == LOG10_X.tolist()
    assert all(run["seeds"] and run["n_events"] >= 20_000 for run in made["runs"])
    assert max(run["largest_energy_error"] for run in made["runs"]) < 1e-6
    assert "TauDecays:tauPolarization = 0." in made["settings"]["tautau"]


@pytest.mark.parametrize(("channel", "mass"), PUBLISHED_PAIRS)
def test_every_published_pair_is_served_with_errors(channel, mass):
    produced = produced_spectra(channel, mass)
    assert produced.mass == mass
    assert 0.0 < produced.energy_fraction().sum() <= 1.0 + 1e-9
    assert (produced.energy_fraction_error >= 0.0).all()
    if channel != "nunu":
        assert produced.energy_fraction_error[1] < 0.01 * produced.energy_fraction()[1]


@pytest.mark.parametrize("channel", ["bb", "mumu", "tautau", "WW"])
def test_neutrinos_and_antineutrinos_are_alike_within_statistics(channel):
    produced = produced_spectra(channel, 100.0)
    off = produced.energy_fraction()[:3] - produced.energy_fraction()[3:]
    assert (np.abs(off) <= 4.5 * np.hypot(produced.energy_fraction_error[:3], produced.energy_fraction_error[3:])).all()


def test_nunu_is_the_mean_of_three():
    parts = [produced_spectra(flavour, 150.0) for flavour in ("nuenue", "numunumu", "nutaunutau")]
    mean = produced_spectra("nunu", 150.0)
    assert mean.counts == pytest.approx(sum(part.counts for part in parts) / 3.0)
    assert mean.line == pytest.approx(sum(part.line for part in parts) / 3.0)
    assert annihilation_spectrum("nunu", 20.0, "nue").lines == ((20.0, pytest.approx(1.0 / 3.0)),)
    assert spectrum_at_earth("nunu", 20.0, "nutaubar").lines == ((20.0, pytest.approx(1.0 / 3.0)),)


def test_line_and_continuum_of_radiating_neutrinos():
    spectrum = annihilation_spectrum("numunumu", 300.0, "numu")
    ((energy, weight),) = spectrum.lines
    assert energy == 300.0
    assert 0.95 < weight < 1.0
    assert spectrum.counts_in_bins(np.array([1e-5, 300.0]))[0] == pytest.approx(spectrum.multiplicity() - weight)


def test_aliases_and_decay():
    assert annihilation_spectrum("Tau", 50.0, "nue").multiplicity() == pytest.approx(
        decay_spectrum("tautau", 100.0, "nue").multiplicity()
    )
    assert decay_spectrum_at_earth("bb", 100.0, "nutau").mass == 50.0


@pytest.mark.parametrize(
    ("channel", "mass", "message"),
    [
        ("bb", 5.2, "bb is closed at 5.2 GeV: it opens above 5.27934 GeV, the B meson's mass"),
        ("WW", 80.0, "opens above 80.3692 GeV, the W boson's mass"),
        ("hh", 125.0, "the Higgs boson's mass"),
        ("tautau", 1.7, "the tau's mass"),
        ("mumu", 0.5, "outside the range served, 1 to 1000 GeV"),
        ("mumu", 1001.0, "outside the range served"),
        ("mumu", float("nan"), "outside the range served"),
        ("xx", 10.0, "unknown channel 'xx'"),
    ],
)
def test_closed_and_unserved_pairs_are_refused(channel, mass, message):
    with pytest.raises(PhysicsError, match=message):
        annihilation_spectrum(channel, mass, "nue")


def test_unknown_flavour_is_refused():
    with pytest.raises(PhysicsError, match="unknown flavour 'nux'"):
        annihilation_spectrum("bb", 10.0, "nux")


def test_next_to_the_threshold_the_lowest_mass_serves():
    lowest = produced_spectra("tautau", 1.83)
    assert produced_spectra("tautau", 1.78).counts == pytest.approx(lowest.counts)


def test_other_angles_mix_otherwise():
    unmixed = spectra_at_earth("tautau", 20.0, angles=MixingAngles(0.0, 0.0, 0.0, 0.0))
    assert unmixed.counts == pytest.approx(produced_spectra("tautau", 20.0).counts)


@pytest.mark.parametrize("channel", ["tautau", "nunu"])
def test_product_table_there_and_back_again(channel):
    table = spectra_table(channel, 150.0)
    at_earth, made = spectra_from_table(table), spectra_from_table(table, at_earth=False)
    for flavour in FLAVOURS:
        for found, expected in (
            (at_earth[flavour], spectrum_at_earth(channel, 150.0, flavour)),
            (made[flavour], annihilation_spectrum(channel, 150.0, flavour)),
        ):
            assert np.array_equal(found.dn_de, expected.dn_de)
            assert found.lines == expected.lines
            assert found.mass == pytest.approx(150.0)
    lines = table.filter(table["is_line"])
    assert lines["dn_de"].null_count == len(lines)
    assert table["line_weight"].null_count == len(table) - len(lines)


def test_product_table_without_a_column_is_named():
    with pytest.raises(ProductError, match="lacks line_weight"):
        spectra_from_table(spectra_table("bb", 10.0).drop_columns("line_weight"))


def left_out(channel, mass):
    """A tabulated mass and what the table without it gives."""
    table = shipped_table()
    masses = sorted(table.pairs[channel])
    index = masses.index(mass)
    left, right = (table.pairs[channel][masses[index + step]] for step in (-1, 1))
    return between(left, right, mass, table.at_rest.get(channel)), table.pairs[channel][mass]


@pytest.mark.parametrize(
    ("channel", "mass"),
    [("bb", 20.0), ("bb", 100.0), ("mumu", 30.0), ("mumu", 200.0), ("tautau", 20.0), ("tautau", 100.0), ("WW", 150.0)],
)
def test_a_mass_left_out_is_found_again(channel, mass):
    found, expected = left_out(channel, mass)
    for half in (slice(0, 3), slice(3, 6)):
        big = expected.energy_fraction()[half] > 0.01
        for power in (1, 2):
            got, wanted = ((pair.counts[half] @ X**power)[big] for pair in (found, expected))
            assert got == pytest.approx(wanted, rel=0.03 if power == 1 else 0.05)
    edges = 10.0 ** np.arange(-8.0, 0.01, 0.1)
    for flavour in ("nue", "numu", "nutau"):
        if expected.energy_fraction()[FLAVOURS.index(flavour)] < 0.01:
            continue
        found_counts, counts = (
            sum(pair.spectrum(species).counts_in_bins(mass * edges) for species in (flavour, f"{flavour}bar"))
            for pair in (found, expected)
        )
        energies = counts * np.sqrt(edges[1:] * edges[:-1])
        weighty = energies > 0.01 * energies.sum()
        assert weighty.sum() >= 8
        statistics = 3.0 * np.sqrt(2.0 * counts / expected.n_events)
        assert (np.abs(found_counts - counts) <= 0.1 * counts + statistics)[weighty].all()


def test_a_torn_table_is_named(tmp_path):
    torn = tmp_path / "torn.parquet"
    torn.write_bytes(SHIPPED_SPECTRA.read_bytes()[:5000])
    with pytest.raises(InputError, match=r"torn\.parquet"):
        read_table(torn)
    with pytest.raises(InputError, match=r"torn\.parquet"):
        table_metadata(torn)
    other = tmp_path / "other.parquet"
    pq.write_table(pa.table({"x": [1.0]}), other)
    with pytest.raises(InputError, match="lacks the columns channel"):
        read_table(other)
    with pytest.raises(InputError, match="says nothing"):
        table_metadata(other)
    short = tmp_path / "short.parquet"
    pq.write_table(pq.read_table(SHIPPED_SPECTRA).slice(0, 5), short)
    with pytest.raises(InputError, match="lacks nutaubar"):
        read_table(short)
