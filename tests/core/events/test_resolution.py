"""Reconstruction errors event by event: what is put in comes out, weights are scaled, unknown words are empty."""

import numpy as np
import pyarrow as pa

from core.events.resolution import RECONSTRUCTION_ERRORS_SCHEMA, all_reconstruction_errors, reconstruction_errors
from tests.core.events.conftest import make_sample


def changed(table: pa.Table, **columns: object) -> pa.Table:
    for name, values in columns.items():
        table = table.set_column(table.schema.get_field_index(name), table.schema.field(name), [pa.array(values)])
    return table


def test_a_direction_that_is_off_by_an_angle_in_declination_is_off_by_it() -> None:
    simulated = make_sample("mc", 50)
    true_dec = np.clip(simulated["true_dec"].to_numpy(), -1.3, 1.3)
    shifted = changed(simulated, true_dec=true_dec, reco_dec=true_dec + 0.17, reco_ra=simulated["true_ra"].to_numpy())
    np.testing.assert_allclose(reconstruction_errors(shifted)["separation"].to_numpy(), 0.17, rtol=1e-9)


def test_opposite_directions_are_pi_apart() -> None:
    simulated = make_sample("mc", 50)
    opposite = changed(
        simulated,
        reco_dec=-simulated["true_dec"].to_numpy(),
        reco_ra=(simulated["true_ra"].to_numpy() + np.pi) % (2.0 * np.pi),
    )
    np.testing.assert_allclose(reconstruction_errors(opposite)["separation"].to_numpy(), np.pi, rtol=1e-6)


def test_energies_are_compared_with_the_true_ones() -> None:
    simulated = make_sample("mc", 30)
    doubled = changed(simulated, reco_energy=2.0 * simulated["true_energy"].to_numpy())
    np.testing.assert_allclose(reconstruction_errors(doubled)["energy_ratio"].to_numpy(), 2.0)


def test_rates_are_the_sample_s_own_times_a_factor() -> None:
    simulated = make_sample("mc", 30)
    found = reconstruction_errors(simulated, 3.0)
    np.testing.assert_allclose(found["rate"].to_numpy(), 3.0 * simulated["atmospheric_rate"].to_numpy())
    assert found.schema == RECONSTRUCTION_ERRORS_SCHEMA


def test_unknown_classes_and_interactions_are_empty_words() -> None:
    simulated = make_sample("mc", 4)
    field = simulated.schema.field("interaction")
    unknown = simulated.set_column(
        simulated.schema.get_field_index("interaction"), field, [pa.array(["cc", None, "nc", None])]
    )
    assert reconstruction_errors(unknown)["interaction"].to_pylist() == ["cc", "", "nc", ""]


def test_several_tables_stand_one_after_the_other_each_with_its_factor() -> None:
    first, second = make_sample("mc", 5, seed=1), make_sample("mc", 7, seed=2)
    found = all_reconstruction_errors([(first, 1.0), (second, 0.5)])
    assert found.num_rows == 12
    np.testing.assert_allclose(found["rate"].to_numpy()[5:], 0.5 * second["atmospheric_rate"].to_numpy())


def test_no_table_gives_one_without_rows() -> None:
    found = all_reconstruction_errors(iter(()))
    assert found.num_rows == 0
    assert found.schema == RECONSTRUCTION_ERRORS_SCHEMA
