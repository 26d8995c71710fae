import numpy as np
import pytest

from core.dark_matter.channels import FLAVOURS
from core.errors import InputError, PhysicsError
from core.spectra import generator
from core.spectra.generator import generate, merged
from core.spectra.generator_settings import generator_settings
from core.spectra.grid import X
from core.spectra.production import AT_REST, AT_REST_WIDTH

pytest.importorskip("pythia8mc", reason="the generator is an extra")

SPECIES = {flavour: index for index, flavour in enumerate(FLAVOURS)}


@pytest.fixture(scope="module")
def muons():
    return generate("mumu", 20.0, 1000, seed=1)


def test_each_muon_gives_a_neutrino_pair(muons):
    number, error = muons.multiplicity()
    for flavour in ("nue", "nuebar", "numu", "numubar"):
        assert number[SPECIES[flavour]] == pytest.approx(1.0, abs=0.02)
    assert number[SPECIES["nutau"]] < 0.01
    assert (error < 0.01).all()


def test_muon_decay_shares_its_energy_as_the_weak_interaction_says(muons):
    """<x> of νe is 3/10 and of νμ 7/20 of the muon's energy, less 1 to 2 % of final-state radiation."""
    fraction, error = muons.energy_fraction()
    assert fraction[SPECIES["nuebar"]] == pytest.approx(0.98 * 0.150, abs=4.0 * error[SPECIES["nuebar"]])
    assert fraction[SPECIES["numu"]] == pytest.approx(0.98 * 0.175, abs=4.0 * error[SPECIES["numu"]])


@pytest.mark.parametrize(
    ("channel", "mass"),
    [
        *(("bb", 20.0), ("tautau", 20.0), ("mumu", 20.0), ("WW", 120.0), ("ZZ", 95.0), ("hh", 130.0)),
        *(("gg", 6.0), ("cc", 3.0), ("nutaunutau", 300.0)),
    ],
)
def test_energy_is_conserved_in_every_event(channel, mass):
    run = generate(channel, mass, 60, seed=2)
    assert run.largest_energy_error < 1e-6
    assert run.energy_fraction()[0].sum() < 1.0 + 1e-9
    assert run.n_rejected == 0


def test_nodes_hold_the_number_and_energy_of_the_events(muons):
    counts = muons.counts() / muons.n_events
    line = muons.n_line / muons.n_events
    assert counts.sum(axis=1) + line == pytest.approx(muons.multiplicity()[0])
    assert (counts @ X + line) / 2.0 == pytest.approx(muons.energy_fraction()[0])


def test_lepton_number_balances_in_every_channel():
    run = generate("bb", 20.0, 60, seed=3)
    number = run.multiplicity()[0]
    assert number[:3] == pytest.approx(number[3:])


def test_a_seed_gives_the_same_events_and_another_seed_others(muons):
    again, other = generate("mumu", 20.0, 1000, seed=1), generate("mumu", 20.0, 1000, seed=2)
    assert np.array_equal(muons.sum_of_x, again.sum_of_x)
    assert not np.array_equal(muons.sum_of_x, other.sum_of_x)


def test_runs_with_different_seeds_add_up(muons):
    other = generate("mumu", 20.0, 500, seed=2)
    both = merged([muons, other])
    assert both.n_events == 1500
    assert both.seeds == (1, 2)
    assert np.array_equal(both.n_neutrinos, muons.n_neutrinos + other.n_neutrinos)
    with pytest.raises(PhysicsError, match="same seed twice"):
        merged([muons, muons])
    with pytest.raises(PhysicsError, match="one channel and mass"):
        merged([muons, generate("mumu", 30.0, 10, seed=5)])


def test_neutrino_pairs_are_lines():
    run = generate("numunumu", 10.0, 50, seed=1)
    assert run.n_line[[SPECIES["numu"], SPECIES["numubar"]]].tolist() == [50.0, 50.0]
    assert run.n_neutrinos.sum() == 0.0
    assert run.energy_fraction()[0].sum() == pytest.approx(1.0)


def test_above_100_gev_some_of_the_line_is_radiated():
    run = generate("nuenue", 1000.0, 1000, seed=1)
    line = run.n_line[SPECIES["nue"]] / run.n_events
    assert 0.85 < line < 0.999
    assert run.energy_fraction()[0].sum() == pytest.approx(1.0, abs=0.1)
    assert any("weakShower = on" in setting for setting in generator_settings("bb", 101.0))
    assert any("weakShower = off" in setting for setting in generator_settings("bb", 100.0))


@pytest.mark.parametrize("mass", [100.0, 101.0])
def test_taus_of_a_w_are_polarised_with_the_weak_shower_or_without(mass, monkeypatch):
    """W → τν, τ → πν: ντ takes half of the W, and of the tau's half 0.497 (1 + 1/3) at helicity -1 (0.497 at none)."""
    settings = [*generator_settings("WW", mass), "24:onMode = off", "24:onIfAny = 15", "15:onMode = off"]
    settings.append("15:onIfMatch = 16 211")
    monkeypatch.setattr(generator, "generator_settings", lambda *_: settings)
    run = generate("WW", mass, 1000, seed=4)
    tau_neutrinos = [SPECIES["nutau"], SPECIES["nutaubar"]]
    number, fraction = run.multiplicity()[0][tau_neutrinos], run.energy_fraction()[0][tau_neutrinos]
    assert number == pytest.approx([2.0, 2.0])
    assert fraction.sum() == pytest.approx(0.5 + 0.5 * 0.497 * 4.0 / 3.0, abs=0.02)


@pytest.mark.parametrize("channel", ["WW", "ZZ"])
def test_narrow_bosons_next_to_their_threshold_are_at_rest(channel):
    """Two leptons share the boson at ε = ½ each, but for the 4 % of speed that the generator needs to start."""
    run = generate(channel, AT_REST[channel], 400, seed=1, boson_width=AT_REST_WIDTH)
    occupied = np.flatnonzero(run.n_neutrinos.sum(axis=0))
    assert X[occupied[-1]] < 0.53


@pytest.mark.parametrize(
    ("channel", "mass", "message"),
    [
        ("WW", 80.0, "WW is closed at 80 GeV: it opens above 80.3692 GeV"),
        ("bb", 5.0, "the B meson's mass"),
        ("bb", 1e9, "outside the range served, 1 to 1000 GeV"),
        ("bb", float("nan"), "outside the range"),
        ("nunu", 10.0, "is not generated"),
        ("tautau", 1.78, "Pythia gives no events"),
    ],
)
def test_what_cannot_be_generated_is_refused(channel, mass, message):
    with pytest.raises((PhysicsError, InputError), match=message):
        generate(channel, mass, 10)
