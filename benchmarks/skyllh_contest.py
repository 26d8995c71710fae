"""Hold trials against SkyLLH's: `uv run --group skyllh python -m benchmarks.skyllh_contest` (Python 3.11).

Both solve the problem of `benchmarks.one_sky` with n_s alone free. First their answers are compared, on the same events
and over trials, then the CPU time of one thread is taken.
"""

import os
import platform
import sys
import time
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from typing import NamedTuple

import numpy as np
from scipy import stats
from skyllh.core.analysis import MultiSourceMultiDatasetLLHRatioAnalysis
from skyllh.core.random import RandomStateService

from benchmarks.measure import cpu_seconds, markdown, processor, significant, write_part
from benchmarks.one_sky import (
    OneSky,
    Reals,
    drawn_events,
    merged_counts,
    merged_model,
    merged_sky,
    one_sky_problem,
    pixel_ratio,
    ratio_of_directions,
)
from benchmarks.skyllh_analysis import (
    fitted,
    ratio_of_events,
    record_array,
    skyllh_analysis,
    skyllh_fit,
    skyllh_trials,
)
from core.likelihood.fit import fit_n_s
from core.trials.run import run_trials

N_SOURCES = 20
N_EVENTS = (1_000, 10_000, 100_000)
N_CELLS = (512, 1024)
BOXES_DEG = (15.0, 30.0)
ONE_THREAD = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL", "NUMBA")}


class Sky(NamedTuple):
    """Events of one sky with what both make of them."""

    ratio: Reals  # R of each event, ours
    ratio_difference: float  # the greatest relative difference of SkyLLH's R
    n_s: float  # ours, of R event by event
    n_s_difference: float  # SkyLLH's beside it
    test_statistic: float
    test_statistic_difference: float


def main() -> None:
    """Run the benchmark and write its part of the report."""
    part = introduction() + "\n".join([same_answers(), same_distribution(), speed(), boxes()])
    write_part(part)
    print(part)


def introduction() -> str:
    """Return what was measured where and how."""
    sky = one_sky_problem(N_SOURCES, N_EVENTS[-1])
    cells = [merged_sky(pixel_ratio(sky), n_cells) for n_cells in N_CELLS]
    lost = " and ".join(f"{merged.fisher_information_loss:.1e}" for merged in cells)
    lowest, highest = cells[0].ratio[[0, -1]]
    degrees = np.degrees(sky.angular_error)
    versions = f"Python {platform.python_version()}, numpy {np.__version__}, SkyLLH {version('skyllh')}"
    return (
        "# How fast trials are beside SkyLLH's\n\n"
        "Made by `uv run --group skyllh python -m benchmarks.skyllh_contest` with Python 3.11, in CPU seconds of one\n"
        f"thread. {N_SOURCES} sources of unequal weight on one sky, an angular error of {degrees:.0f}°, background\n"
        "uniform over the sphere, ln L(n_s) = Σ ln[1 + n_s/N (R − 1)] over events with R = Σ w_k S_k/B, from\n"
        f"{lowest:.3f} to {highest:.0f}; n_s ≥ 0 alone is free. SkyLLH does it event by event over the whole sky,\n"
        "with its own densities, weighting of sources and Newton steps, begun at n_s = 0, where half of its fits\n"
        "end. We merge the sky into cells of nearly equal R, draw counts and fit those; merging loses\n"
        f"{lost} of the Fisher information with {N_CELLS[0]} and {N_CELLS[1]} cells.\n\n"
        f"{processor()}; {versions}; {datetime.now(UTC):%Y-%m-%d}; load {os.getloadavg()[0]:.1f} on"
        f" {os.cpu_count()} cores.\n\n"
    )


def same_answers() -> str:
    """Compare both on the same events."""
    rows = []
    for n_events, n_skies in zip(N_EVENTS, (100, 50, 15), strict=True):
        sky = one_sky_problem(N_SOURCES, n_events)
        pixels, analysis = pixel_ratio(sky), skyllh_analysis(sky)
        for n_injected in (0, injected(sky, pixels)):
            rng = np.random.default_rng(n_events + n_injected)
            skies = [compared(sky, analysis, n_injected, rng) for _ in range(n_skies)]
            rows.append([f"{n_events:,}", str(n_injected), str(n_skies), *differences(skies, pixels)])
    header = ["events", "of them signal", "skies", "mean TS", "greatest relative difference of R", "of n_s", "of TS"]
    header += [f"rms difference of TS, {n_cells} cells" for n_cells in N_CELLS]
    return (
        "## The same answers on the same events\n\n" + markdown(header, rows) + "\n"
        "The first differences are SkyLLH's to our fit of the same events one by one: absolute in TS, of n_s\n"
        "relative to max(1, n_s). The last columns tell what merging into cells changes.\n"
    )


