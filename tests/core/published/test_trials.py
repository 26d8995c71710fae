"""Published trials: every fit comes back; what the job locking tore is counted, what cannot be meant is refused."""

import re
from pathlib import Path

import numpy as np
import pytest
from scipy.special import ndtri

from core.errors import InputError
from core.inference.sensitivity import sensitivity, upper_limit
from core.published.trials import read_trials
from core.trials.statistic import TrialStatistic
from tests.core.published.conftest import SOURCES, save_trials, trial_header, trial_rows

Statistics = dict[int, np.ndarray]  # TS by the number of injected events


def lines_of(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines(keepends=True)


def test_background_trials_come_back_stacked_and_by_source(tmp_path: Path) -> None:
    read = read_trials([save_trials(tmp_path / "b.txt", trial_rows(4))], "b", 10.0)
    stacked, by_source = read.products
    assert (stacked.key.stage, by_source.key.stage) == ("background_trials", "source_trials")
    assert stacked.key.keys == {"channel": "bb", "mass": 10.0, "seed": 0}
    assert stacked.table["n_s"].to_pylist() == [0.0, 1.0, 2.0, 3.0]
    assert stacked.table["test_statistic"].to_pylist() == [0.0, 2.0, 4.0, 6.0]
    assert stacked.table["test_statistic_signed"].null_count == 4
    assert by_source.key.keys["n_injected"] == 0
    rows = by_source.table.to_pylist()
    assert len(rows) == 4 * len(SOURCES)
    assert rows[len(SOURCES) + 1] == {"source": "Ursa Major II", "trial": 1, "n_s": 2.0, "test_statistic": 2.1}


def test_signal_trials_are_told_apart_by_the_injected_events_in_front(tmp_path: Path) -> None:
    rows = np.vstack([trial_rows(3, n_injected=10), trial_rows(2, n_injected=7)])
    read = read_trials([save_trials(tmp_path / "s.txt", rows)], "Tau", 20.0)
    found = [(item.key.stage, item.key.keys["n_injected"], item.table.num_rows) for item in read.products]
    n = len(SOURCES)
    assert found == [
        ("signal_trials", 7, 2),
        ("source_trials", 7, 2 * n),
        ("signal_trials", 10, 3),
        ("source_trials", 10, 3 * n),
    ]


def test_files_of_one_pair_are_one_product(tmp_path: Path) -> None:
    paths = [save_trials(tmp_path / f"{i}.txt", trial_rows(3, first=3 * i)) for i in range(2)]
    stacked = read_trials(paths, "b", 10.0, n_injected=5).products[0]
    assert stacked.key.stage == "signal_trials"
    assert stacked.table["trial"].to_pylist() == list(range(6))
    assert stacked.table["n_s"].to_pylist() == list(range(6))


def test_torn_and_repeated_rows_are_left_out_and_counted(tmp_path: Path) -> None:
    path = save_trials(tmp_path / "b.txt", trial_rows(1000))
    lines = lines_of(path)
    torn = [lines[5][:20] + lines[6], lines[7][:30].rstrip() + "\n", "1.2e\t" + "\t".join(lines[8].split("\t")[1:])]
    path.write_text("".join([*lines, *torn, lines[0], *lines[100:119]]), encoding="utf-8")
    read = read_trials([path], "b", 10.0)
    assert read.products[0].table.num_rows == 1000
    assert "22 of 1022 rows left out, 3 torn and 19 repeated" in read.warnings[-1]


def test_rows_of_zeros_agree_by_chance_and_stay(tmp_path: Path) -> None:
    read = read_trials([save_trials(tmp_path / "b.txt", np.zeros((7, 2 * len(SOURCES) + 2)))], "b", 10.0)
    assert read.products[0].table.num_rows == 7


def test_a_truncated_file_loses_its_last_row_at_most(tmp_path: Path) -> None:
    """Wherever the file ends, what is read stood there whole."""
    path = save_trials(tmp_path / "b.txt", trial_rows(5), fmt="%.17g")
    whole = path.read_bytes()
    header = len(lines_of(path)[0])
    for end in range(header, len(whole)):
        path.write_bytes(whole[:end])
        n_whole = whole[:end].count(b"\n") - 1
        if n_whole <= 0:
            with pytest.raises(InputError, match=re.escape("b.txt")):
                read_trials([path], "b", 10.0)
        else:
            read = read_trials([path], "b", 10.0)
            assert read.products[0].table["n_s"].to_pylist() == list(range(n_whole))


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        (1, np.nan, r"line 3, column 2 \(Draco_TS\) is nan; a finite number is due"),
        (2, np.inf, r"line 3, column 3 \(Ursa Major II_ns\) is inf"),
        (0, -1.0, r"line 3, column 1 \(Draco_ns\) is -1; a number from 0 on is due"),
        (-2, np.nan, r"column 13 \(ns\) is nan"),
    ],
)
def test_values_that_no_trial_has_are_refused_where_they_stand(
    tmp_path: Path, column: int, value: float, said: str
) -> None:
    rows = trial_rows(3)
    rows[1, column] = value
    with pytest.raises(InputError, match=said):
        read_trials([save_trials(tmp_path / "b.txt", rows)], "b", 10.0)


