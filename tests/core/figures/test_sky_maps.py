"""Maps of the sky show the summed probabilities as densities, and the ratio that the likelihood uses."""

import numpy as np
import pytest
from matplotlib.axes import Axes

from core.errors import ProductError
from core.figures.sky_maps import sky_maps_figure
from core.units import FULL_SKY
from tests.small_analysis import ENERGY_EDGES, signal_pdf, sources

SIGNAL, BACKGROUND, RATIO = range(3)


def density(name: str, energy: slice = slice(None)) -> np.ndarray:
    cells = signal_pdf()[f"{name}_probability"].to_numpy().reshape(2, len(ENERGY_EDGES) - 1, -1)
    summed = cells[:, energy].sum(axis=(0, 1))
    return np.asarray(summed * summed.size / FULL_SKY)


def drawn(axes: Axes) -> np.ndarray:
    return np.asarray(axes.images[0].get_array().compressed())


def test_maps_are_densities() -> None:
    panels = sky_maps_figure(signal_pdf(), sources()).axes
    assert drawn(panels[SIGNAL]).max() == pytest.approx(density("signal").max())
    np.testing.assert_allclose(drawn(panels[BACKGROUND]), density("background").max())
    brightest = sources().sort_by([("j_factor", "descending")])["source"][0].as_py()
    assert brightest in [text.get_text() for text in panels[SIGNAL].texts]


def test_the_ratio_is_that_of_the_treatment_of_the_background() -> None:
    signal, average, background = (density(name) for name in ("signal", "signal_average", "background"))
    subtracted = sky_maps_figure(signal_pdf(), sources()).axes[RATIO]
    assert drawn(subtracted).max() == pytest.approx(((signal - average) / background).max())
    assert drawn(subtracted).min() == pytest.approx(((signal - average) / background).min())
    assert r"\tilde{S}" in subtracted.get_title(loc="left")
    plain = sky_maps_figure(signal_pdf(), sources(), "known").axes[RATIO]
    assert drawn(plain).max() == pytest.approx((signal / background).max() - 1.0)
    assert "S/B" in plain.get_title(loc="left")


def test_ticks_of_the_ratio_tell_the_ratio() -> None:
    bar = sky_maps_figure(signal_pdf(), sources()).axes[-1]
    told = {float(label.get_text()) for label in bar.get_xticklabels()}
    assert 1.0 in told
    assert {place + 1.0 for place in bar.get_xticks()} == told


@pytest.mark.slow
def test_one_energy_can_be_chosen() -> None:
    figure = sky_maps_figure(signal_pdf(), sources(), reco_energy=20.0)
    assert drawn(figure.axes[SIGNAL]).max() == pytest.approx(density("signal", slice(4, 5)).max())
    assert figure.get_suptitle().endswith("reconstructed 17.8 to 23.7 GeV")
    assert sky_maps_figure(signal_pdf(), sources()).get_suptitle().endswith("reconstructed 5.62 to 56.2 GeV")
    with pytest.raises(ProductError, match=r"no bin holds 100 GeV: there are those from 5\.62 to 56\.2 GeV"):
        sky_maps_figure(signal_pdf(), sources(), reco_energy=100.0)


def test_nothing_to_draw_is_told() -> None:
    with pytest.raises(ProductError, match="signal_pdf has no rows"):
        sky_maps_figure(signal_pdf().slice(0, 0), sources())