def injected(sky: OneSky, pixels: Reals) -> int:
    """Return the number of signal events that is three times the uncertainty of n_s without signal."""
    return round(3.0 * float(np.sqrt(sky.n_events / merged_sky(pixels, N_CELLS[-1]).fisher_information)))


def compared(
    sky: OneSky, analysis: MultiSourceMultiDatasetLLHRatioAnalysis, n_injected: int, rng: np.random.Generator
) -> Sky:
    """Draw a sky and fit it both ways."""
    ra, dec = drawn_events(sky, n_injected, rng)
    ratio = ratio_of_directions(sky, ra, dec)
    ours = fit_n_s(np.ones((1, ratio.size), dtype=np.int64), ratio)
    theirs = skyllh_fit(analysis, record_array(ra, dec, sky))
    n_s, statistic = float(ours.n_s[0]), float(ours.test_statistic[0])
    return Sky(
        ratio=ratio,
        ratio_difference=float(np.max(np.abs(ratio_of_events(analysis) / ratio - 1.0))),
        n_s=n_s,
        n_s_difference=theirs.n_s - n_s,
        test_statistic=statistic,
        test_statistic_difference=theirs.test_statistic - statistic,
    )


def differences(skies: list[Sky], pixels: Reals) -> list[str]:
    """Return a row of the table of differences."""
    numbers = [
        max(sky.ratio_difference for sky in skies),
        max(abs(sky.n_s_difference) / max(1.0, sky.n_s) for sky in skies),
        max(abs(sky.test_statistic_difference) for sky in skies),
    ]
    statistic = np.array([sky.test_statistic for sky in skies])
    merged = [root_mean_square(merged_statistic(skies, pixels, n_cells) - statistic) for n_cells in N_CELLS]
    return [significant(float(statistic.mean())), *(f"{number:.0e}" for number in numbers), *map(significant, merged)]


def merged_statistic(skies: list[Sky], pixels: Reals, n_cells: int) -> Reals:
    """Return TS (n_skies,) of events counted in merged cells."""
    statistics = []
    for sky in skies:
        counts, ratio = merged_counts(sky.ratio, pixels, n_cells)
        statistics.append(fit_n_s(counts[np.newaxis], ratio).test_statistic[0])
    return np.array(statistics)


def root_mean_square(numbers: Reals) -> float:
    """Return the root of the mean square."""
    return float(np.sqrt(np.mean(numbers**2)))


def same_distribution() -> str:
    """Compare the distributions of background trials."""
    rows, n_ours = [], 200_000
    for n_events, n_trials in zip(N_EVENTS, (3_000, 1_000, 60), strict=True):
        sky = one_sky_problem(N_SOURCES, n_events)
        theirs = np.asarray(skyllh_trials(skyllh_analysis(sky), n_trials, seed=1).test_statistic)
        cells = merged_sky(pixel_ratio(sky), N_CELLS[0])
        ours = run_trials(merged_model(sky, cells), n_ours, seed=1).test_statistic
        row = [f"{n_events:,}"]
        for statistic in (theirs, ours):
            zero = float(np.mean(statistic <= 0.0))
            positive = statistic[statistic > 0.0]
            deviation = np.sqrt(zero * (1.0 - zero) / statistic.size)
            row += [f"{statistic.size:,}", f"{zero:.3f} ± {deviation:.3f}", significant(float(np.median(positive)))]
        rows.append([*row, f"{stats.ks_2samp(theirs, ours).pvalue:.2f}"])
    header = ["events", "SkyLLH's trials", "share with TS = 0", "median of the others"]
    header += ["ours", "share with TS = 0", "median of the others", "p of Kolmogorov-Smirnov"]
    return f"## The same distribution of background trials, {N_CELLS[0]} cells\n\n" + markdown(header, rows)


