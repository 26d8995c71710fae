"""An own sample from its files to events: every event accounted for, blind, and made again only where files change."""

import stat
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from scipy.stats import kstest

from core.configuration.config import Config, read_config
from core.errors import InputError, ProductError
from core.events.atmosphere import atmospheric_rates
from core.events.weights import effective_livetime
from core.products.recipe import ProductKey, State
from core.products.seal import Leave
from core.products.store import ProductStore
from core.stages.freshness import Freshness
from core.stages.registry import EVENT_STAGES, recipes
from core.stages.stage import made_from
from core.units import DAY
from tests.core.events.conftest import make_sample
from tests.core.events.test_skylab import skylab_array
from tests.own_sample import LIVETIME, N_EVENTS, ODD, TORN, good_runs, make_all, write, written_sample

Sample = tuple[Config, ProductStore]


def opened(config_file: Path, **changes: Any) -> Sample:
    config = read_config(config_file, **changes)
    return config, ProductStore(config.product_root, config.analysis)


@pytest.fixture
def own(tmp_path: Path) -> Sample:
    """A sample whose files are written, of which nothing is made yet."""
    return opened(written_sample(tmp_path))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    """A sample of which all is made; for looking only."""
    config, store = opened(written_sample(tmp_path_factory.mktemp("own")))
    make_all(config)
    return config, store


def rows(store: ProductStore, stage: str, **keys: str) -> list[dict[str, Any]]:
    return store.read(stage, **keys).to_pylist()


def test_every_event_of_every_file_is_accounted_for(made: Sample) -> None:
    _, store = made
    files = rows(store, "event_files")
    assert len(files) == 11
    for row in files:
        sums = row["n_kept"] + row["n_cut"] + row["n_broken"] + row["n_outside_good_runs"]
        assert row["n_read"] == sums
    by_name = {Path(row["path"]).name: row for row in files}
    outside = by_name["run_data_1.i3.gz"]
    assert (outside["n_read"], outside["n_kept"], outside["n_outside_good_runs"]) == (15, 0, 15)
    torn, odd = by_name[TORN], by_name[ODD]
    assert "the file ends within a frame" in torn["damage"]
    assert 0 < torn["n_kept"] == torn["n_read"] < N_EVENTS
    assert (odd["n_read"], odd["n_kept"], odd["n_cut"], odd["n_broken"]) == (4, 1, 1, 2)
    assert odd["problems"].endswith("NumuCC.energy is not positive (2)")
    assert [row["damage"] for row in files].count(None) == 10
    for kind, season in (("data", "IC86_2011"), ("data", "IC86_2012"), ("mc", "IC86_2011"), ("mc", "IC86_2012")):
        n_kept = sum(row["n_kept"] for row in files if (row["kind"], row["season"]) == (kind, season))
        assert store.read("events", kind=kind, season=season).num_rows == n_kept
        flow = rows(store, "cut_flow", kind=kind, season=season)
        n_broken = sum(row["n_broken"] for row in files if (row["kind"], row["season"]) == (kind, season))
        assert flow[-1]["n_after"] == n_kept + (n_broken if kind == "mc" else 0)


def test_a_season_is_summed_up(made: Sample) -> None:
    _, store = made
    data, simulation = rows(store, "event_summary", season="IC86_2011")
    assert (data["kind"], data["n_files"], data["n_kept"], data["n_outside_good_runs"]) == ("data", 2, N_EVENTS, 15)
    assert data["livetime"] == simulation["livetime"] == LIVETIME * DAY
    assert data["n_duplicates"] == 0
    rates = atmospheric_rates(store.read("events", kind="mc", season="IC86_2011"))
    assert simulation["n_expected"] == pytest.approx(LIVETIME * DAY * rates.sum())
    assert simulation["effective_livetime"] == pytest.approx(effective_livetime(rates))
    assert simulation["n_measured"] == N_EVENTS
    assert data["n_expected"] is data["effective_livetime"] is None


def test_simulated_events_are_those_that_were_written(made: Sample) -> None:
    found = made[1].read("events", kind="mc", season="IC86_2012")
    expected = pa.concat_tables([make_sample("mc", N_EVENTS, 2012 + part, season="IC86_2012") for part in range(3)])
    for name in ("true_ra", "true_dec", "true_energy", "weight", "atmospheric_rate", "reco_ra"):
        np.testing.assert_allclose(found[name].to_numpy(), expected[name].to_numpy(), rtol=1e-9)


