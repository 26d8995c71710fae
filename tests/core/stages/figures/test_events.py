"""Figures of a sample's events: which there are, what they are drawn from, and when they are drawn anew."""

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from core.configuration.config import Config, read_config
from core.events.atmosphere import expected_rates
from core.products.recipe import State
from core.products.store import ProductStore
from core.stages.figures import event_figure_recipes, figure_recipes
from core.stages.figures.figure import FigureRecipe, figure_state, rendered
from tests.core.events.conftest import make_sample
from tests.core.events.test_skylab import skylab_array
from tests.own_sample import LATER_RUN, LIVETIME, N_EVENTS, good_runs, make_all, write, written_sample

NUMBERS = ("reco-energy", "reco-zenith", "reco-azimuth", "reco-ra", "reco-dec", "angular-error")
TRUTHS = ("true-energy", "true-ra", "true-dec")
OF_EVENTS = {f"events-{name}.png" for name in ("composition", "sky", *NUMBERS, *TRUTHS)}
DRAWN = ("events-reco-ra.png", "cut-flow-data.png", "livetime.png")
ALL = OF_EVENTS | {"resolution.png", "cut-flow-data.png", "cut-flow-mc.png", "livetime.png"}


def figures(config: Config, store: ProductStore) -> dict[str, FigureRecipe]:
    return {recipe.name: recipe for recipe in event_figure_recipes(config, store)}


def opened(path: Path) -> tuple[Config, ProductStore]:
    config = read_config(path)
    return config, ProductStore(config.product_root, config.analysis)


def written(figure: Figure) -> str:
    legend = figure.axes[0].get_legend()
    return "\n".join(text.get_text() for text in legend.get_texts()) + figure.get_supxlabel()


def skylab_sample(folder: Path, settings: str, kinds: dict[str, tuple[int, ...]]) -> tuple[Config, ProductStore]:
    """Make a sample of skylab files: exp or MC by year, without lists of good runs."""
    for name, years in kinds.items():
        for year in years:
            kind = "data" if name == "exp" else "mc"
            np.save(folder / f"IC86_{year}_{name}.npy", skylab_array(make_sample(kind, 30, year)))
    path = folder / "mine.toml"
    path.write_text(f'products="p"\nanalysis="mine"\nsample="own"\n[events]\nformat="skylab"\n{settings}')
    config, store = opened(path)
    make_all(config)
    return config, store


def assert_drawn_for_the_livetime(config: Config, store: ProductStore) -> None:
    """The simulation of each season stands for its livetime, and the sky is blind."""
    figure = figures(config, store)["events-reco-energy.png"].draw(store)
    days = 2 * LIVETIME
    assert figure.axes[0].get_title(loc="left") == f"IC86_2011, IC86_2012: {days:g} days"
    expected = LIVETIME * 86400 * expected_rates(store.read("events", kind="mc")).sum()
    assert f"{expected:,.0f} expected, from {6 * N_EVENTS}".replace(",", " ") in written(figure).replace(",", " ")
    assert "the sample's own atmospheric rates" in written(figure)
    sky = figures(config, store)["events-sky.png"].draw(store)
    assert sky.axes[0].get_title(loc="left").endswith("right ascension scrambled")


@pytest.mark.slow
def test_a_sample_is_drawn_whole_and_again_where_it_changes(tmp_path: Path) -> None:
    config, store = opened(written_sample(tmp_path))
    assert figures(config, store) == {}
    make_all(config)
    found = figures(config, store)
    assert found.keys() == ALL
    assert {recipe.name for recipe in figure_recipes(config, store)} == ALL
    for recipe in (found[name] for name in DRAWN):
        assert figure_state(store, recipe).state is State.MISSING
        content = rendered(store, recipe)
        with Image.open(BytesIO(content)) as image:
            assert image.format == "PNG"
        store.write_figure(recipe.name, content)
        assert figure_state(store, recipe).state is State.FRESH
    assert_drawn_for_the_livetime(config, store)
    write(tmp_path / "i3" / "IC86_2012_data_0.i3", "data", 77, run=LATER_RUN)
    make_all(config)
    found = figures(config, store)
    states = [figure_state(store, found[name]).state for name in DRAWN]
    assert states == [State.STALE, State.FRESH, State.FRESH]  # as many events pass each cut as before
    # A part that is missing leaves its season out, and what is summed over all seasons undrawn.
    store.path("unweighted_events", part=1, season="IC86_2011").unlink()
    found = figures(config, store)
    assert found.keys() == ALL - {"cut-flow-mc.png"}
    assert {item.keys["season"] for item in found["events-reco-ra.png"].inputs} == {"IC86_2012"}


def test_without_good_runs_the_simulation_is_scaled_to_the_data(tmp_path: Path) -> None:
    settings = 'data=["*_exp.npy"]\nsimulation=["*_MC.npy"]\noneweight_scale=0.5\n'
    config, store = skylab_sample(tmp_path, settings, {"exp": (2015, 2016), "MC": (2016,)})
    found = figures(config, store)
    assert found.keys() == OF_EVENTS | {"resolution.png"}  # no cuts were made, no livetime is known
    figure = found["events-reco-energy.png"].draw(store)
    assert figure.axes[0].get_title(loc="left") == "IC86_2016"  # the only season with data and simulation
    assert "scaled\nto as many as the data: from 30 events" in written(figure)
    assert "the livetime is not known" in written(figure)
    assert "Honda et al. 2015" in written(figure)
    assert "with the mean flux of all six" in written(figure)
    assert figure.axes[0].patches[0].get_data()[0].sum() == pytest.approx(30.0)
    assert "IC86_2015, IC86_2016: 60 events" in found["events-sky.png"].draw(store).axes[0].get_title(loc="left")


def test_simulation_alone_is_drawn_for_a_year(tmp_path: Path) -> None:
    config, store = skylab_sample(tmp_path, 'simulation=["*_MC.npy"]\noneweight_scale=0.5\n', {"MC": (2016,)})
    found = figures(config, store)
    assert found.keys() == OF_EVENTS - {"events-sky.png"} | {"resolution.png"}
    assert "expected in a year" in written(found["events-true-energy.png"].draw(store))


def test_data_alone_have_no_truth(tmp_path: Path) -> None:
    config, store = skylab_sample(tmp_path, 'data=["*_exp.npy"]\n', {"exp": (2015,)})
    hidden = {f"events-{name}.png" for name in (*TRUTHS, "reco-azimuth")}
    assert figures(config, store).keys() == OF_EVENTS - hidden


def test_seasons_without_events_and_lists_without_runs_are_not_drawn(tmp_path: Path) -> None:
    np.save(tmp_path / "IC86_2015_grl.npy", good_runs()[:0])
    settings = 'data=["*_exp.npy"]\ngood_runs=["*_grl.npy"]\n'
    config, store = skylab_sample(tmp_path, settings, {"exp": (2015,)})
    assert figures(config, store).keys() == {"cut-flow-data.png"}
    figures(config, store)["cut-flow-data.png"].draw(store).savefig(BytesIO())


def test_the_public_sample_has_no_figures_of_events(tmp_path: Path) -> None:
    config = Config(products=str(tmp_path))
    assert figure_recipes(config, ProductStore(tmp_path, config.analysis)) == []
