"""The joint statistic beside a free halo: what it makes of the densities of a small sky, without a store."""

from typing import Any

import healpy
import numpy as np
import pyarrow as pa
import pytest

from core.pdfs.sky import right_ascension_average
from core.stages.statistics.joint_beside_free_halo import JOINT_BESIDE_FREE_HALO as BESIDE
from core.stages.statistics.joint_beside_free_halo import trial_model
from tests.small_analysis import CLASSES, ENERGY_EDGES, N_EVENTS, NSIDE, signal_pdf

SHARD = {"seed": 1, "stage": "background_trials", "channel": "tautau", "mass": 20.0, "first_trial": 0, "n_trials": 400}


def halo_pdf() -> pa.Table:
    """A wide halo about a place of the sky, in the cells of the galaxies and even in their energies."""
    x, _, z = healpy.pix2vec(NSIDE, np.arange(healpy.nside2npix(NSIDE)))
    halo = np.ones((len(CLASSES), len(ENERGY_EDGES) - 1, 1)) * np.exp(2.0 * (0.8 * x - 0.6 * z))
    average = right_ascension_average(halo / halo.sum(), NSIDE)
    columns = {"signal_probability": halo / halo.sum(), "signal_average_probability": average}
    table = signal_pdf()
    for name, values in columns.items():
        table = table.set_column(table.column_names.index(name), name, pa.array(values.ravel()))
    return table.append_column("n_s_per_sigma_v", pa.array(np.full(table.num_rows, 5e26)))


@pytest.fixture(scope="module")
def inputs() -> dict[str, pa.Table]:
    """What stages name as inputs: densities, and the cells that are made of them."""
    own = signal_pdf()
    background = {"reco_energy_low": ENERGY_EDGES[:-1], "reco_energy_high": ENERGY_EDGES[1:]}
    densities = {
        "signal_pdf": own.append_column("n_s_per_sigma_v", pa.array(np.full(own.num_rows, 3e26))),
        "halo_pdf": halo_pdf(),
        "background_pdf": pa.table(background | {"n_events": np.full(len(ENERGY_EDGES) - 1, N_EVENTS // 8)}),
    }
    return densities | {"ratio_cells": made_cells(densities, 128)}


def made_cells(densities: dict[str, Any], n_cells: int) -> pa.Table:
    return BESIDE.make_cells(densities, {"n_cells": n_cells, "background": "data"})


def test_cells_hold_events_and_scale_of_the_galaxies(inputs: dict[str, pa.Table]) -> None:
    cells = inputs["ratio_cells"]
    assert set(cells["n_events"].to_pylist()) == {N_EVENTS}
    assert set(cells["n_s_per_sigma_v"].to_pylist()) == {3e26}
    assert 0.0 <= cells["fisher_information_loss"][0].as_py() < 0.05
    for name in ("ratio", "ratio_beside"):
        assert cells[name].to_numpy() @ cells["background_probability"].to_numpy() == pytest.approx(1.0)


def test_each_ratio_has_an_eighth_of_the_steps_but_no_less_than_sixteen(inputs: dict[str, pa.Table]) -> None:
    few, least, more = (made_cells(inputs, n_cells) for n_cells in (2, 128, 512))
    assert few.equals(least)
    assert least.num_rows <= 16**2
    assert least.num_rows < more.num_rows <= 64**2
    assert more["fisher_information_loss"][0].as_py() < least["fisher_information_loss"][0].as_py()


def test_a_free_halo_leaves_less_of_the_galaxies_than_none(inputs: dict[str, pa.Table]) -> None:
    cells = inputs["ratio_cells"]
    alone = np.sum(cells["background_probability"].to_numpy() * (cells["ratio"].to_numpy() - 1.0) ** 2)
    assert 0.0 < cells["fisher_information"][0].as_py() < alone


def test_trials_fit_both_and_spread_as_the_cells_say(inputs: dict[str, pa.Table]) -> None:
    model = trial_model(inputs)
    assert model.ratio_beside is not None
    assert model.ratio_beside.tolist() == inputs["ratio_cells"]["ratio_beside"].to_pylist()
    assert (model.n_events, model.shares_one_sky) == (N_EVENTS, True)
    n_s = BESIDE.make_trials(inputs, SHARD)["n_s_signed"].to_numpy()
    spread = inputs["ratio_cells"]["n_s_uncertainty"][0].as_py()
    assert n_s.std() == pytest.approx(spread, rel=5.0 / np.sqrt(2.0 * n_s.size))
    assert abs(n_s.mean()) < 5.0 * spread / np.sqrt(n_s.size)


def test_shards_are_parts_of_one_run_and_a_histogram_counts_them(inputs: dict[str, pa.Table]) -> None:
    whole = BESIDE.make_trials(inputs, SHARD)
    part = BESIDE.make_trials(inputs, SHARD | {"first_trial": 100, "n_trials": 50})
    assert part.equals(whole.slice(100, 50))
    bins = BESIDE.make_histogram(inputs, SHARD).to_pandas()
    signed = bins[bins["binned"] == "test_statistic_signed"]
    assert signed["n_trials"].sum() == whole.num_rows
    positive = np.count_nonzero(whole["test_statistic_signed"].to_numpy() > 0.0)
    assert (
        signed.loc[signed["bin_low"] >= 0.0, "n_trials"].sum()
        - signed.loc[signed["bin_high"] == 0.0, "n_trials"][signed["bin_low"] == 0.0].sum()
        == positive
    )


def test_injected_events_are_found(inputs: dict[str, pa.Table]) -> None:
    spread = inputs["ratio_cells"]["n_s_uncertainty"][0].as_py()
    n_s = BESIDE.make_trials(inputs, SHARD | {"n_injected": round(3.0 * spread)})["n_s_signed"].to_numpy()
    assert n_s.mean() == pytest.approx(3.0 * spread, rel=0.15)
    assert (BESIDE.halo, BESIDE.has_one_template, BESIDE.one_sky) == ("free", False, None)
