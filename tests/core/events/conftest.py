"""Small samples, measured and simulated, in the canonical schema."""

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pytest

from core.coordinates import local_to_equatorial
from core.dark_matter.channels import FLAVOURS
from core.events.angular_error import published_angular_error
from core.events.columns import event_table


def make_sample(kind: str, n_events: int = 20, seed: int = 0, run: int = 120000, season: str = "IC86_2013") -> pa.Table:
    rng = np.random.default_rng(seed)
    zenith, true_zenith = (np.arccos(rng.uniform(-1.0, 1.0, n_events)) for _ in range(2))
    azimuth, true_azimuth = (rng.uniform(0.0, 2.0 * np.pi, n_events) for _ in range(2))
    mjd = rng.uniform(56414.0, 56783.0, n_events)
    energy = rng.uniform(5.0, 200.0, n_events)
    reco_ra, reco_dec = local_to_equatorial(zenith, azimuth, mjd)
    true_ra, true_dec = local_to_equatorial(true_zenith, true_azimuth, mjd)
    columns = {
        "season": [season] * n_events,
        "run": np.full(n_events, run),
        "event": np.arange(n_events),
        "sub_event": np.zeros(n_events, dtype=int),
        "mjd": mjd,
        "reco_zenith": zenith,
        "reco_azimuth": azimuth,
        "reco_ra": reco_ra,
        "reco_dec": reco_dec,
        "reco_energy": energy,
        "angular_error": published_angular_error(energy),
    }
    if kind == "mc":
        columns |= {
            "true_ra": true_ra,
            "true_dec": true_dec,
            "true_energy": energy * rng.lognormal(0.0, 0.2, n_events),
            "flavour": rng.choice(FLAVOURS, n_events),
            "interaction": rng.choice(["cc", "nc"], n_events),
            "weight": rng.uniform(1e-5, 1e-2, n_events),
            "atmospheric_rate": rng.uniform(1e-8, 1e-6, n_events),
        }
    return event_table(kind, columns)


@pytest.fixture(scope="session")
def sample() -> Callable[..., pa.Table]:
    return make_sample


@pytest.fixture
def measured() -> pa.Table:
    return make_sample("data")


@pytest.fixture
def simulated() -> pa.Table:
    return make_sample("mc")
