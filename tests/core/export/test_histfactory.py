"""Workspaces: pyhf reads them and gives the limit back; without it, what stands in them adds up."""

import json

import numpy as np
import pytest

from core.dark_matter.processes import PROCESSES
from core.export.histfactory import N_EVENTS, STRENGTH, strength_unit, workspace
from tests.core.export.made_results import Z, cells
from tests.core.export.pyhf_reader import pyhf_limit


def test_the_expectation_adds_up_to_the_events_whatever_the_strength() -> None:
    made = workspace(cells("stacked", 4e-21), "tautau 20 GeV", PROCESSES["annihilation"], "licence CC0-1.0")
    background, signal = made["channels"][0]["samples"]
    assert sum(background["data"]) == pytest.approx(sum(made["observations"][0]["data"]))
    assert abs(sum(signal["data"])) < 1e-9 * np.abs(signal["data"]).sum()
    assert {modifier["name"] for modifier in signal["modifiers"]} == {STRENGTH, N_EVENTS}
    assert "1e-21 cm3 s-1" in made["measurements"][0]["name"]
    assert "licence CC0-1.0" in made["measurements"][0]["name"]
    assert strength_unit(cells("stacked", 4e-21)) == pytest.approx(1e-21)


@pytest.mark.filterwarnings("ignore:jsonschema:DeprecationWarning")
@pytest.mark.parametrize("pull", [0.0, 1.5, -1.0])
def test_pyhf_gives_the_limit_back(pull: float) -> None:
    pytest.importorskip("pyhf")
    given = cells("stacked", 4e-21, pull)
    text = json.dumps(workspace(given, "tautau 20 GeV", PROCESSES["annihilation"]))
    expected = 4e-21 * (pull + Z if pull >= 0.0 else pull + np.sqrt(Z**2 + pull**2))
    assert given.curve.upper_limit(0.9) == pytest.approx(expected, rel=1e-3)
    assert pyhf_limit(text) == pytest.approx(expected, rel=0.01)
