"""Injected signals against the expectation of the response."""

from functools import cache

import numpy as np
import pyarrow as pa
import pytest

from core.configuration.config import Config
from core.coordinates import angular_separation
from core.dark_matter.channels import FLAVOURS
from core.dark_matter.sources import catalogue_path, read_catalogue, select_sources
from core.errors import InputError
from core.events.classes import EVENT_CLASSES
from core.events.columns import DATA_SCHEMA
from core.events.counts import event_counts
from core.response.angular import expected_counts
from core.response.continued import continued_response
from core.signal.acceptance import source_acceptance
from core.simulation.injected import injected_signal, simulated_response
from core.simulation.seasons import SEASONS, simulated_livetime
from core.spectra import Spectrum, spectrum_at_earth

MASS = 30.0
SEASON = SEASONS[2]
N_EXPECTED = 20_000


@cache
def spectra() -> dict[str, Spectrum]:
    return {flavour: spectrum_at_earth("tautau", MASS, flavour) for flavour in FLAVOURS}


@cache
def sources() -> pa.Table:
    return select_sources(read_catalogue(catalogue_path(Config().sources)), Config().sources)


def injected(which: pa.Table, seed: int = 0) -> tuple[pa.Table, np.ndarray]:
    """N_EXPECTED events of a season, and how many are expected in each (class, energy, band) of the public range."""
    acceptance = source_acceptance(simulated_response(), spectra(), which, MASS)
    share = simulated_livetime((SEASON,)) / simulated_livetime()
    sigma_v = N_EXPECTED / (share * acceptance.total.n_s_per_strength)
    inside = continued_response().inside
    expected = 0.0
    columns = (which[name].to_numpy() for name in ("dec", "half_light_radius"))
    for dec, extent, counts in zip(*columns, acceptance.signal_counts, strict=True):
        everything = simulated_response().effective_area_at(dec)
        part = np.divide(inside.effective_area_at(dec), everything, out=np.zeros_like(everything), where=everything > 0)
        expected += expected_counts(inside, counts * part * share * sigma_v, -np.sin(dec), extent)
    return injected_signal(spectra(), which, MASS, sigma_v, SEASON, seed), expected


def test_injected_events_follow_the_acceptance_of_all_sources() -> None:
    events, expected = injected(sources())
    inside = continued_response().inside
    table = event_counts(events, inside.reco_energy_edges, inside.reco_cos_zenith_edges)
    counts = table["n_events"].to_numpy().reshape(expected.shape)
    assert events.schema.equals(DATA_SCHEMA)
    assert abs(events.num_rows - N_EXPECTED) < 4.0 * np.sqrt(N_EXPECTED)
    for axis in (0, 1, 2):
        others = tuple({0, 1, 2} - {axis})
        found, wanted = counts.sum(axis=others), expected.sum(axis=others)
        assert ((found - wanted) ** 2 / wanted).sum() < len(found) + 4.0 * np.sqrt(2.0 * len(found))
    assert set(events["event_class"].to_pylist()) == set(EVENT_CLASSES)


def test_injected_events_surround_their_source() -> None:
    source = sources().slice(0, 1)
    events, _ = injected(source)
    angle = angular_separation(
        source["ra"].to_numpy(), source["dec"].to_numpy(), events["reco_ra"].to_numpy(), events["reco_dec"].to_numpy()
    )
    solid_angle = 0.5 * (1.0 - np.cos(np.deg2rad([10.0, 20.0])))
    within = np.array([(angle < radius).mean() for radius in np.deg2rad([10.0, 20.0])])
    assert (within > 8.0 * solid_angle).all()
    # No side is preferred in right ascension, whatever the time of the day.
    turn = (events["reco_ra"].to_numpy() - source["ra"].to_numpy() + np.pi) % (2.0 * np.pi) - np.pi
    assert abs((turn > 0.0).mean() - 0.5) < 4.0 * 0.5 / np.sqrt(events.num_rows)


def test_seeds_differ_and_repeat() -> None:
    source = sources().slice(0, 1)
    assert injected(source, 1)[0].equals(injected(source, 1)[0])
    assert not injected(source, 1)[0].equals(injected(source, 2)[0])


def test_no_cross_section_is_no_event() -> None:
    assert injected_signal(spectra(), sources(), MASS, 0.0, SEASON).num_rows == 0
    with pytest.raises(InputError, match="sigma_v is -1"):
        injected_signal(spectra(), sources(), MASS, -1.0, SEASON)
