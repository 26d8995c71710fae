"""A signal that is put among simulated events is found as often as it should be, and none is found where there is none.

    python -m benchmarks.recovery [n_injected n_empty]

Skies of the sample `simulated-7y` in one process: response, spectra and densities are made once, background events
drawn from the rates of its simulation and signal events from a pool of its own. Each sky gives its own background. The
record is docs/coverage.md.
"""

import sys
import time
from dataclasses import dataclass

import numpy as np
from scipy.stats import kstest

from benchmarks.measure import markdown
from core.configuration.config import Config
from core.dark_matter.channels import Channel
from core.events.classes import EVENT_CLASSES
from core.inference.certified_pair import CertifiedPair
from core.pdfs.background import BinnedBackground, background_on_sky
from core.pdfs.one_sky import source_signals_on_sky
from core.pdfs.sky import right_ascension_average, ring_sums, zone_shares
from core.pdfs.sky_model import SkyModel
from core.pdfs.source_information import SourcePatterns, source_cells
from core.pdfs.source_skies import SourceSky
from core.trials.one_sky import common_sky_fits, fits_of_counts, global_p_values
from core.trials.run import run_trials
from tests.core.pdfs.pseudo_skies import Truth
from tests.core.pdfs.public_pairs import STATISTIC
from tests.core.pdfs.simulated_pairs import SHAPE, SimulatedPair, expected_background, simulated_pair
from tests.core.response.simulated_cases import full_response

INJECTED: tuple[Channel, float] = ("tautau", 20.0)
OVER_SENSITIVITY = 3.0
N_INJECTED, N_EMPTY, N_COMMON, N_TRIALS = 100, 500, 2000, 5000
ALPHAS = (0.01, 0.05, 0.1, 0.3)
SEED = 20261130


@dataclass(frozen=True)
class SeenPair:
    """A pair as the analysis sees skies of all energies."""

    pair: CertifiedPair
    sensitivity: float

    @classmethod
    def of(cls, simulated: SimulatedPair, background: BinnedBackground) -> "SeenPair":
        """Return it with the cells that the background of the simulation gives."""
        nside = STATISTIC.nside
        on_sky = background_on_sky(background, nside) * background.n_events
        signal = sum(source_signals_on_sky(simulated.expected, nside))
        excess = np.where(on_sky > 0.0, signal - right_ascension_average(signal, nside), 0.0)
        rows = (values.reshape(1, -1) for values in (signal, excess))
        patterns = SourcePatterns(("all",), *rows, on_sky.ravel(), SHAPE)
        cells = source_cells(patterns, STATISTIC.n_cells)
        pair = CertifiedPair.of(patterns, cells, "data", background.reco_cos_zenith_edges)
        form = simulated.closed_form()
        return cls(pair, form.sensitivity / simulated.n_s_per_sigma_v)

    def sky(self, events: np.ndarray) -> SourceSky:
        """Return a sky (n_classes, n_energies, n_pixels) in the pair's cells, with the background that it gives."""
        cells = np.bincount(self.pair.cells.cell_of, weights=events.ravel(), minlength=len(self.pair.cells.background))
        skies = self.pair.skies
        in_zones = ring_sums(events, STATISTIC.nside) @ np.eye(len(skies.spread))[skies.zone_of_ring]
        return skies.sky_of_zones(cells, in_zones.ravel())

    @property
    def model(self) -> SkyModel:
        """The trials of the background alone, and where each cell of the sky is in them."""
        return SkyModel(self.pair.expected_model(0.0), self.pair.cells.cell_of)


def banded_background() -> BinnedBackground:
    """Return the background of the simulation in the bins in which the analysis estimates it."""
    response, expected = full_response(), expected_background()
    banded = expected @ zone_shares(STATISTIC.nside, response.reco_cos_zenith_edges)
    edges = response.reco_energy_edges, response.reco_cos_zenith_edges
    return BinnedBackground(EVENT_CLASSES, *edges, banded / banded.sum(), round(float(expected.sum())))