@pytest.mark.slow
def test_measured_events_are_blind_and_the_same_on_any_worker(made: Sample, tmp_path: Path) -> None:
    config, store = made
    blind = store.read("events", kind="data", season="IC86_2011")
    true = make_sample("data", N_EVENTS, 0, season="IC86_2011")
    assert not {"mjd", "reco_azimuth"} & set(blind.schema.names)
    np.testing.assert_allclose(blind["reco_dec"].to_numpy(), true["reco_dec"].to_numpy(), atol=1e-9)
    assert np.abs(blind["reco_ra"].to_numpy() - true["reco_ra"].to_numpy()).min() > 1e-6
    elsewhere = config.model_copy(update={"products": str(tmp_path)})
    make_all(elsewhere, n_workers=4)
    for season in ("IC86_2011", "IC86_2012"):
        again = ProductStore(tmp_path, "mine").read("events", kind="data", season=season)
        assert again.equals(store.read("events", kind="data", season=season))
    other_seed = config.model_copy(update={"products": str(tmp_path / "other"), "seed": 4})
    make_all(other_seed)
    other = ProductStore(tmp_path / "other", "mine").read("events", kind="data", season="IC86_2011")
    assert not np.isin(other["reco_ra"].to_numpy(), blind["reco_ra"].to_numpy()).any()


def test_scrambled_right_ascensions_are_even_over_all_parts(tmp_path: Path) -> None:
    files = tmp_path / "IC86_2011"
    files.mkdir()
    for part in range(12):  # the same events in each: the parts must differ by their streams
        array = skylab_array(make_sample("data", 500, 1))
        array["event"] += 1000 * part
        np.save(files / f"{part:02}_exp.npy", array)
    (tmp_path / "mine.toml").write_text(
        'products="p"\nanalysis="mine"\nsample="own"\n[events]\nformat="skylab"\ndata=["IC86_2011/*_exp.npy"]\n'
    )
    config, store = opened(tmp_path / "mine.toml")
    make_all(config)
    angles = store.read("events")["reco_ra"].to_numpy()
    assert len(np.unique(angles)) == 6000
    assert kstest(angles / (2 * np.pi), "uniform").pvalue > 1e-3
    assert rows(store, "event_summary")[0]["livetime"] is None


def test_what_is_sealed_stays_so(made: Sample) -> None:
    _, store = made
    with pytest.raises(ProductError, match=r"sealed_events is sealed: .* only the unblinding opens it"):
        store.read("sealed_events")
    product = ProductKey("sealed_events", {"season": "IC86_2011"})
    with pytest.raises(ProductError, match="is sealed"):
        store.read_product(product)
    true = store.read_product(product, leave=Leave("test"))
    expected = make_sample("data", N_EVENTS, 0)["reco_ra"].to_numpy()
    np.testing.assert_allclose(true["reco_ra"].to_numpy()[:N_EVENTS], expected, atol=1e-9)
    assert stat.S_IMODE(store.path("sealed_events", season="IC86_2011").stat().st_mode) == 0o600


@pytest.mark.slow
def test_only_what_is_missing_or_changed_is_made_again(own: Sample, tmp_path: Path) -> None:
    config, store = own
    assert len(make_all(config)) == 2 + 5 + 6 + 2 + 11 + 4 + 4 + 2
    assert make_all(config) == []
    store.path("events", part=1, kind="mc", season="IC86_2011").unlink()
    assert make_all(config) == ["events kind=mc season=IC86_2011 part 1"]
    # Touched, its content is the same: what follows from the events stays, their account is made again.
    (tmp_path / "i3" / "IC86_2012_data_0.i3").touch()
    account = [f"{stage} kind=data season=IC86_2012" for stage in ("event_files", "cut_flow")]
    assert make_all(config) == ["sealed_events season=IC86_2012", *account]
    write(tmp_path / "i3" / "IC86_2012_data_0.i3", "data", 77)
    events = "events kind=data season=IC86_2012"
    assert make_all(config) == ["sealed_events season=IC86_2012", events, *account, "event_summary season=IC86_2012"]


