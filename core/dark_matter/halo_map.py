"""The halo on the sky: J or D of each HEALPix pixel (ring ordering, equatorial coordinates J2000)."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from core.coordinates import angular_separation
from core.dark_matter.halo import HaloProfile, line_of_sight, within_angle
from core.dark_matter.processes import ANNIHILATION, Process
from core.units import DEGREE

Reals = NDArray[np.float64]
Integers = NDArray[np.int64]

# Sagittarius A*, Reid & Brunthaler 2004, arXiv:astro-ph/0408107: 17h45m40.0409s, -29d00'28.118".
GALACTIC_CENTRE_RA = 266.41683708 * DEGREE
GALACTIC_CENTRE_DEC = -29.00781056 * DEGREE

_ANGLES = np.concatenate([np.geomspace(1e-8, 1e-2, 120), np.geomspace(1e-2, np.pi, 280)[1:]])
_FAR = 8.0  # pixels that lie fewer of their own widths from the centre are divided
_FINEST = 1e-6  # rad


@cache
def halo_map(profile: HaloProfile, nside: int, process: Process = ANNIHILATION) -> Reals:
    """Return J (GeV^2 cm^-5), of decay D (GeV cm^-2), of each pixel, (n_pixels,); their sum is that of the sky.

    The middle of a pixel stands for it, at the Galactic centre after it is divided in four again and again, until its
    parts lie eight widths from the centre; what is left within 1e-6 rad is a disc, integrated exactly.
    """
    import healpy
    from scipy.interpolate import CubicSpline

    spline = CubicSpline(np.log(_ANGLES), np.log(line_of_sight(profile, _ANGLES, process)))
    total = np.zeros(healpy.nside2npix(nside))
    parts, level = np.arange(len(total)), nside  # of NESTED order, in which the four parts of p are 4p ... 4p + 3
    owner = parts.copy()
    while len(parts):
        width = healpy.nside2resol(level)
        angle = centre_angle(parts, level)
        near = angle < _FAR * width
        if width < _FINEST:
            innermost = int(np.argmin(angle))
            total[owner[innermost]] += within_angle(profile, width / np.sqrt(np.pi), process)
            near = np.arange(len(parts)) == innermost
        far = ~near
        density = np.exp(spline(np.log(np.maximum(angle[far], _ANGLES[0]))))
        np.add.at(total, owner[far], density * width**2)
        if width < _FINEST:
            break
        owner = np.repeat(owner[near], 4)
        parts = (4 * parts[near][:, None] + np.arange(4)).ravel()
        level *= 2
    in_rings = total[healpy.ring2nest(nside, np.arange(len(total)))]
    in_rings.flags.writeable = False
    return np.asarray(in_rings)


def centre_angle(pixels: Integers, nside: int) -> Reals:
    """Return the angle (rad) between the Galactic centre and pixels of NESTED order, (n_pixels,)."""
    import healpy

    colatitude, ra = healpy.pix2ang(nside, pixels, nest=True)
    return angular_separation(ra, 0.5 * np.pi - colatitude, GALACTIC_CENTRE_RA, GALACTIC_CENTRE_DEC)
