"""`dwarfnu unblind` and `dwarfnu certify` where they must refuse: one line, exit code 2, nothing opened."""

from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from core.configuration.config import Config
from core.errors import ConfigError
from core.products.store import ProductStore
from core.products.unblinding import LOG_NAME
from core.stages.unblinding import Plan
from flows.cli_observed import certify, unblind
from flows.cli_options import Products
from flows.command_certify import certify as make_certificates
from flows.command_unblind import print_plan
from flows.unblinding import unblind as unblind_flow
from tests.runs import run_cli, written_config


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("unblind",), "public-3y has no right ascension"),
        (("unblind", "--drawn-sky", "1"), "background_pdf is missing: `dwarfnu run` makes what the unblinding needs"),
        (("certify", "--pair", "tautau/20"), "there is no pair tautau/20 to certify"),
    ],
)
def test_what_cannot_be_is_one_line(
    arguments: tuple[str, ...],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    command, *options = arguments
    assert run_cli(monkeypatch, command, written_config(tmp_path), *options) == 2
    complaint = capsys.readouterr().err
    assert said in complaint
    assert len(complaint.strip().splitlines()) == 1
    assert not list(tmp_path.rglob(LOG_NAME))


def test_what_would_be_opened_is_shown_with_what_has_changed(tmp_path: Path) -> None:
    before = {"event": "opened", "digest": "old", "who": "ana", "when": "2026-01-01", "settings": {"seed": 1}}
    plan = Plan("0123abcd", "measured", {"observed": 2}, {}, {"seed": 2}, (before,), "passed for bb at 50 GeV")
    console = Console(record=True, width=120, file=StringIO())
    print_plan(console, Config(), plan)
    printed = console.export_text()
    for said in ("measured", "observed 2", "0123abcd", "passed for bb at 50 GeV", "by ana: old", "seed: 1 → 2"):
        assert said in printed
    assert ProductStore(tmp_path).keys("observed") == []


def test_commands_take_the_options_of_all_others() -> None:
    for command in (certify, unblind):
        assert command.__annotations__["products"] == Products
        assert command.__doc__


def test_a_statistic_of_several_fits_has_no_certificate(tmp_path: Path) -> None:
    config = Config(statistic={"name": "j_weighted"})
    with pytest.raises(ConfigError, match="one likelihood of one sky"):
        make_certificates(config, ProductStore(tmp_path), [], Console(file=StringIO()))


def test_the_flow_asks_for_the_digest() -> None:
    assert {"config", "i_mean", "again", "who"} == set(unblind_flow.parameters.properties)
