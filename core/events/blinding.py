"""Blindness: measured events without what would tell where on the sky they came from.

Right ascension follows from azimuth and time, so all three are sealed away together; zenith, declination and energy
stay. Until the sealed table is joined again nobody can look at the true sky.
"""

import hashlib

import numpy as np
import pyarrow as pa

from core.dark_matter.channels import listed
from core.errors import InputError
from core.events.livetime import in_good_runs
from core.units import FULL_SKY

EVENT_KEYS = ("season", "run", "event", "sub_event")
SEALED_COLUMNS = ("mjd", "reco_azimuth", "reco_ra")


def blind_events(measured: pa.Table, good_runs: pa.Table | None, seed: int, season: str, part: int) -> pa.Table:
    """Return the measured events of good runs (of all runs without a list) with right ascension scrambled.

    The numbers drawn depend on run seed, season and part alone, not on where, when or beside what they are drawn.
    """
    kept = measured if good_runs is None else in_good_runs(measured, good_runs)
    identity = f"{seed}\nevents\n{season}\n{part}"
    key = int.from_bytes(hashlib.blake2b(identity.encode(), digest_size=16).digest(), "little")
    return scramble_right_ascension(kept, np.random.Generator(np.random.Philox(key=key)))


def scramble_right_ascension(events: pa.Table, generator: np.random.Generator) -> pa.Table:
    """Return the events with right ascensions drawn evenly from 0 to 2π, and without azimuth and time."""
    right_ascension = pa.array(generator.uniform(0.0, FULL_SKY / 2.0, events.num_rows))
    blind = events.drop_columns(["mjd", "reco_azimuth"])
    position = blind.schema.get_field_index("reco_ra")
    return blind.set_column(position, blind.schema.field("reco_ra"), right_ascension)


def is_blind(events: pa.Table) -> bool:
    """Tell whether the right ascensions of measured events are scrambled: azimuth and time are then away."""
    return "mjd" not in events.column_names


def sealed_directions(events: pa.Table) -> pa.Table:
    """Return what scrambling takes away, by event: the table that only the unblinding may open."""
    return events.select([*EVENT_KEYS, *SEALED_COLUMNS])


def unsealed(blind: pa.Table, sealed: pa.Table) -> pa.Table:
    """Return the events with their true right ascension, azimuth and time.

    Raises InputError unless both tables list the same events in the same order.
    """
    if not blind.select(list(EVENT_KEYS)).equals(sealed.select(list(EVENT_KEYS))):
        raise InputError(
            f"{blind.num_rows} blind and {sealed.num_rows} sealed events differ in {listed(EVENT_KEYS)}: "
            "both must come from one conversion"
        )
    names = [*blind.schema.names[:4], "mjd", "reco_zenith", "reco_azimuth", "reco_ra"]
    rest = [name for name in blind.schema.names if name not in names]
    columns = {name: (sealed if name in SEALED_COLUMNS else blind).column(name) for name in [*names, *rest]}
    return pa.table(columns)
