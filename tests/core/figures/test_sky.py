"""Mollweide's projection: known points, equal areas, right ascension to the left, pixels where they belong."""

import healpy
import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.colors import Normalize

from core.figures import sky, style


def at(ra_hours: float, dec_deg: float) -> tuple[float, float]:
    x, y = sky.project(np.array([ra_hours * np.pi / 12.0]), np.array([np.radians(dec_deg)]))
    return float(x[0]), float(y[0])


def test_known_points() -> None:
    assert np.allclose(at(12.0, 0.0), (0.0, 0.0))
    assert np.allclose(at(0.0, 0.0), (2.0 * np.sqrt(2.0), 0.0))
    assert np.allclose(at(5.0, 90.0), (0.0, np.sqrt(2.0)), atol=1e-3)
    assert np.allclose(at(5.0, -90.0), (0.0, -np.sqrt(2.0)), atol=1e-3)


def test_right_ascension_grows_to_the_left() -> None:
    assert at(14.0, 10.0)[0] < at(12.0, 10.0)[0] < at(10.0, 10.0)[0]


@given(st.floats(0.0, 2.0 * np.pi - 1e-9), st.floats(-np.pi / 2.0, np.pi / 2.0))
def test_the_defining_equation_holds_and_all_is_inside_the_rim(ra: float, dec: float) -> None:
    x, y = sky.project(np.array([ra]), np.array([dec]))
    theta = np.arcsin(np.clip(y[0] / np.sqrt(2.0), -1.0, 1.0))
    assert abs(2.0 * theta + np.sin(2.0 * theta) - np.pi * np.sin(dec)) < 1e-6
    assert (x[0] / sky.HALF_WIDTH) ** 2 + (y[0] / sky.HALF_HEIGHT) ** 2 <= 1.0 + 1e-6


def test_the_image_gives_every_pixel_the_same_area() -> None:
    pixels, is_sky = sky._pixels_of_image(2)
    shares = np.bincount(pixels[is_sky], minlength=healpy.nside2npix(2)) / is_sky.sum()
    assert np.allclose(shares, 1.0 / healpy.nside2npix(2), rtol=0.02)


def test_a_pixel_is_drawn_where_its_direction_is_projected() -> None:
    nside, pixel = 4, 37
    axes = style.new_figure(4, 2).subplots()
    density = np.zeros(healpy.nside2npix(nside))
    density[pixel] = 1.0
    image = np.asarray(sky.draw_map(axes, density, nside, Normalize(), "viridis").get_array().filled(0.0))
    colatitude, longitude = healpy.pix2ang(nside, pixel)
    x, y = sky.project(np.array([longitude]), np.array([np.pi / 2.0 - colatitude]))
    column = int((x[0] / sky.HALF_WIDTH + 1.0) / 2.0 * sky.N_COLUMNS)
    row = int((y[0] / sky.HALF_HEIGHT + 1.0) / 2.0 * sky.N_ROWS)
    assert image[row, column] == 1.0
    assert np.count_nonzero(image == 1.0) < 0.02 * image.size
