"""The profile likelihood of the measured counts against the strength of a signal, to be handed on.

-2 ln [L(strength)/L(best)] with all parameters of atmosphere and detector fitted at each strength, the best strength
being of any sign. `core.inference.counts_limit` makes limits of the same profile.
"""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.dark_matter.processes import Process
from core.glossary import GLOSSARY
from core.inference.atmospheric_model import CountsModel, strength_limits
from core.inference.counts_limit import MeasuredBackground, ProfiledCounts

Reals = NDArray[np.float64]

# Strengths are told up to so many times the limit by CL_s, at even steps: there 2 ln L has fallen by some 20 to 40.
REACH, N_STRENGTHS = 4.0, 49


def counts_profile(
    model: CountsModel, counts: Reals, background: MeasuredBackground, highest: float, n_strengths: int = N_STRENGTHS
) -> tuple[Reals, Reals]:
    """Return strengths from 0 to `highest`, and -2 ln L there over its least value at any strength, (n,) each.

    `model` with signal; counts (n_cells,), and their fit without signal. No strength is above what a fit may take.
    """
    series = background.series.with_signal(model)
    start = np.append(background.fit.values, 0.0)
    profile = ProfiledCounts.of(model, counts, series=series, start=start)
    strengths = np.linspace(0.0, min(highest, 0.99 * strength_limits(model)[1]), n_strengths)
    return strengths, np.array([profile.rise(float(strength)) for strength in strengths])


def counts_likelihood_product(
    model: CountsModel,
    counts: Reals,
    signals: Mapping[str, Reals],
    limits: Mapping[str, float],
    background: MeasuredBackground,
    process: Process,
) -> pa.Table:
    """Return the `counts_likelihood` product: a row a profile of the halo and strength of the process.

    `signals`: expected events per strength, (4, n_cells), by the name of the halo's profile; `limits`: the strengths
    that CL_s excludes, by the same names.
    """
    tables = []
    for profile, signal in signals.items():
        n_per_strength = float(signal.sum())
        shape = model.with_signal(signal / n_per_strength)
        tested, falls = counts_profile(shape, counts, background, REACH * limits[profile] * n_per_strength)
        columns = {
            "profile": [profile] * len(tested),
            f"{process.strength}_tested": tested / n_per_strength,
            "likelihood_ratio": falls,
            f"n_s_per_{process.strength}": np.full(len(tested), n_per_strength),
            "process": [process.name] * len(tested),
        }
        tables.append(pa.table({name: pa.array(values, GLOSSARY[name].dtype) for name, values in columns.items()}))
    return pa.concat_tables(tables)
