"""A sample in bins that the configuration names: taken as it stands in its files, refused where they do not fit."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.configuration.config import Config, read_config
from core.errors import ConfigError, InputError
from core.events.public_release import public_counts
from core.products.recipe import State
from core.products.store import ProductStore
from core.response import SHIPPED_RESPONSE, public_response
from core.response.hyperplanes import SHIPPED_HYPERPLANES, public_hyperplanes
from core.stages.drawn_detector import hyperplanes_digest, hyperplanes_hints, hyperplanes_in
from core.stages.registry import recipes
from core.stages.samples import reco_energy_range, sample_bins
from tests.made_analysis import made_analysis


def config_of(folder: Path, counts: pa.Table | None = None, **more: Any) -> Config:
    pq.write_table(public_counts() if counts is None else counts, folder / "counts.parquet")
    binned = {"response": str(SHIPPED_RESPONSE), "event_counts": str(folder / "counts.parquet")}
    return read_config(None, products=str(folder), analysis="given", sample="binned", binned=binned | more)


def test_response_and_counts_become_products_as_they_are(tmp_path: Path) -> None:
    config = config_of(tmp_path, public_counts().take(pa.array(np.arange(128)[::-1])))
    assert reco_energy_range(config) == pytest.approx((5.62, 56.2), rel=1e-3)
    store = made_analysis(config, ("response", "event_counts"))
    counts = public_counts()
    assert store.read("event_counts")["n_events"].to_pylist() == counts["n_events"].to_pylist()
    np.testing.assert_allclose(
        np.asarray(store.read("response")["effective_area"].combine_chunks().flatten()),
        np.asarray(public_response().to_table()["effective_area"].combine_chunks().flatten()),
    )


def test_another_file_makes_its_product_stale(tmp_path: Path) -> None:
    config = config_of(tmp_path)
    store = made_analysis(config, ("event_counts",))
    counts = public_counts()
    more = counts.set_column(counts.column_names.index("n_events"), "n_events", pa.array([7] * 128))
    (recipe,) = recipes(config_of(tmp_path, more), store, "event_counts")
    assert store.explain_recipe(recipe).state is State.STALE


def test_files_that_do_not_fit_are_named(tmp_path: Path) -> None:
    counts = public_counts()
    with pytest.raises(InputError, match=r"has 7 bins of reco_energy, 5\.6.* are 8"):
        sample_bins(config_of(tmp_path, counts.filter(pa.array(counts["reco_energy_high"].to_numpy() < 50.0))))
    with pytest.raises(InputError, match="has 127 rows; one in each of 128 bins is due"):
        sample_bins(config_of(tmp_path, public_counts()[:127]))
    with pytest.raises(InputError, match="lacks the columns n_events"):
        sample_bins(config_of(tmp_path, public_counts().drop_columns(["n_events"])))
    with pytest.raises(InputError, match="response lacks the columns"):
        sample_bins(config_of(tmp_path, response=str(tmp_path / "counts.parquet")))
    (tmp_path / "text.parquet").write_text("no", encoding="utf-8")
    with pytest.raises(InputError, match="is no whole Parquet table"):
        sample_bins(config_of(tmp_path, response=str(tmp_path / "text.parquet")))
    with pytest.raises(InputError, match="cannot read"):
        list(recipes(config_of(tmp_path, response=str(tmp_path / "none")), ProductStore(tmp_path), "response"))


def test_both_files_must_be_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"binned\.event_counts: name the file"):
        read_config(None, sample="binned", binned={"response": "x"})
    with pytest.raises(ConfigError, match="binned is set, but sample = 'public-3y'"):
        read_config(None, binned={"response": "x", "event_counts": "y"})


def test_relative_paths_start_at_the_configuration(tmp_path: Path) -> None:
    (path := tmp_path / "a.toml").write_text(
        'sample = "binned"\n[binned]\nresponse = "r.parquet"\nevent_counts = "c.parquet"\nhyperplanes = "h.parquet"\n',
        encoding="utf-8",
    )
    assert read_config(path).binned.response == str(tmp_path / "r.parquet")
    assert read_config(path).binned.hyperplanes == str(tmp_path / "h.parquet")


def test_named_hyperplanes_are_what_the_detector_is_varied_by(tmp_path: Path) -> None:
    """Here those of the public sample: the recipe is then that of the public sample's own, its file named beside it."""
    assert hyperplanes_digest(config_of(tmp_path)) is None
    (copy := tmp_path / "planes.parquet").write_bytes(SHIPPED_HYPERPLANES.read_bytes())
    config = config_of(tmp_path, hyperplanes=str(copy))
    assert hyperplanes_digest(config) == hyperplanes_digest(Config())
    assert hyperplanes_hints(config) == {"hyperplanes_path": str(copy)}
    assert hyperplanes_hints(Config()) == {}
    read, shipped = hyperplanes_in(hyperplanes_hints(config)), hyperplanes_in({})
    np.testing.assert_array_equal(read.slopes, shipped.slopes)
    assert sample_bins(config).n_energies == 8


def test_hyperplanes_that_do_not_fit_are_named(tmp_path: Path) -> None:
    table = public_hyperplanes().to_table()
    low = table["reco_energy_low"].to_numpy() > 6.0
    made = {
        "fewer": (table.filter(pa.array(low)), r"has 7 bins of reco_energy, 7\.4.* are 8, 5\.6"),
        "rows": (table.slice(1), "hyperplanes have 511 rows of 512"),
        "order": (table.take(pa.array(np.arange(512)[::-1])), "rows do not follow one another"),
        "slope": (table.drop_columns(["slope_ice_absorption"]), "lack the columns of slopes: due are slope_ice_absor"),
        "factor": (table.drop_columns(["nominal_factor"]), "hyperplanes lack the columns nominal_factor"),
    }
    for name, (changed, told) in made.items():
        pq.write_table(changed, path := tmp_path / f"{name}.parquet")
        with pytest.raises(InputError, match=told):
            sample_bins(config_of(tmp_path, hyperplanes=str(path)))
    with pytest.raises(InputError, match="cannot read"):
        sample_bins(config_of(tmp_path, hyperplanes=str(tmp_path / "none")))