@pytest.mark.slow
def test_the_part_of_a_lost_file_is_no_part_any_more(own: Sample, tmp_path: Path) -> None:
    config, store = own
    make_all(config)
    (tmp_path / "i3" / "IC86_2011_mc_2.i3.zst").unlink()
    product = ProductKey("events", {"kind": "mc", "season": "IC86_2011"})
    assert store.read_product(product).num_rows == 3 * N_EVENTS
    make_all(config)
    store.drop_parts_from(product, 2)
    events = store.read_product(product)
    assert events.num_rows == 2 * N_EVENTS
    # With two files instead of three each event stands for more.
    expected = 1.5 * make_sample("mc", N_EVENTS, 2011)["weight"].to_numpy()
    np.testing.assert_allclose(events["weight"].to_numpy()[:N_EVENTS], expected)


def test_strictness_refuses_damage_also_in_what_stands(own: Sample) -> None:
    config, store = own
    make_all(config)
    strict = config.model_copy(update={"events": config.events.model_copy(update={"strict": True})})
    freshness = Freshness(strict, store)
    assert all(freshness.of(recipe).state is State.FRESH for recipe in recipes(strict, store, "sealed_events"))
    of_damaged = recipes(strict, store, "event_files")[1]
    said = rf"2 of 3 files are not whole: .*{TORN}, .*the file ends.*{ODD}: .*not positive"
    with pytest.raises(InputError, match=said):
        made_from(store, of_damaged)
    torn = recipes(strict, store, "sealed_events")[3]
    with pytest.raises(InputError, match=TORN):
        made_from(store, torn)


def test_skylab_seasons_by_pattern(tmp_path: Path) -> None:
    for year in (2015, 2016):
        run = 120000 + year
        np.save(tmp_path / f"IC86_{year}_exp.npy", skylab_array(make_sample("data", 50, year, run)))
        np.save(tmp_path / f"IC86_{year}_MC.npy", skylab_array(make_sample("mc", 50, year)))
        np.save(tmp_path / f"GRL_IC86_{year}.npy", good_runs(run, 54000.0 + 400 * (year - 2014)))
    (tmp_path / "mine.toml").write_text(
        'products="p"\nanalysis="mine"\nsample="own"\n[events]\nformat="skylab"\ndata=["IC86_*_exp.npy"]\n'
        'simulation=["IC86_*_MC.npy"]\ngood_runs=["GRL_*.npy"]\noneweight_scale=0.5\nenergy_scale={IC86_2016=1.04}\n'
    )
    config, store = opened(tmp_path / "mine.toml")
    make_all(config)
    for year, scale in ((2015, 1.0), (2016, 1.04)):
        for kind in ("data", "mc"):
            found, given = store.read("events", kind=kind, season=f"IC86_{year}"), make_sample(kind, 50, year)
            np.testing.assert_allclose(found["reco_energy"].to_numpy(), scale * given["reco_energy"].to_numpy())
        np.testing.assert_allclose(found["weight"].to_numpy(), given["weight"].to_numpy())
    assert [row["n_kept"] for row in rows(store, "event_summary")] == [50] * 4


def test_a_real_level_7_file_with_its_profile(real_data: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(
        'products="p"\nanalysis="mine"\nsample="own"\n[events]\nprofile="oscnext"\nseason="IC86_2014"\n'
        f'simulation=["{real_data}/i3/oscNext_genie_level7*.i3.gz"]\n'
    )
    config, store = opened(tmp_path / "mine.toml")
    make_all(config)
    (row,) = rows(store, "event_summary")
    assert (row["season"], row["n_read"], row["n_kept"], row["n_files"]) == ("IC86_2014", 5, 5, 1)
    assert row["effective_livetime"] > 0
    flow = rows(store, "cut_flow")
    assert [step["n_after"] for step in flow] == [5] * 5


def test_stages_come_in_an_order_in_which_they_can_be_made(own: Sample) -> None:
    config, store = own
    inputs = {stage: {i.stage for r in recipes(config, store, stage) for i in r.inputs} for stage in EVENT_STAGES}
    for number, stage in enumerate(EVENT_STAGES):
        assert inputs[stage] <= set(EVENT_STAGES[:number])
