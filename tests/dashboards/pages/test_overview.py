"""Overview: a pair has its worst state, its counts, and the sensitivity of the seed that is looked at."""

import pyarrow as pa
import pytest

from core.products.recipe import ProductKey, State
from core.products.store import ProductStore
from dashboards.address import Address
from dashboards.library import Library
from dashboards.pages.overview import pair_rows, stage_table
from dashboards.states import STATE_COLOURS, Standing
from dashboards.view import view_of
from tests.small_analysis import write


def of_pair(stage: str, mass: float, state: State, channel: str = "bb") -> Standing:
    return Standing(ProductKey(stage, {"channel": channel, "mass": mass}), None, state, f"{stage} {state}")


FOUND = (
    Standing(ProductKey("sources"), None, State.STALE, "another catalogue"),
    of_pair("spectra", 100.0, State.FRESH),
    of_pair("acceptance", 100.0, State.STALE),
    of_pair("acceptance", 20.0, State.FRESH),
    of_pair("acceptance", 5.0, State.MISSING, "WW"),
    of_pair("spectra", 1234567.0, State.FAILED),
    of_pair("spectra", 1234568.0, State.FRESH),
)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """Sensitivities of two seeds at 20 GeV, one of decay at 100 GeV, and one that is torn at 5 GeV of WW."""
    store = ProductStore(tmp_path_factory.mktemp("overview"))
    for seed, value in ((1, 1.25e-22), (2, 7.5e-22)):
        row = pa.table({"sigma_v_sensitivity": [value], "n_background_trials": [1000 * seed]})
        write(store, ProductKey("sensitivity", {"channel": "bb", "mass": 20.0, "seed": seed}), row)
    rate = pa.table({"process": ["decay"], "decay_rate_sensitivity": [4e-26], "n_background_trials": [300]})
    write(store, ProductKey("sensitivity", {"channel": "bb", "mass": 100.0, "seed": 1}), rate)
    torn = store.path("sensitivity", channel="WW", mass=5.0, seed=1)
    torn.parent.mkdir(parents=True)
    torn.write_bytes(b"PAR1 torn")
    return Library(str(store.root))


def test_pairs_stand_in_order_of_channel_and_mass_with_their_worst_state(library: Library) -> None:
    rows = pair_rows(view_of(library, Address(seed=1)), FOUND)
    assert [(row["channel"], row["mass"], row["state"]) for row in rows] == [
        ("WW", "5", "missing"),
        ("bb", "20", "fresh"),
        ("bb", "100", "stale"),
        ("bb", "1234567", "failed"),
        ("bb", "1234568", "fresh"),
    ]
    assert [row["colour"] for row in rows] == [STATE_COLOURS[State(row["state"])] for row in rows]
    assert [row["states"] for row in rows[1:3]] == ["1 fresh", "1 stale, 1 fresh"]
    assert [row["behind"] for row in rows[1:3]] == ["all fresh", "acceptance stale"]


@pytest.mark.parametrize(("seed", "said", "trials"), [(1, "1.25e-22 cm³ s⁻¹", 1000), (2, "7.50e-22 cm³ s⁻¹", 2000)])
def test_the_sensitivity_shown_is_that_of_the_seed(library: Library, seed: int, said: str, trials: int) -> None:
    rows = {row["mass"]: row for row in pair_rows(view_of(library, Address(seed=seed)), FOUND)}
    assert (rows["20"]["sensitivity"], rows["20"]["trials"]) == (said, trials)
    assert rows["20"]["text"] == said.split()[0]


def test_a_decay_has_its_rate_and_what_cannot_be_read_has_no_number(library: Library) -> None:
    rows = {row["mass"]: row for row in pair_rows(view_of(library, Address(seed=1)), FOUND)}
    assert (rows["100"]["sensitivity"], rows["100"]["trials"]) == ("4.00e-26 s⁻¹", 300)
    assert (rows["5"]["sensitivity"], rows["5"]["trials"], rows["5"]["text"]) == ("", 0, "")


def test_stages_count_each_product_once_and_give_the_first_reason() -> None:
    rows = {row["stage"]: row for row in stage_table(FOUND).to_pylist()}
    assert list(rows) == ["sources", "spectra", "acceptance"]
    states = [state.value for state in State]
    assert sum(row[state] for row in rows.values() for state in states) == len(FOUND)
    assert [rows["acceptance"][state] for state in ("fresh", "stale", "missing", "failed")] == [1, 1, 1, 0]
    assert (rows["acceptance"]["state"], rows["acceptance"]["reason"]) == ("stale", "acceptance stale")
    assert rows["spectra"]["state"] == "failed"
    assert rows["sources"]["reason"] == "another catalogue"
