"""A small sample for the figures of events, drawn from plain distributions, simulated or measured."""

import numpy as np
import pyarrow as pa

from core.dark_matter.channels import FLAVOURS
from core.events.angular_error import published_angular_error
from core.events.blinding import scramble_right_ascension
from core.events.columns import event_table
from core.events.distributions import EventSums

LIVETIME = 3e8


def events(kind: str, n_events: int = 500, seed: int = 0, **columns: object) -> pa.Table:
    """Return events of the canonical schema; named columns take the place of those drawn."""
    rng = np.random.default_rng(seed)
    dec, energy = np.arcsin(rng.uniform(-1.0, 1.0, n_events)), 10.0 ** rng.uniform(0.75, 1.75, n_events)
    ra = rng.uniform(0.0, 2.0 * np.pi, n_events)
    drawn: dict[str, object] = {
        "season": rng.choice(["IC86_2012", "IC86_2013"], n_events),
        "run": np.full(n_events, 120_000),
        "event": np.arange(n_events),
        "sub_event": np.zeros(n_events, dtype=int),
        "mjd": rng.uniform(56_414.0, 56_783.0, n_events),
        "reco_zenith": 0.5 * np.pi + dec,
        "reco_azimuth": rng.uniform(0.0, 2.0 * np.pi, n_events),
        "reco_ra": ra,
        "reco_dec": dec,
        "reco_energy": energy,
        "angular_error": published_angular_error(energy),
        "event_class": rng.choice(["cascade", "track"], n_events),
    }
    if kind == "mc":
        drawn |= {
            "true_ra": np.mod(ra + rng.normal(0.0, 0.2, n_events), 2.0 * np.pi),
            "true_dec": np.clip(dec + rng.normal(0.0, 0.2, n_events), -1.5, 1.5),
            "true_energy": energy * rng.lognormal(0.0, 0.3, n_events),
            "flavour": rng.choice(FLAVOURS, n_events),
            "interaction": rng.choice(["cc", "nc"], n_events),
            "weight": rng.uniform(1e-5, 1e-2, n_events),
            "atmospheric_rate": rng.uniform(1e-7, 1e-6, n_events),
        }
    return event_table(kind, drawn | columns)  # type: ignore[arg-type]


def blind(n_events: int = 500, **columns: object) -> pa.Table:
    """Return measured events as they are before the unblinding."""
    return scramble_right_ascension(events("data", n_events, 1, **columns), np.random.default_rng(2))


def summed(*tables: pa.Table) -> EventSums:
    """Return the sums over tables, simulated events as many as are expected in LIVETIME."""
    sums = EventSums()
    for table in tables:
        sums.add(table, LIVETIME)
    return sums
