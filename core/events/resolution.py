"""How far reconstructed directions and energies of simulated events lie from the true ones, event by event."""

from collections.abc import Iterable

import numpy as np
import pyarrow as pa

from core.coordinates import angular_separation
from core.events.atmosphere import expected_rates

RECONSTRUCTION_ERRORS_SCHEMA: pa.Schema = pa.schema(
    [
        ("event_class", pa.string()),
        ("interaction", pa.string()),
        ("true_energy", pa.float64()),
        ("separation", pa.float64()),
        ("energy_ratio", pa.float64()),
        ("rate", pa.float64()),
    ]
)


def reconstruction_errors(simulation: pa.Table, factor: float = 1.0) -> pa.Table:
    """Return of each simulated event what tells its resolution, a third of the whole table.

    `separation` (rad) is the angle between true and reconstructed direction, `energy_ratio` reconstructed over true
    energy, `rate` factor · atmospheric rate. `event_class` and `interaction` are "" where they are not known.
    """
    directions = (np.asarray(simulation[name].to_numpy()) for name in ("reco_ra", "reco_dec", "true_ra", "true_dec"))
    true_energy = np.asarray(simulation["true_energy"].to_numpy())
    columns = {
        "event_class": simulation["event_class"].fill_null(""),
        "interaction": simulation["interaction"].fill_null(""),
        "true_energy": true_energy,
        "separation": angular_separation(*directions),
        "energy_ratio": np.asarray(simulation["reco_energy"].to_numpy()) / true_energy,
        "rate": factor * expected_rates(simulation),
    }
    return pa.table(columns, schema=RECONSTRUCTION_ERRORS_SCHEMA)


def all_reconstruction_errors(simulation: Iterable[tuple[pa.Table, float]]) -> pa.Table:
    """Return the same of several tables, each with its factor, which are looked at one after the other."""
    errors = [reconstruction_errors(events, factor) for events, factor in simulation]
    return pa.concat_tables([RECONSTRUCTION_ERRORS_SCHEMA.empty_table(), *errors])
