"""Varied responses: what a factor of 1 leaves, what others move, and by how much."""

import numpy as np
import pytest

from core.errors import PhysicsError
from core.response import Response, public_response
from core.response.kernels import mean_cosine
from core.response.variations import with_angular_error, with_cross_section, with_effective_area, with_energy_scale
from tests.core.response.response_cases import plain_response, uneven_response


@pytest.mark.parametrize(
    "varied",
    [
        with_effective_area(uneven_response(), 1.0),
        with_cross_section(uneven_response(), "cc", 1.0),
        with_energy_scale(uneven_response(), 1.0),
        with_angular_error(uneven_response(), 1.0),
    ],
)
def test_a_factor_of_one_leaves_the_response(varied: Response) -> None:
    assert varied.differs_from(uneven_response(), relative=1e-12) == []


def test_areas_are_multiplied_all_or_those_of_a_current() -> None:
    nominal = uneven_response()
    more = with_effective_area(nominal, 1.1)
    assert more.differs_from(nominal) == ["effective_area", "effective_area_error"]
    assert more.effective_area == pytest.approx(1.1 * nominal.effective_area)
    neutral = with_cross_section(nominal, "nc", 0.8)
    assert neutral.effective_area[:, 0] == pytest.approx(nominal.effective_area[:, 0])
    assert neutral.effective_area[:, 1] == pytest.approx(0.8 * nominal.effective_area[:, 1])


def test_an_energy_scale_by_one_bin_takes_the_migration_of_the_next_bin() -> None:
    nominal = uneven_response()
    width = nominal.true_energy_edges[1] / nominal.true_energy_edges[0]
    higher = with_energy_scale(nominal, float(width))
    assert higher.energy_migration[..., :-1, :] == pytest.approx(nominal.energy_migration[..., 1:, :])
    assert higher.energy_migration[..., -1, :] == pytest.approx(nominal.energy_migration[..., -1, :])
    assert higher.effective_area is nominal.effective_area


def test_an_energy_scale_moves_the_mean_reconstructed_energy_of_the_public_sample() -> None:
    nominal = public_response()
    centres = np.sqrt(nominal.reco_energy_edges[1:] * nominal.reco_energy_edges[:-1])
    energy = np.sqrt(nominal.true_energy_edges[1:] * nominal.true_energy_edges[:-1])
    middle = (energy > 12.0) & (energy < 30.0)
    seen = nominal.effective_area.sum(axis=-1)[..., middle]
    means = []
    for factor in (0.9, 1.0, 1.1):
        migration = with_energy_scale(nominal, factor).energy_migration
        assert migration.sum(axis=-1) == pytest.approx(nominal.energy_migration.sum(axis=-1), abs=1e-12)
        of_bins = np.exp(migration[..., middle, :] @ np.log(centres))
        means.append(float((seen * of_bins).sum() / seen.sum()))
    assert means[1] / means[0] == pytest.approx(1.08, abs=0.03)
    assert means[2] / means[1] == pytest.approx(1.07, abs=0.03)


def test_an_angular_error_widens_small_kernels_by_its_factor() -> None:
    nominal = plain_response()
    wider = with_angular_error(nominal, 1.2)
    angles = [np.sqrt(2.0 * (1.0 - mean_cosine(kappa))) for kappa in (nominal.kappa_core, wider.kappa_core)]
    assert angles[1] == pytest.approx(1.2 * angles[0], rel=1e-9)
    assert wider.kappa_tail == pytest.approx(nominal.kappa_tail / 1.44)


@pytest.mark.parametrize("factor", [0.0, -1.0, float("nan"), float("inf")])
def test_a_factor_that_is_none_is_refused(factor: float) -> None:
    nominal = plain_response()
    for varied in (with_effective_area, with_energy_scale, with_angular_error):
        with pytest.raises(PhysicsError, match="allowed is a factor above 0"):
            varied(nominal, factor)
    with pytest.raises(PhysicsError, match="nc cross section"):
        with_cross_section(nominal, "nc", factor)
