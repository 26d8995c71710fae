"""Parts of the sample `simulated-7y` as the stages of events make them: draws of neutrinos, and injected signals."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from core.events.columns import Kind
from core.events.conversion import Conversion
from core.events.cuts import CUT_FLOW_SCHEMA
from core.simulation.injected import injected_signal
from core.simulation.sample import simulated_events
from core.simulation.seasons import SAMPLE
from core.spectra import spectra_from_table


def drawn_part(
    kind: Kind,
    season: str,
    part: int,
    how: Mapping[str, Any],
    sources: pa.Table | None = None,
    spectra: pa.Table | None = None,
) -> Conversion:
    """Return a part of a season with the account that a file of events would have.

    `how` has seed, for kind "mc" n_simulated and n_parts, for a signal `injected` (channel, mass in GeV, and
    sigma_v in cm³ s⁻¹ or lifetime in s), which takes the products `sources` and `spectra` of its pair.
    """
    if sources is not None and spectra is not None:
        signal = how["injected"]
        flux = spectra_from_table(spectra)
        strength = signal["sigma_v"] if signal.get("lifetime") is None else 1.0 / signal["lifetime"]
        events = injected_signal(flux, sources, signal["mass"], strength, season, how["seed"], part)
    elif kind == "mc":
        events = simulated_events(kind, season, part, how["n_parts"], how["seed"], how["n_simulated"])
    else:
        events = simulated_events(kind, season, seed=how["seed"])
    name = Path(SAMPLE) / season / f"{kind}-{part:04}"
    n_events = events.num_rows
    return Conversion(name, events, CUT_FLOW_SCHEMA.empty_table(), n_events, n_events, 0, 0, {})
