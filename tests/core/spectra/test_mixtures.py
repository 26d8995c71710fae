"""Mixtures of channels: the sum of their parts, in spectra and in expected events."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from core.dark_matter.channels import FLAVOURS, check_fractions
from core.errors import PhysicsError
from core.signal.acceptance import source_acceptance
from core.spectra import ChannelSpectra, produced_spectra, spectra_from_table, spectra_table
from core.spectra.mixtures import mixed_channels, on_common_nodes
from core.spectra.spectrum import ProducedSpectra
from tests.core.pdfs.public_pairs import public_pair
from tests.core.spectra.test_user_file import as_text

MIXTURE = {"bb": 0.7, "tautau": 0.2, "nuenue": 0.1}
OWN = ChannelSpectra(mixtures={"my_model": MIXTURE})


def n_s_per_sigma_v(spectra: pa.Table, mass: float) -> float:
    expected = public_pair("tautau", 20.0).expected
    found = source_acceptance(expected.response, spectra_from_table(spectra), expected.sources, mass)
    return found.total.n_s_per_strength


@pytest.mark.parametrize("mass", [20.0, 50.0])
def test_a_mixture_makes_the_sum_of_the_events_of_its_parts(mass: float) -> None:
    parts = [fraction * n_s_per_sigma_v(spectra_table(part, mass), mass) for part, fraction in MIXTURE.items()]
    assert n_s_per_sigma_v(OWN.table("my_model", mass), mass) == pytest.approx(sum(parts), rel=1e-9)


def test_continua_lines_and_errors_are_weighted() -> None:
    mixed = OWN.produced("my_model", 20.0)
    parts = {part: produced_spectra(part, 20.0) for part in MIXTURE}
    weighted = sum(fraction * parts[part].multiplicity() for part, fraction in MIXTURE.items())
    assert mixed.multiplicity() == pytest.approx(weighted)
    assert mixed.line == pytest.approx(0.1 * parts["nuenue"].line)
    assert mixed.channel == "my_model"
    bb, tautau = (produced_spectra(part, 20.0).multiplicity_error for part in ("bb", "tautau"))
    assert bb is not None
    assert tautau is not None
    both = ChannelSpectra(mixtures={"m": {"bb": 0.5, "tautau": 0.5}}).produced("m", 20.0).multiplicity_error
    assert both == pytest.approx(0.5 * np.hypot(bb, tautau))


def test_a_users_spectrum_equal_to_ours_gives_our_events(tmp_path: Path) -> None:
    for channel, mass in (("bb", 50.0), ("nunu", 20.0)):
        path = tmp_path / f"{channel}.csv"
        path.write_text(as_text(produced_spectra(channel, mass)), encoding="utf-8")
        own = ChannelSpectra(files={"my": str(path)}, mixtures={"half": {"my": 0.5, channel: 0.5}})
        ours = n_s_per_sigma_v(spectra_table(channel, mass), mass)
        assert n_s_per_sigma_v(own.table("my", mass), mass) == pytest.approx(ours, rel=1e-9)
        assert n_s_per_sigma_v(own.table("half", mass), mass) == pytest.approx(ours, rel=1e-9)


def test_a_users_file_may_stand_for_a_channel_of_ours(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text(as_text(produced_spectra("tautau", 20.0)), encoding="utf-8")
    own = ChannelSpectra(files={"bb": str(path)})
    assert own.produced("bb", 20.0).counts == pytest.approx(
        produced_spectra("tautau", 20.0).counts, rel=1e-9, abs=1e-15
    )
    assert own.table("mumu", 20.0).equals(spectra_table("mumu", 20.0))


def test_finer_nodes_change_nothing() -> None:
    nodes = [np.array([-2.0, -1.0, 0.0]), np.array([-1.5, -0.7, -0.2])]
    generator = np.random.default_rng(1)
    spectra = [ProducedSpectra("bb", 10.0, own, generator.random((6, 3)), np.zeros(6)) for own in nodes]
    edges = np.geomspace(0.2, 10.0, 15)
    for before, after in zip(spectra, on_common_nodes(spectra), strict=True):
        assert after.multiplicity() == pytest.approx(before.multiplicity(), rel=1e-7)
        for flavour in FLAVOURS:
            counts = before.spectrum(flavour).counts_in_bins(edges)
            assert after.spectrum(flavour).counts_in_bins(edges) == pytest.approx(counts, rel=1e-6, abs=1e-7)


@pytest.mark.parametrize(
    ("fractions", "said"),
    [
        ({"bb": 0.7, "tautau": 0.2}, "sum to 0.9; allowed is 1 within 1e-06"),
        ({"bb": 1.2, "tautau": -0.2}, "bb = 1.2; allowed is a fraction above 0, up to 1"),
        ({}, "sum to 0"),
    ],
)
def test_fractions_that_are_none_are_refused(fractions: dict[str, float], said: str) -> None:
    with pytest.raises(PhysicsError) as caught:
        check_fractions("my_model", fractions)
    assert said in str(caught.value)
    check_fractions("my_model", {"bb": 0.7, "tautau": 0.3 + 5e-7})


def test_a_closed_part_closes_the_mixture() -> None:
    own = ChannelSpectra(mixtures={"my_model": {"bb": 0.5, "WW": 0.5}})
    with pytest.raises(PhysicsError, match="mixture my_model: WW is closed at 50 GeV"):
        own.produced("my_model", 50.0)
    with pytest.raises(PhysicsError, match=r"masses 10\.0, 20\.0"):
        mixed_channels("m", [(0.5, produced_spectra("bb", 10.0)), (0.5, produced_spectra("bb", 20.0))])


def test_spectra_that_have_oscillated_are_mixed_with_each_other_alone(tmp_path: Path) -> None:
    nodes = np.linspace(-3.0, 0.0, 61)
    content = {name: {20.0: {"Energy": 20.0 * 10.0**nodes, "EdNdE": np.full(61, 0.02)}} for name in ("b", "Tau")}
    source = tmp_path / "published.npy"
    np.save(source, content, allow_pickle=True)  # type: ignore[arg-type]
    (tmp_path / "my.csv").write_text("energy,dn_de\n1,0.01\n20,0\n", encoding="utf-8")
    mixtures = {"both": {"bb": 0.5, "tautau": 0.5}, "odd": {"bb": 0.5, "my": 0.5}}
    own = ChannelSpectra(str(source), {"my": str(tmp_path / "my.csv")}, mixtures)
    table = own.table("both", 20.0)
    assert table["dn_de"].to_numpy() == pytest.approx(table["dn_de_production"].to_numpy())
    with pytest.raises(PhysicsError, match=r"mixture odd: .* have oscillated already"):
        own.table("odd", 20.0)
