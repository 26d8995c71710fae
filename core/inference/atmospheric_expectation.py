"""The `atmospheric_expectation` product: data beside the fitted atmospheric model, a row a bin."""

import numpy as np
import pyarrow as pa

from core.inference.atmospheric_fit import deviance_and_slopes
from core.inference.atmospheric_model import CountsModel, place_of


def atmospheric_expectation_product(model: CountsModel, event_counts: pa.Table, fit: pa.Table) -> pa.Table:
    """Return measured and expected counts of each bin, at the values of the `atmospheric_fit` product.

    `n_expected_error`: of finite simulation and of the muons. `residual`: the signed root of the bin's -2 ln L.
    """
    values = np.zeros(fit.num_rows)
    for name, value in zip(fit["parameter"].to_pylist(), fit["best_fit"].to_pylist(), strict=True):
        values[place_of(name)] = value
    counts = event_counts["n_events"].to_numpy().astype(float)
    expected = model.expected(values)
    root, _ = deviance_and_slopes(counts, expected, model.relative_error)
    columns = {
        "n_expected": expected,
        "n_expected_error": model.relative_error * expected,
        "n_expected_muons": values[place_of("muon_normalisation")] * model.muons.n_expected.ravel(),
        "residual": -root,
    }
    for name, column in columns.items():
        event_counts = event_counts.append_column(name, pa.array(column))
    return event_counts
