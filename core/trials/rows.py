"""Products of trials read as far as they are needed: columns of rows, or bins where the trials are counted in bins."""

import pyarrow as pa
import pyarrow.compute as pc

from core.products.recipe import ProductKey
from core.products.store import ProductStore
from core.trials.statistic import BIN_COLUMNS

STATISTICS = ("test_statistic", "test_statistic_signed")
FITTED = ("n_s", "n_s_signed")


def stored_trials(store: ProductStore, product: ProductKey, *columns: str) -> pa.Table:
    """Return the key columns of a product of trials and the columns named, or the bins of these statistics.

    Without names those of both statistics and of the fitted numbers of events. One part is in memory at a time, and
    of it what is asked for.
    """
    wanted = columns or (*STATISTICS, *FITTED)
    scan = store.scan_products([product])
    if "binned" not in scan.schema.names:
        return scan.to_table(columns=[*product.keys, *wanted])
    named = pc.field("binned").isin([name for name in wanted if name in STATISTICS])
    return scan.to_table(columns=[*product.keys, *BIN_COLUMNS], filter=named)
