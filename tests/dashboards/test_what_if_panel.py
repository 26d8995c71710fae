"""The panel of what if: widgets, curve, shares, address and settings say the same supposition."""

from typing import Any

import numpy as np
import panel as pn
import pyarrow as pa
import pytest

from core.products.recipe import ProductKey
from core.products.store import ProductStore
from dashboards.address import Address, parsed
from dashboards.library import Library
from dashboards.pages.limits import content
from dashboards.view import NotThereError, view_of
from dashboards.what_if import AS_CONFIGURED, Supposition
from dashboards.what_if_panel import OTHER_METHOD, settings_of
from tests.dashboards.pages.conftest import Shown
from tests.dashboards.test_what_if import NAMES, TWO, write_information
from tests.small_analysis import PAIRS, SEED, sensitivity, write

pytestmark = pytest.mark.filterwarnings("ignore:The inplace keyword in DataFrame.reset_index")
FAINT, BRIGHT = NAMES


class Panel:
    """The panel of a page of limits, and the addresses that it was given."""

    def __init__(self, store: ProductStore, query: str = "?page=limits&channel=bb&mass=10") -> None:
        self.kept: list[Address] = []
        view = view_of(Library(str(store.root)), parsed(query), keep=self.kept.append)
        self.page = Shown(view, pn.Column(*content(view)), [])

    def widget(self, label: str) -> Any:
        (found,) = [item for item in self.page.column.select() if getattr(item, "label", None) == label]
        return found

    @property
    def curve(self) -> dict[str, Any]:
        return {name: list(values) for name, values in self.page.source("what-if").items()}

    @property
    def shares(self) -> dict[str, float]:
        frame = self.page.tables["what-if"]
        return dict(zip(frame["source"], frame["share"], strict=True))


@pytest.fixture
def panel(store: ProductStore) -> Panel:
    write_information(store)
    return Panel(store)


def test_at_first_nothing_is_supposed(panel: Panel) -> None:
    assert panel.curve["mass"] == []
    assert panel.page.tables["what-if"]["source"].tolist() == [BRIGHT, FAINT]
    assert panel.shares == {BRIGHT: pytest.approx(11.0 / 17.0), FAINT: pytest.approx(6.0 / 17.0)}
    assert panel.kept == []


def test_a_galaxy_left_out_moves_the_curve_of_every_mass(panel: Panel, store: ProductStore) -> None:
    panel.widget("Galaxies searched").value = [BRIGHT]
    own = store.read("sensitivity", channel="bb").sort_by("mass")["sigma_v_sensitivity"].to_numpy()
    assert panel.curve["mass"] == [10.0, 50.0]
    np.testing.assert_allclose(panel.curve["value"], own * np.sqrt(17.0 / 9.0))
    assert panel.shares == {BRIGHT: 1.0, FAINT: 0.0}
    assert "An estimate until it is run" in panel.page.words
    assert f"{own[0]:.3g} → {own[0] * np.sqrt(17.0 / 9.0):.3g}" in panel.page.words


def test_the_address_restores_what_is_supposed(panel: Panel, store: ProductStore) -> None:
    panel.widget("Galaxies searched").value = [BRIGHT]
    panel.widget("Livetime over that of the analysis").value = 4.0
    panel.widget("J factors").value = "J within 0.2 deg"
    again = Panel(store, panel.kept[-1].query)
    assert again.curve == panel.curve
    assert again.widget("Galaxies searched").value == [BRIGHT]
    assert again.widget("Livetime over that of the analysis").value == 4.0
    assert again.kept == []
    again.widget("As in the analysis").clicks += 1
    assert again.kept[-1].what_if is None
    assert again.curve["mass"] == []
    assert again.widget("J factors").value == AS_CONFIGURED


@pytest.mark.parametrize(("written", "factor"), [(3.0, 3.0), (0, 0.0), (-1.0, 1.0), (None, 1.0), ("much", 1.0)])
def test_a_factor_is_written_into_the_table(panel: Panel, written: Any, factor: float) -> None:
    (table,) = [item for item in panel.page.column.select(pn.widgets.Tabulator) if "factor" in item.value]
    edited = type("Edit", (), {"row": 1, "column": "factor", "value": written})
    for call in table._on_edit_callbacks:
        call(edited)
    frame = panel.page.tables["what-if"].set_index("source")
    assert frame.loc[FAINT, "factor"] == factor
    assert panel.widget("Galaxies searched").value == ([BRIGHT] if factor == 0.0 else [BRIGHT, FAINT])


def test_without_any_galaxy_it_is_said(panel: Panel) -> None:
    panel.widget("Galaxies searched").value = []
    assert panel.curve["mass"] == []
    assert "no signal that can be told" in panel.page.words


def test_a_galaxy_that_there_is_not_is_told(store: ProductStore) -> None:
    write_information(store)
    with pytest.raises(NotThereError, match="There is no such galaxy as 'Atlantis'"):
        Panel(store, Address(page="limits", channel="bb", what_if='{"factors":{"Atlantis":0}}').query)


def test_of_another_statistic_it_is_the_closed_form_of_one_fit(store: ProductStore) -> None:
    write_information(store)
    for channel, mass in PAIRS:
        row = sensitivity(((channel, mass),)).append_column("statistic", pa.array(["j_weighted"]))
        write(store, ProductKey("sensitivity", {"channel": channel, "mass": mass, "seed": SEED}), row)
    panel = Panel(store)
    panel.widget("Livetime over that of the analysis").value = 4.0
    wanted = 1.2815515655446004 / np.sqrt(4.0 * np.sum(TWO) * 1e44)
    np.testing.assert_allclose(panel.curve["value"], [wanted, wanted / np.sqrt(2.0)])
    assert OTHER_METHOD in panel.page.words


def test_nothing_of_a_name_is_drawn_as_html(panel: Panel) -> None:
    panel.widget("Galaxies searched").value = [FAINT]
    assert "<b>" not in panel.page.words.replace("&lt;b&gt;", "")
    assert "exclude = [&quot;&lt;b&gt;Bright&lt;/b&gt;&quot;]" in panel.page.words


def test_settings_that_run_it_and_what_none_makes() -> None:
    told = Supposition({"A": 0.0, "B": 2.0, "C": 0.5, "D": 1.0}, "J within 0.2 deg", 3.0)
    lines, rest = settings_of(told, {"exclude": ["E"]})
    assert lines == ["[sources]", 'exclude = ["E", "A"]', "j_aperture_deg = 0.2", 'subhalo_boost = { "B" = 2.0 }']
    assert rest == ["other factors of C (give a catalogue of your own)", "3 times the livetime"]
    assert settings_of(Supposition(), {}) == ([], [])


def test_settings_are_those_that_an_analysis_takes() -> None:
    import tomllib

    from core.configuration.config import Config

    told = Supposition({"Willman 1": 0.0, "Draco I": 2.0}, "J within 0.1 deg")
    lines, rest = settings_of(told, {})
    taken = Config.model_validate(tomllib.loads("\n".join(lines))).sources
    assert (taken.exclude, taken.j_aperture_deg, taken.subhalo_boost) == (("Willman 1",), 0.1, {"Draco I": 2.0})
    assert rest == []
