"""Background of single sources: the histogram of the angle between event and source, even in right ascension.

The statistic of the published analysis (arXiv:2511.19385) sees the sky through this angle alone. At a declination d the
share of right ascensions that lie within an angle x of a source at D is arccos[(cos x - sin d sin D)/(cos d cos D)]/pi,
0 or 1 where no circle of the two crosses; so nothing has to be scrambled. The data contain any signal, and so does this
background: nothing is subtracted.
"""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.compiled import compiled
from core.coordinates import angular_separation
from core.errors import InputError, PhysicsError
from core.pdfs.background import binned_background
from core.pdfs.one_sky import energies_in_window
from core.signal.windows import Window
from core.units import DEGREE

Reals = NDArray[np.float64]

ROUNDING = 1e-12  # entries below this share of a source's events lie beyond the reach of its band
# Gauss-Hermite nodes that stand for an event smoothed in declination.
_SMOOTHING_NODES, _SMOOTHING_WEIGHTS = np.polynomial.hermite_e.hermegauss(7)


def angle_bins(n_bins: int) -> Reals:
    """Return the edges (rad) of equal bins in the angle to a source, 0 to pi, (n_bins + 1,)."""
    return np.linspace(0.0, np.pi, n_bins + 1)


def event_background(
    dec: Reals,
    source_dec: Reals,
    angle_edges: Reals,
    weight: Reals | None = None,
    band: float | None = None,
    bandwidth: float = 0.0,
) -> Reals:
    """Return the weighted entries of each source and angle bin, (n_sources, n_bins), averaged over right ascension.

    `dec` (n_events,) and `source_dec` (n_sources,) in rad; `angle_edges` from 0 to pi; `weight` (n_events,), 1 each
    without. `band` (rad): only events whose declination is within it of the source's; None: the whole sky.
    `bandwidth` (rad): each event stands for a Gaussian of this width in declination, reflected at the poles; the band
    is that of the events. Seasons and classes are kept apart by calling this for each.
    """
    declinations = np.ascontiguousarray(dec, dtype=np.float64)
    weights = np.ones_like(declinations) if weight is None else np.ascontiguousarray(weight, dtype=np.float64)
    if declinations.shape != weights.shape or not np.all(np.abs(declinations) <= 0.5 * np.pi):
        raise PhysicsError("background events need declinations in [-pi/2, pi/2] and one weight each")
    cos_edges = np.cos(_checked_edges(angle_edges))
    widest = 2.0 * np.pi if band is None else band
    nodes = zip(_SMOOTHING_NODES, _SMOOTHING_WEIGHTS / _SMOOTHING_WEIGHTS.sum(), strict=True) if bandwidth else [(0, 1)]
    below = np.zeros((len(source_dec), len(cos_edges)))
    for offset, share in nodes:
        moved = declinations + bandwidth * offset
        moved = np.arcsin(np.sin(moved)) if bandwidth else moved  # over a pole and down again
        _add_below(declinations, moved, share * weights, np.asarray(source_dec, np.float64), cos_edges, widest, below)
    return np.asarray(np.diff(below, axis=1))


@compiled
def _add_below(
    dec: Reals, moved: Reals, weight: Reals, source_dec: Reals, cos_edges: Reals, band: float, below: Reals
) -> None:
    """Add to below (n_sources, n_edges) the weight of each event times the share of it within the angle of the edge."""
    sines, cosines = np.sin(moved), np.cos(moved)
    for source in range(source_dec.size):
        sine, cosine = np.sin(source_dec[source]), np.cos(source_dec[source])
        for event in range(dec.size):
            if abs(dec[event] - source_dec[source]) > band:
                continue
            middle = sines[event] * sine
            reach = cosines[event] * cosine
            below[source, cos_edges.size - 1] += weight[event]
            for edge in range(1, cos_edges.size - 1):
                above = cos_edges[edge] - middle
                if above >= reach:  # the circle does not come so near
                    continue
                share = 1.0 if above <= -reach else np.arccos(above / reach) / np.pi
                below[source, edge] += weight[event] * share


def binned_background_entries(
    n_events: Reals, cos_zenith_edges: Reals, source_dec: Reals, angle_edges: Reals, band: float | None = None
) -> Reals:
    """Return the entries (n_sources, n_bins) of events in bins of cos zenith, seen from the South Pole.

    `n_events` (n_zeniths,), spread evenly over each bin; `cos_zenith_edges` (n_zeniths + 1,), ascending; the rest as
    for `event_background`. Exact: the share of a zone within an angle of a source is the area where cap and zone meet.
    """
    edges = _checked_edges(angle_edges)
    sin_dec = -cos_zenith_edges[::-1]
    density = n_events[::-1] / np.diff(sin_dec)
    below = np.zeros((len(source_dec), len(edges)))
    for source, dec in enumerate(source_dec):
        inside = within_band(sin_dec, float(dec), band)
        caps = np.stack([_common_area(edges, 0.5 * np.pi - np.arcsin(s), 0.5 * np.pi - dec) for s in inside])
        below[source] = density @ (caps[:-1] - caps[1:]) / (2.0 * np.pi)
    entries = np.diff(below, axis=1)
    return np.where(entries > ROUNDING * below[:, -1:], entries, 0.0)


def within_band(sin_dec: Reals, dec: float, band: float | None) -> Reals:
    """Return sines of declinations; those outside a band (rad) about a declination are moved onto its edges."""
    if band is None:
        return np.clip(sin_dec, -1.0, 1.0)
    low, high = np.clip([dec - band, dec + band], -0.5 * np.pi, 0.5 * np.pi)
    return np.clip(sin_dec, np.sin(low), np.sin(high))


