"""Expected events against closed forms, and which pairs of channel and mass are served."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.dark_matter.channels import FLAVOURS
from core.errors import InputError, PhysicsError
from core.glossary import GLOSSARY
from core.signal.acceptance import (
    LIMITED_BY_CUT,
    MIGRATION_ONLY,
    TotalAcceptance,
    acceptance_from_table,
    acceptance_table,
    neutrinos_in_bins,
    pair_limitation,
    source_acceptance,
)
from core.spectra.spectrum import Spectrum
from tests.core.response.response_cases import ENERGY_EDGES, plain_response, uneven_response

MASS = 50.0


def sources(*declinations: float, j_factor: float = 1e19) -> pa.Table:
    names = [f"dwarf {index}" for index in range(len(declinations))]
    return pa.table({"source": names, "dec": list(declinations), "j_factor": [j_factor] * len(declinations)})


def falling_spectra(mass: float = MASS) -> dict[str, Spectrum]:
    energy = np.geomspace(2.0, mass, 40)
    return {flavour: Spectrum(energy, energy**-2.0) for flavour in FLAVOURS}


def line_spectra(energy: float) -> dict[str, Spectrum]:
    continuum = np.array([0.5 * MASS, MASS])
    return {flavour: Spectrum(continuum, np.zeros(2), ((energy, 2.0),)) for flavour in FLAVOURS}


def test_a_flat_area_sees_every_neutrino_alike() -> None:
    area, livetime, spectra = 1e4, 1e8, falling_spectra()
    found = source_acceptance(plain_response(area, livetime), spectra, sources(0.3), MASS)
    n_per_annihilation = 4 * sum(spectrum.multiplicity() for spectrum in spectra.values())
    expected = 1e19 * livetime / (8.0 * np.pi * MASS**2) * area * n_per_annihilation
    assert found.n_s_per_strength[0] == pytest.approx(expected, rel=1e-12)
    assert found.signal_counts.sum() == pytest.approx(expected, rel=1e-12)


@given(energy=st.floats(2.0, 85.0))
def test_a_line_is_the_response_at_its_energy(energy: float) -> None:
    centres = np.sqrt(ENERGY_EDGES[1:] * ENERGY_EDGES[:-1])
    plain = plain_response()
    rising = replace(plain, effective_area=plain.effective_area * np.log(centres)[:, None])
    flat = source_acceptance(plain, line_spectra(energy), sources(0.3), MASS)
    found = source_acceptance(rising, line_spectra(energy), sources(0.3), MASS)
    assert found.n_s_per_strength[0] / flat.n_s_per_strength[0] == pytest.approx(np.log(energy))


def test_expected_events_scale_with_j_factor_livetime_and_mass() -> None:
    one = source_acceptance(uneven_response(), falling_spectra(), sources(0.3), MASS).total.n_s_per_strength
    brighter = source_acceptance(uneven_response(), falling_spectra(), sources(0.3, j_factor=3e19), MASS)
    longer = source_acceptance(replace(uneven_response(), livetime=5e8), falling_spectra(), sources(0.3), MASS)
    heavier = source_acceptance(uneven_response(), falling_spectra(), sources(0.3), 2.0 * MASS)
    assert brighter.total.n_s_per_strength == pytest.approx(3.0 * one)
    assert longer.total.n_s_per_strength == pytest.approx(5.0 * one)
    assert heavier.total.n_s_per_strength == pytest.approx(one / 4.0)


def test_sources_at_one_declination_share_their_error_and_far_ones_do_not() -> None:
    together = source_acceptance(plain_response(), falling_spectra(), sources(0.3, 0.3), MASS)
    apart = source_acceptance(plain_response(), falling_spectra(), sources(1.2, -1.2), MASS)
    assert together.total.n_s_per_strength_error == pytest.approx(together.n_s_per_strength_error.sum())
    in_quadrature = np.sqrt((apart.n_s_per_strength_error**2).sum())
    assert apart.total.n_s_per_strength_error == pytest.approx(in_quadrature)


def test_continuum_is_integrated_and_not_sampled() -> None:
    spectra = falling_spectra()
    counts = neutrinos_in_bins(spectra, ENERGY_EDGES)
    np.testing.assert_allclose(counts.sum(axis=1), spectra["numu"].multiplicity(), rtol=1e-12)


def test_table_carries_the_sum_and_its_error() -> None:
    listed = sources(0.3, -0.2, 1.0)
    found = source_acceptance(uneven_response(), falling_spectra(), listed, MASS)
    table = acceptance_table(listed, found)
    for name in table.column_names:
        assert table.schema.field(name).type == GLOSSARY[name].dtype, name
    total = acceptance_from_table(table)
    assert total.n_s_per_strength == pytest.approx(found.total.n_s_per_strength)
    assert total.n_s_per_strength_error == found.total.n_s_per_strength_error
    assert table["source_weight"].to_numpy().sum() == pytest.approx(1.0)


def test_a_table_without_the_error_or_without_rows_is_refused() -> None:
    table = acceptance_table(sources(0.3), source_acceptance(plain_response(), falling_spectra(), sources(0.3), MASS))
    with pytest.raises(InputError, match="total_error"):
        acceptance_from_table(table.drop_columns(["n_s_per_sigma_v_total_error"]))
    with pytest.raises(InputError, match="has no rows"):
        acceptance_from_table(table.slice(0, 0))


@pytest.mark.parametrize(
    ("mass", "limitation"), [(5.0, MIGRATION_ONLY), (8.0, ""), (50.0, ""), (80.0, LIMITED_BY_CUT.format(56))]
)
def test_a_well_simulated_pair_is_served_with_what_limits_it(mass: float, limitation: str) -> None:
    assert pair_limitation(TotalAcceptance(1.0, 0.0299), "bb", mass, (5.62, 56.2)) == limitation


@pytest.mark.parametrize("error", [0.03, 0.5, float("nan")])
def test_a_thinly_simulated_pair_is_refused_with_the_reason(error: float) -> None:
    with pytest.raises(PhysicsError, match="nunu at 300 GeV is not served"):
        pair_limitation(TotalAcceptance(1.0, error), "nunu", 300.0, (5.62, 56.2))


def test_questions_without_an_answer_are_refused() -> None:
    response, spectra = plain_response(), falling_spectra()
    with pytest.raises(PhysicsError, match="mass nan"):
        source_acceptance(response, spectra, sources(0.3), float("nan"))
    with pytest.raises(PhysicsError, match="J factor nan of source dwarf 0"):
        source_acceptance(response, spectra, sources(0.3, j_factor=float("nan")), MASS)
    with pytest.raises(PhysicsError, match="line at 300 GeV"):
        source_acceptance(response, line_spectra(300.0), sources(0.3), 300.0)
    with pytest.raises(PhysicsError, match="nutaubar"):
        source_acceptance(response, {f: spectra[f] for f in FLAVOURS[:-1]}, sources(0.3), MASS)


def test_a_pair_without_a_simulated_event_is_refused_and_no_fault() -> None:
    response = plain_response()
    blind = replace(
        response,
        effective_area=np.zeros_like(response.effective_area),
        effective_area_error=np.zeros_like(response.effective_area),
    )
    below = {flavour: Spectrum(np.array([0.2, 0.5]), np.ones(2)) for flavour in FLAVOURS}
    for found in (
        source_acceptance(blind, falling_spectra(), sources(0.3, -0.2), MASS),
        source_acceptance(response, below, sources(0.3, -0.2), MASS),
    ):
        table = acceptance_table(sources(0.3, -0.2), found)
        assert table["source_weight"].to_pylist() == [0.0, 0.0]
    with pytest.raises(PhysicsError, match="bb at 80 GeV is not served: no simulated event"):
        pair_limitation(acceptance_from_table(table), "bb", 80.0, (5.62, 56.2))
