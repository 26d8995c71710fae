"""A response survives its table, and interpolates between zenith bins."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InputError, PhysicsError
from core.glossary import GLOSSARY
from core.response import Response, public_response
from core.response.shipping import read_response, rounded, write_response
from tests.core.response.response_cases import plain_response, uneven_response


def test_a_response_survives_its_table_whatever_the_order_of_rows() -> None:
    response = uneven_response()
    table = response.to_table()
    shuffled = table.take(pa.array(np.random.default_rng(3).permutation(table.num_rows)))
    assert response.differs_from(Response.from_table(shuffled), relative=0.0) == []


def test_every_column_stands_in_the_glossary() -> None:
    table = plain_response().to_table()
    for name in table.column_names:
        assert table.schema.field(name).type == GLOSSARY[name].dtype, name


@pytest.mark.parametrize("name", ["effective_area", "kappa_core", "reco_cos_zenith_edges", "livetime"])
def test_a_missing_column_is_named(name: str) -> None:
    with pytest.raises(InputError, match=name):
        Response.from_table(plain_response().to_table().drop_columns([name]))


def test_rows_that_are_no_grid_are_refused() -> None:
    table = plain_response().to_table()
    with pytest.raises(InputError, match="rows"):
        Response.from_table(table.slice(1))
    doubled = table.take(pa.array([0, *range(table.num_rows - 1)]))
    with pytest.raises(InputError, match="once"):
        Response.from_table(doubled)


def test_an_unknown_species_is_named() -> None:
    table = plain_response().to_table()
    flavours = pa.array(["sterile", *table["flavour"].to_pylist()[1:]])
    with pytest.raises(InputError, match="sterile"):
        Response.from_table(table.set_column(0, "flavour", flavours))


@given(cos_zenith=st.floats(-1.0, 1.0))
def test_zenith_shares_sum_to_one_and_keep_a_linear_area(cos_zenith: float) -> None:
    response = plain_response()
    shares = response.zenith_shares(np.array([cos_zenith]))[0]
    centres = 0.5 * (response.true_cos_zenith_edges[1:] + response.true_cos_zenith_edges[:-1])
    assert shares.sum() == pytest.approx(1.0)
    assert shares @ centres == pytest.approx(np.clip(cos_zenith, centres[0], centres[-1]), abs=1e-12)


def test_effective_area_at_a_declination_is_that_of_minus_its_sine() -> None:
    response = uneven_response()
    at_pole = response.effective_area_at(np.pi / 2)
    np.testing.assert_allclose(at_pole, response.effective_area[..., 0])
    np.testing.assert_allclose(response.effective_area_at(-np.pi / 2), response.effective_area[..., -1])


@pytest.mark.parametrize("cos_zenith", [1.1, float("nan")])
def test_directions_off_the_sphere_are_refused(cos_zenith: float) -> None:
    with pytest.raises(PhysicsError, match="outside"):
        plain_response().zenith_shares(np.array([cos_zenith]))


def test_angular_bins_hold_their_true_energies() -> None:
    np.testing.assert_array_equal(plain_response().angular_bin, np.repeat([0, 1], 10))


def test_shipping_keeps_single_precision_and_origin(tmp_path) -> None:
    response = uneven_response()
    write_response(response, tmp_path / "response.parquet", {"source": "a test"})
    table = pa.parquet.read_table(tmp_path / "response.parquet")
    assert table.schema.metadata[b"source"] == b"a test"
    assert rounded(response).differs_from(Response.from_table(table), relative=0.0) == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"effective_area": -1.0}, "effective_area holds values that none can have"),
        ({"effective_area": np.inf}, "effective_area holds values that none can have"),
        ({"energy_migration": 1.5}, "energy_migration holds .* 0 to 1 are due"),
        ({"kappa_core": np.nan}, "kappa_core holds values that none can have"),
        ({"reco_cos_zenith_edges": 2.0}, "reco_cos_zenith_edges must rise, from -1 to 1"),
        ({"reco_energy_edges": np.nan}, "reco_energy_edges must rise, above 0 GeV"),
        ({"livetime": 0.0}, "a livetime of 0.0 s"),
    ],
)
def test_a_file_with_what_no_response_has_is_refused(tmp_path: Path, changes: dict[str, float], said: str) -> None:
    response = plain_response()
    for name, value in changes.items():
        values = np.array(getattr(response, name))
        values[(-1,) * values.ndim] = value
        response = replace(response, **{name: values if values.ndim else float(values)})
    write_response(response, tmp_path / "response.parquet", {"source": "a test"})
    with pytest.raises(InputError, match=said):
        read_response(tmp_path / "response.parquet")


def test_a_column_of_words_is_no_column_of_lists(tmp_path: Path) -> None:
    table = plain_response().to_table()
    words = table.set_column(table.column_names.index("kappa_core"), "kappa_core", pa.array(["x"] * table.num_rows))
    pa.parquet.write_table(words, tmp_path / "response.parquet")
    with pytest.raises(InputError, match="column kappa_core is of the type string"):
        read_response(tmp_path / "response.parquet")


def test_shipped_response_is_whole() -> None:
    response = public_response()
    seen = response.effective_area.sum(axis=-1) > 0.0
    np.testing.assert_allclose(response.energy_migration.sum(axis=-1)[seen], 1.0, atol=1e-6)
    assert np.all(response.kappa_core > response.kappa_tail)
    assert np.all((response.tail_fraction >= 0.0) & (response.tail_fraction < 1.0))
    assert np.all(response.reco_zenith_energy_factor > 0.0)
    assert len(response.true_energy_edges) - 1 == 120
