"""The public response continued in energy."""

import numpy as np
import pytest

from core.response import public_response
from core.response.continued import continued_response


def test_public_range_is_untouched() -> None:
    assert continued_response().inside.differs_from(public_response(), relative=0.0) == []


def test_nothing_is_negative_and_nothing_is_added_at_low_energy() -> None:
    continued = continued_response()
    assert (continued.area_above >= 0.0).all()
    low = continued.inside.true_energy_edges[1:] < 8.0
    total = continued.effective_area.sum(axis=(0, 1, 2, 4))
    assert continued.area_above.sum(axis=(0, 1, 2, 4))[low].sum() < 1e-3 * total[low].sum()


def test_effective_area_grows_with_energy_beyond_the_join() -> None:
    """Public and continued events are modelled apart: together they grow as the cross section, to within 20 %."""
    continued = continued_response()
    edges = continued.inside.true_energy_edges
    energy = np.sqrt(edges[1:] * edges[:-1])
    per_energy = (continued.effective_area.mean(axis=-1) / energy).sum(axis=(0, 1, 2))
    plateau = per_energy[(energy > 100.0) & (energy < 400.0)]
    np.testing.assert_allclose(plateau, plateau.mean(), rtol=0.2)
    assert per_energy[(energy > 40.0) & (energy < 100.0)].mean() == pytest.approx(plateau.mean(), rel=0.25)


def test_tracks_of_charged_muon_neutrinos_sharpen_with_energy() -> None:
    kernels = continued_response().kernels_above
    assert (np.diff(kernels.kappa_core[0, 1]) >= 0.0).all()
    assert kernels.kappa_core[0, 1, -1] > 2.0 * kernels.kappa_core[0, 1, 60]