def test_injected_events_are_whole(tmp_path: Path) -> None:
    rows = trial_rows(2, n_injected=3)
    rows[1, 0] = 2.5
    with pytest.raises(InputError, match=r"line 3, column 1 \(n_inj\) is 2.5; a whole number"):
        read_trials([save_trials(tmp_path / "b.txt", rows)], "b", 10.0)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda text: text.replace("\t", " "), "line 1 must name|column 1 is"),
        (lambda text: text.partition("\n")[2], "line 1 is no header"),
        (lambda text: text.replace("Segue 1_TS", "Segue_TS"), r"column 6 is 'Segue_TS'; 'Segue 1_TS'"),
        (lambda text: text.replace("Segue 1", "Draco"), "each source once"),
        (lambda text: text.split("\n")[0] + "\n", "0 of 0 rows"),
        (lambda text: text.split("\n")[0] + "\n" + text.split("\n")[1].replace("\t", ",") + "\n", "1 of 1 rows"),
    ],
)
def test_other_forms_are_refused(tmp_path: Path, change, said: str) -> None:  # type: ignore[no-untyped-def]
    path = save_trials(tmp_path / "b.txt", trial_rows(3))
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(InputError, match=said):
        read_trials([path], "b", 10.0)


def test_what_the_file_does_not_tell_is_asked_for(tmp_path: Path) -> None:
    path = save_trials(tmp_path / "s.txt", trial_rows(3, n_injected=4))
    with pytest.raises(InputError, match="give --channel and --mass"):
        read_trials([path], "b", None)
    with pytest.raises(InputError, match="leave out --n-injected"):
        read_trials([path], "b", 10.0, n_injected=4)


def test_files_of_other_sources_do_not_mix(tmp_path: Path) -> None:
    first, second = (save_trials(tmp_path / f"{i}.txt", trial_rows(3)) for i in range(2))
    second.write_text(second.read_text(encoding="utf-8").replace("Draco", "Leo I"), encoding="utf-8")
    with pytest.raises(InputError, match="names other sources"):
        read_trials([first, second], "b", 10.0)


def test_a_header_may_name_the_injected_events(tmp_path: Path) -> None:
    path = save_trials(tmp_path / "s.txt", trial_rows(3, n_injected=4))
    text = path.read_text(encoding="utf-8").replace(trial_header(), "n_inj \t " + trial_header())
    path.write_text(text, encoding="utf-8")
    assert read_trials([path], "b", 10.0).products[0].key.keys["n_injected"] == 4


def written_trials(
    folder: Path, spread: float, ranks: int, injected: range
) -> tuple[list[Path], dict[int, np.ndarray]]:
    """Trial files as a person writes them, and their stacked TS by injected events: fits at even ranks of a Gaussian of
    this spread about what was injected, on whole n_s of 0 and above, TS to two digits."""
    by_number, paths = {}, []
    for number in (0, *injected):
        fits = np.maximum(np.round(number + spread * ndtri((np.arange(ranks) + 0.5) / ranks)), 0.0)
        by_number[number] = np.round((fits / spread) ** 2, 2)
        pairs = np.column_stack([fits, by_number[number]])
        rows = np.hstack([np.full((ranks, int(number > 0)), number), *[pairs] * len(SOURCES), pairs])
        paths.append(save_trials(folder / f"{number}.txt", rows[np.random.default_rng(number).permutation(ranks)]))
    return paths, by_number


def published_crossing(by_number: Statistics, threshold: float) -> float:
    """The number of injected events at which 90 % of trials have a TS above a threshold, between its neighbours."""
    numbers = sorted(by_number)
    shares = [np.clip(np.mean(by_number[n] > threshold), 1e-3, 1.0 - 1e-3) for n in numbers]
    return float(np.interp(ndtri(0.9), ndtri(shares), numbers))


def test_trials_written_by_hand_have_the_published_sensitivity_bands_and_limits(tmp_path: Path) -> None:
    """On whole n_s: the n_inj at which 90 % of trials lie above a quantile of the background, or what is observed."""
    spread = 150.0  # so wide that the published fixed n_inj and our Poisson mean differ by half a per cent
    paths, by_number = written_trials(tmp_path, spread, 400, range(100, 1001, 30))
    stacked = [p for p in read_trials(paths, "b", 50.0).products if p.key.stage != "source_trials"]
    of = {int(p.key.keys.get("n_injected", 0)): TrialStatistic.of_table(p.table, "test_statistic") for p in stacked}
    background = of.pop(0)
    found = sensitivity(background, of)
    assert np.median(by_number[0]) == 0.0
    assert found.sensitivity.n_s == pytest.approx(published_crossing(by_number, 0.0), rel=0.015)
    for name, quantile in {"hi68": 0.84, "hi95": 0.975}.items():
        edge = found.band[name]
        assert edge is not None
        threshold = float(np.quantile(by_number[0], quantile))
        assert edge.n_s == pytest.approx(published_crossing(by_number, threshold), rel=0.015)
        assert edge.n_s == pytest.approx(spread * (ndtri(quantile) + ndtri(0.9)), rel=0.02)
    for observed in (1.0, 4.0, 9.0):
        limit = upper_limit(background, of, observed, one_sky=True).upper_limit
        assert limit is not None
        assert limit.n_s == pytest.approx(published_crossing(by_number, observed), rel=0.015)
    assert upper_limit(background, of, 0.0, one_sky=True).upper_limit == found.sensitivity