def speed() -> str:
    """Take the time of a trial and of its steps."""
    rows = []
    for n_events, n_skies in zip(N_EVENTS, (200, 60, 20), strict=True):
        sky = one_sky_problem(N_SOURCES, n_events)
        analysis = skyllh_analysis(sky)
        whole = trial_seconds(analysis, n_skies)
        pixels = pixel_ratio(sky)
        engine = [engine_seconds(sky, pixels, n_cells) for n_cells in N_CELLS]
        steps = [*skyllh_steps(analysis, n_skies), whole, *our_steps(sky), *engine]
        rows.append(
            [f"{n_events:,}", *(f"{seconds:.2g}" for seconds in steps), *(significant(whole / one) for one in engine)]
        )
    header = ["events", "SkyLLH: events drawn", "their densities", "fit", "whole trial (`do_trial`)"]
    header += ["our R of given events", "their fit one by one", *(f"our trial, {n_cells} cells" for n_cells in N_CELLS)]
    return (
        "## CPU s of a background trial\n\n"
        + markdown([*header, *(f"SkyLLH/ours, {n_cells}" for n_cells in N_CELLS)], rows)
        + "\nMedians of 3 batches of trials. We fit 32 trials side by side, so that the events of a single sky cost\n"
        "as much as those of 32; nothing but this comparison fits them so. The tables that counts are drawn from are\n"
        "part of our trials' time.\n"
    )


def trial_seconds(analysis: MultiSourceMultiDatasetLLHRatioAnalysis, n_trials: int) -> float:
    """Return CPU s of one of SkyLLH's trials."""
    return cpu_seconds(partial(skyllh_trials, analysis, n_trials, 2), 3) / n_trials


def engine_seconds(sky: OneSky, pixels: Reals, n_cells: int, n_trials: int = 100_000) -> float:
    """Return CPU s of one trial of the engine, tables included."""
    model = merged_model(sky, merged_sky(pixels, n_cells))
    run_trials(model, 100)
    return cpu_seconds(partial(run_trials, model, n_trials), 3) / n_trials


def skyllh_steps(analysis: MultiSourceMultiDatasetLLHRatioAnalysis, n_skies: int) -> list[float]:
    """Return CPU s of SkyLLH's steps: events drawn, their densities computed, n_s fitted."""
    random = RandomStateService(3)
    batches = []
    for _ in range(3):
        spent = np.zeros(3)
        for _ in range(n_skies):
            times = [time.process_time()]
            numbers, events = analysis.generate_background_events(random)
            times.append(time.process_time())
            analysis.initialize_trial(events, numbers)
            times.append(time.process_time())
            fitted(analysis)
            spent += np.diff([*times, time.process_time()])
        batches.append(spent / n_skies)
    return [float(seconds) for seconds in np.median(batches, axis=0)]


def our_steps(sky: OneSky) -> list[float]:
    """Return CPU s of ours with given events: R computed, n_s fitted event by event."""
    ra, dec = drawn_events(sky, 0, np.random.default_rng(4))
    ratio = ratio_of_directions(sky, ra, dec)
    ones = np.ones((1, ratio.size), dtype=np.int64)
    fit_n_s(ones, ratio)
    return [cpu_seconds(partial(ratio_of_directions, sky, ra, dec), 9), cpu_seconds(partial(fit_n_s, ones, ratio), 9)]


def boxes() -> str:
    """Show what SkyLLH gains where only events near a source count for it: another statistic."""
    sky = one_sky_problem(N_SOURCES, N_EVENTS[-1])
    rows, n_skies = [], 15
    ours = engine_seconds(sky, pixel_ratio(sky), N_CELLS[0])
    whole_sky = skyllh_analysis(sky)
    for degrees in BOXES_DEG:
        analysis = skyllh_analysis(sky, np.radians(degrees))
        seconds = trial_seconds(analysis, n_skies)
        rng = np.random.default_rng(5)
        changes = []
        for _ in range(n_skies):
            ra, dec = drawn_events(sky, 0, rng)
            both = [skyllh_fit(one, record_array(ra, dec, sky)).test_statistic for one in (analysis, whole_sky)]
            changes.append(both[0] - both[1])
        change = root_mean_square(np.array(changes))
        rows.append([f"{degrees:.0f}", f"{seconds:.2g}", significant(change), significant(seconds / ours)])
    header = ["half width of a box, degrees", "CPU s a trial", "rms change of TS", f"SkyLLH/ours, {N_CELLS[0]} cells"]
    return (
        f"## With SkyLLH's choice of events, {N_EVENTS[-1]:,} events\n\n"
        "Events count for the sources in whose box they lie, the others as background: faster, and not the same TS.\n\n"
        + markdown(header, rows)
    )


if __name__ == "__main__":
    if any(os.environ.get(name) != "1" for name in ONE_THREAD):
        os.execve(sys.executable, [sys.executable, "-m", "benchmarks.skyllh_contest"], os.environ | ONE_THREAD)
    main()