def _common_area(radius: Reals, other: float, distance: float) -> Reals:
    """Return the area (sr) that caps of radii (n,) share with a cap of another radius, their centres at a distance.

    All in rad. Where their circles cross: Tovchigrechko & Vakser 2001, doi:10.1110/ps.8701.
    """
    area, other_area = 2.0 * np.pi * (1.0 - np.cos(radius)), 2.0 * np.pi * (1.0 - np.cos(other))
    common = np.minimum(area, other_area)  # one within the other
    common = np.where(distance >= radius + other, 0.0, common)
    common = np.where(radius + other + distance >= 2.0 * np.pi, area + other_area - 4.0 * np.pi, common)
    crossing = (np.abs(radius - other) < distance) & (distance < np.minimum(radius + other, 2 * np.pi - radius - other))
    if not crossing.any():
        return np.asarray(common)
    r, cos_d, sin_d = radius[crossing], np.cos(distance), np.sin(distance)
    cos_r, sin_r, cos_o, sin_o = np.cos(r), np.sin(r), np.cos(other), np.sin(other)
    at_crossing = _arccos((cos_d - cos_r * cos_o) / (sin_r * sin_o))
    at_centre = _arccos((cos_o - cos_d * cos_r) / (sin_d * sin_r))
    at_other = _arccos((cos_r - cos_d * cos_o) / (sin_d * sin_o))
    common[crossing] = 2.0 * (np.pi - at_crossing - cos_r * at_centre - cos_o * at_other)
    return np.asarray(common)


def _arccos(cosine: Reals) -> Reals:
    return np.asarray(np.arccos(np.clip(cosine, -1.0, 1.0)))


def scrambled_background(
    dec: Reals,
    source_ra: Reals,
    source_dec: Reals,
    angle_edges: Reals,
    n_scrambles: int,
    generator: np.random.Generator,
    band: float | None = None,
) -> NDArray[np.int64]:
    """Return the counts (n_sources, n_bins) over n_scrambles of the data, each event at a random right ascension.

    The Monte-Carlo way of the published analysis, to check `event_background` by: that times n_scrambles is its mean.
    Each scramble draws one right ascension an event, in order, and every source sees the same.
    """
    edges = _checked_edges(angle_edges)
    counts = np.zeros((len(source_dec), len(edges) - 1), dtype=np.int64)
    for _ in range(n_scrambles):
        ra = generator.uniform(0.0, 2.0 * np.pi, len(dec))
        for source, (at_ra, at_dec) in enumerate(zip(source_ra, source_dec, strict=True)):
            near = np.ones(len(dec), dtype=bool) if band is None else np.abs(dec - at_dec) <= band
            angle = angular_separation(at_ra, at_dec, ra[near], dec[near])
            counts[source] += np.histogram(angle, edges)[0]
    return counts


def probabilities(entries: Reals, sources: list[str]) -> Reals:
    """Return entries (n_sources, n_bins) as probabilities, each row summing to 1; InputError for a source without."""
    total = entries.sum(axis=1, keepdims=True)
    empty = [name for name, entry in zip(sources, total[:, 0], strict=True) if not entry > 0.0]
    if empty:
        raise InputError(f"no event lies in the declination band of {', '.join(empty)}: widen declination_band_deg")
    return np.asarray(entries / total)


def angle_table(
    sources: list[str], angle_edges: Reals, entries: Reals, column: str, shares: Reals | None = None
) -> pa.Table:
    """Return a product of a row a source and angle bin: entries, and in `column` their share, or the shares given."""
    n_bins = len(angle_edges) - 1
    return pa.table(
        {
            "source": pa.array(np.repeat(sources, n_bins), pa.string()),
            "angle_low": np.tile(angle_edges[:-1], len(sources)),
            "angle_high": np.tile(angle_edges[1:], len(sources)),
            column: (probabilities(entries, sources) if shares is None else shares).ravel(),
            "entries": entries.ravel(),
        }
    )


def source_background_pdf(
    background_pdf: pa.Table,
    sources: pa.Table,
    n_bins: int,
    window: Window | None = None,
    declination_band_deg: float | None = None,
) -> pa.Table:
    """Return the `source_background_pdf` product of a binned sample from its `background_pdf` and `sources` products.

    `window` in GeV of reconstructed energy; entries are the events in the band about the source's declination.
    """
    n_events, cos_zenith_edges = events_in_window(background_pdf, window)
    edges = angle_bins(n_bins)
    band = band_in_rad(declination_band_deg)
    entries = binned_background_entries(n_events, cos_zenith_edges, sources["dec"].to_numpy(), edges, band)
    return angle_table(sources["source"].to_pylist(), edges, entries, "background_probability")


def band_in_rad(declination_band_deg: float | None) -> float | None:
    """Return the half-width of a declination band in rad; None stays the whole sky."""
    return None if declination_band_deg is None else declination_band_deg * DEGREE


def events_in_window(background_pdf: pa.Table, window: Window | None) -> tuple[Reals, Reals]:
    """Return the events of the energies that a window (GeV) cuts by cos zenith, (n_zeniths,), and the bins' edges."""
    background = binned_background(background_pdf)
    inside = energies_in_window(background.reco_energy_edges, window)
    in_window = background.probability[:, inside].sum(axis=(0, 1)) * background.n_events
    return np.asarray(np.rint(in_window)), background.reco_cos_zenith_edges


def _checked_edges(angle_edges: Reals) -> Reals:
    edges = np.asarray(angle_edges, dtype=np.float64)
    if edges[0] != 0.0 or abs(edges[-1] - np.pi) > 1e-12 or not np.all(np.diff(edges) > 0.0):
        raise PhysicsError("edges of angles must rise from 0 to pi")
    return edges