def found_signals(seen: SeenPair, truth: Truth, n_s: float, sigma_v: float, n_skies: int) -> str:
    """Return what is found of a signal of a mean n_s that a cross section makes."""
    generator = np.random.default_rng([SEED, 1])
    per_event, signal = 1.0 / seen.pair.n_s_per_strength, seen.pair.signal_sky()
    inside, p_values, pulls, best = [], [], [], []
    for number in range(n_skies):
        sky = seen.sky(truth.poisson_sky(n_s, generator))
        found, root, low, high, _ = seen.pair.fit(sky, 1.0)
        trials = run_trials(seen.pair.model_of(sky, signal), N_TRIALS, 0, seed=SEED + number).test_statistic
        p_values.append((np.count_nonzero(trials >= max(root, 0.0) ** 2) + 1.0) / (N_TRIALS + 1.0))
        inside.append(low * per_event <= sigma_v <= high * per_event)
        pulls.append((found * per_event - sigma_v) / (0.5 * (high - low) * per_event))
        best.append(found * per_event)
    error, ratio = np.sqrt(0.6827 * 0.3173 / n_skies), np.array(best) / sigma_v
    rows = [
        ["injected ⟨σv⟩, cm³ s⁻¹", f"{sigma_v:.3g}", ""],
        ["within the 68 % interval", f"{np.mean(inside):.1%}", f"68.3 ± {100.0 * error:.1f} %"],
        ["local p < 0.01", f"{np.mean(np.array(p_values) < 0.01):.1%}", ""],
        ["best fit over injected, mean", f"{np.mean(ratio):.3f} ± {np.std(ratio) / n_skies**0.5:.3f}", "1"],
        ["pull: mean, standard deviation", f"{np.mean(pulls):+.2f}, {np.std(pulls):.2f}", "0, 1"],
        ["greatest pull up and down", f"{np.max(pulls):+.1f}, {np.min(pulls):+.1f}", ""],
    ]  # fmt: skip
    return markdown([f"{n_skies} skies with {n_s:.0f} events in the mean", "found", "due"], rows)


def empty_skies(seen: list[SeenPair], background: BinnedBackground, truth: Truth, n_skies: int) -> str:
    """Return how p-values that hold for all pairs are spread where there is no signal."""
    nside, models = STATISTIC.nside, [pair.model for pair in seen]
    rings = ring_sums(background_on_sky(background, nside), nside)
    common = common_sky_fits(models, rings, background.n_events, nside, N_COMMON, (SEED, 2))
    generator = np.random.default_rng([SEED, 3])
    columns = ("test_statistic", "test_statistic_signed")
    smallest: dict[str, list[float]] = {column: [] for column in columns}
    for _ in range(n_skies):
        events = truth.poisson_sky(0.0, generator)
        found = []
        for pair in seen:
            sky = pair.sky(events)
            model = SkyModel(pair.pair.model_of(sky, pair.pair.signal_sky()), pair.pair.cells.cell_of)
            found.append(fits_of_counts(model, sky.counts[np.newaxis].astype(np.int64)))
        for column in columns:
            of_pairs = {str(place): fits[column] for place, fits in enumerate(common)}
            observed = {str(place): float(fits[column][0]) for place, fits in enumerate(found)}
            smallest[column].append(min(global_p_values(of_pairs, observed).values()))
    rows = []
    for alpha in ALPHAS:
        error = np.sqrt(alpha * (1.0 - alpha) * (1.0 / n_skies + 1.0 / N_COMMON))
        shares = [f"{np.mean(np.array(smallest[column]) <= alpha):.1%}" for column in columns]
        rows.append([f"{alpha:g}", *shares, f"{100.0 * error:.1f} %"])
    flat = kstest(smallest["test_statistic_signed"], "uniform").pvalue
    at_one = np.mean(np.array(smallest["test_statistic"]) >= 1.0)
    headings = ["α", "P(p_global ≤ α), bounded TS", "signed TS", "standard error"]
    return (
        markdown(headings, rows) + f"\n{n_skies} skies without signal, {len(seen)} pairs, {N_COMMON} common skies. "
        f"Kolmogorov-Smirnov for signed TS: p = {flat:.2g}; bounded TS 0 in all pairs: {at_one:.1%} of skies.\n"
    )


def main() -> None:
    """Print both tables."""
    n_injected, n_empty = (int(given) for given in (*sys.argv[1:3], N_INJECTED, N_EMPTY)[:2])
    began, background = time.process_time(), banded_background()
    simulated = simulated_pair(*INJECTED)
    truth, first = simulated.truth(), SeenPair.of(simulated, background)
    sigma_v = OVER_SENSITIVITY * first.sensitivity
    print(f"{time.process_time() - began:.0f} CPU s for what is made once", file=sys.stderr, flush=True)
    if n_injected:
        print(found_signals(first, truth, sigma_v * simulated.true_n_s_per_sigma_v, sigma_v, n_injected), flush=True)
    print(f"{time.process_time() - began:.0f} CPU s", file=sys.stderr, flush=True)
    if not n_empty:
        return
    pairs = Config(sample="simulated-7y").channel_masses
    others = [SeenPair.of(simulated_pair(*pair), background) for pair in pairs if pair != INJECTED]
    print(f"{time.process_time() - began:.0f} CPU s", file=sys.stderr, flush=True)
    print(empty_skies([first, *others], background, truth, n_empty))
    print(f"{time.process_time() - began:.0f} CPU s")


if __name__ == "__main__":
    main()
