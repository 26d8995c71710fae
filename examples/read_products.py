"""How are products read without dwarfnu?

Asked: the trials of one pair in pandas, polars and DuckDB. Products are Parquet files in folders `stage/key=value/`.
Expect: the same numbers three times; half of the trials without signal have a test statistic of exactly 0.
It hangs on: nothing but Parquet. `ProductStore.path` says where a file lies; its metadata say what made it.
"""

import duckdb
import pandas as pd
import polars as pl

from core.configuration.config import read_config
from core.stages.direct import made_products

config = read_config(
    analysis="example-public-sample", pairs={"tautau": [20]}, trials={"n_background": 20_000, "n_signal": 2_000}
)
store = made_products(config, "background_trials")
path = store.path("background_trials", channel="tautau", mass=20)

trials = pd.read_parquet(path, partitioning=None)  # files carry their keys themselves
print(f"pandas: {len(trials)} trials, {(trials['test_statistic'] == 0).mean():.3f} of them at 0")

found = pl.scan_parquet(path, hive_partitioning=False).select(pl.len(), zero=(pl.col("test_statistic") == 0).mean())
print("polars: {} trials, {:.3f} of them at 0".format(*found.collect().row(0)))

everywhere = str(path.parents[3] / "*" / "*" / "*" / "*.parquet")
query = "SELECT count(*), avg((test_statistic = 0)::DOUBLE) FROM read_parquet(?, hive_partitioning = false)"
print("DuckDB: {} trials, {:.3f} of them at 0".format(*duckdb.execute(query, [everywhere]).fetchone()))
