"""The ten-year point-source release by the real commands: files, a sensitivity, and behind the confirmation a limit."""

import re
from pathlib import Path

import pytest

from core.events.point_source_release import seasons_named
from core.products.store import ProductStore
from core.products.unblinding import FINISHED, OPENED, unblindings
from tests.drawn_point_source import write_drawn_point_source
from tests.runs import dwarfnu

SEASONS, N_EVENTS = ("IC79", "IC86_I", "IC86_II"), 60_000
SMALL = """
[pairs]
tautau = [500]
[statistic]
nside = 16
n_cells = 64
[trials]
n_background = 2000
n_signal = 500
n_tail = 10000
[limits]
n_common_skies = 200
"""


def smaller(path: Path) -> None:
    """Give the configuration that was written one pair, a coarse sky and few trials."""
    text = path.read_text(encoding="utf-8")
    head, bins = text[: text.index("[pairs]")], text[text.index("[bins]") :]
    path.write_text(f'products = "products"\n{head}{SMALL}{bins}', encoding="utf-8")


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The configuration of a run to its end, and what the run printed."""
    folder = tmp_path_factory.mktemp("ten-years")
    release, out = write_drawn_point_source(folder / "release", N_EVENTS, seasons_named(SEASONS)), folder / "out"
    options = [word for name in SEASONS for word in ("--season", name)]
    made = dwarfnu(folder, "response", "draw", release, "--output", out, "--n-simulated", "60000", *options)
    assert made.returncode == 0, made.stdout + made.stderr
    assert f"dwarfnu run {out / 'analysis.toml'}" in made.stdout.replace("\n", "")
    smaller(out / "analysis.toml")
    done = dwarfnu(folder, "run", out / "analysis.toml")
    assert done.returncode == 0, done.stdout + done.stderr
    return out / "analysis.toml", done.stdout


def store_of(path: Path) -> ProductStore:
    return ProductStore(path.parent / "products", "ten-years", "own")


@pytest.mark.slow
def test_a_run_reaches_a_sensitivity(finished: tuple[Path, str]) -> None:
    path, printed = finished
    (row,) = store_of(path).read("sensitivity").to_pylist()
    assert (row["channel"], row["mass"], row["sample"]) == ("tautau", 500.0, "own")
    assert row["n_s_sensitivity"] > 0.0
    assert f"{row['sigma_v_sensitivity']:.2e}" in printed
    assert store_of(path).read("events", columns=["season"], kind="data").num_rows == len(SEASONS) * N_EVENTS


@pytest.mark.slow
def test_the_typed_confirmation_opens_the_sky_and_gives_a_limit(finished: tuple[Path, str]) -> None:
    path, _ = finished
    refused = dwarfnu(path.parent, "unblind", path)
    assert refused.returncode == 2
    assert unblindings(store_of(path)) == []
    (digest,) = re.findall(r'--i-mean "(\w+)"', refused.stderr)
    done = dwarfnu(path.parent, "unblind", path, "--i-mean", digest)
    assert done.returncode == 0, done.stdout + done.stderr
    assert [line["event"] for line in unblindings(store_of(path))] == [OPENED, FINISHED]
    (limit,) = store_of(path).read("upper_limit").to_pylist()
    (row,) = store_of(path).read("sensitivity").to_pylist()
    assert 0.3 * row["sigma_v_sensitivity"] < limit["sigma_v_upper_limit"] < 10.0 * row["sigma_v_sensitivity"]
