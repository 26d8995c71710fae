"""What `dwarfnu spectra` prints and draws."""

import pytest
from rich.console import Console

from core.errors import PhysicsError
from flows.command_spectra import draw_spectra, print_comparison, print_pair, print_table


@pytest.fixture
def console() -> Console:
    return Console(record=True, width=200)


def test_comparison_counts_what_is_out(console: Console) -> None:
    assert print_comparison("pythia", console, ["mumu"]) == 0
    text = console.export_text()
    assert "mumu" in text
    assert "OUT" not in text
    assert "1.000" in text


def test_comparison_with_real_tables_shows_errors(console: Console, real_data) -> None:
    print_comparison(str(real_data / "pppc"), console, ["tautau"])
    row = next(line for line in console.export_text().splitlines() if "nutau" in line and " 20 " in line)
    assert "1.0" in row
    assert "0.000" in row


def test_comparison_says_what_remains_like_for_like(console: Console, real_data) -> None:
    assert print_comparison(str(real_data / "pppc"), console, ["WW"]) == 0
    text = " ".join(console.export_text().split())
    assert "15 rows are out of tolerance, 0 of them for no known cause" in text
    assert "Pythia before 8.150, our ντ is lower by a factor 1.048 ± 0.001 (WW), measured" in text


def test_a_pair_shows_lines_made_and_arriving(console: Console) -> None:
    print_pair("NuMu", 50.0, "pythia", console)
    row = next(line for line in console.export_text().splitlines() if "numubar" in line)
    assert "1" in row
    assert "0.4071" in row


def test_a_pair_shows_its_systematic_uncertainties(console: Console) -> None:
    print_pair("nuenue", 7.0, "pythia", console)
    text = console.export_text()
    assert "± mixing" in text
    assert "by up to 9%" in " ".join(text.split())


def test_a_closed_pair_is_refused(console: Console) -> None:
    with pytest.raises(PhysicsError, match="opens above"):
        print_pair("WW", 50.0, "pythia", console)


def test_the_shipped_table_says_what_it_holds(console: Console) -> None:
    print_table(console)
    text = console.export_text()
    assert "Pythia 8.317.2" in text
    assert "tautau" in text


@pytest.mark.slow
def test_figures_of_open_pairs_are_drawn(tmp_path) -> None:
    drawn = draw_spectra(tmp_path / "figures", [50.0], ["bb", "WW", "tautau"])
    assert [path.name for path in drawn] == [
        "spectra_mass=50.png",
        "flavours_mass=50.png",
        "spectra_channel=bb.png",
        "spectra_channel=tautau.png",
    ]
    assert all(path.stat().st_size > 10_000 for path in drawn)
