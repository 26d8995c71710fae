"""How often limits cover in skies each of which a drawn detector sees, with the detector nominal and marginalised.

    python -m benchmarks.detector_coverage [n_skies]

For four pairs of the public sample and 0.5, 1, 2 and 5 times the sensitivity. The five detector parameters are
drawn for each sky within their priors; the limits are those of `upper_limit`. The record is docs/coverage.md.
"""

import sys
import time

import numpy as np

from benchmarks.limit_coverage import PAIRS, SEED
from benchmarks.measure import markdown
from core.inference.certificate_drawn import OVER_SENSITIVITY, detector_rows
from core.inference.detector_limit import fitted_event_factors, quantile_nodes
from core.inference.pair_systematics import drawn_factors_of_parts
from core.inference.signal_systematics import parts_inside, signal_parts
from core.response.hyperplanes import public_hyperplanes
from tests.core.inference.certified_pairs import certified
from tests.core.pdfs.public_pairs import STATISTIC, public_pair

N_SKIES = 5_000
N_DETECTORS = 4_000


def pair_rows(channel: str, mass: float, n_skies: int, seed: int) -> tuple[list[dict[str, object]], float]:
    """Return the rows of a certificate of skies with drawn detectors, and by how much these spread fitted events."""
    public = public_pair(channel, mass)
    nominal = public.signal_pdf()
    parts = signal_parts(public.expected, nominal, public.background, STATISTIC.background, STATISTIC.n_cells)
    inside, planes = parts_inside(nominal, public.expected.response), public_hyperplanes()
    of_skies = drawn_factors_of_parts(parts, planes, inside, n_skies, np.random.default_rng([seed, 1]))
    of_limits = drawn_factors_of_parts(parts, planes, inside, N_DETECTORS, np.random.default_rng([seed, 2]))
    factors, form = fitted_event_factors(parts, of_limits), public.closed_form()
    rows = detector_rows(
        certified(channel, mass), form.sensitivity, form.n_s_uncertainty, of_skies, quantile_nodes(factors), seed
    )
    return rows, float(factors.std())


def main() -> None:
    """Print a row a pair and truth."""
    n_skies = int(sys.argv[1]) if len(sys.argv) > 1 else N_SKIES
    table, marginalised = [], []
    began = time.process_time()
    for place, (channel, mass) in enumerate(PAIRS):
        rows, spread = pair_rows(channel, mass, n_skies, SEED + place)
        for number, multiple in enumerate(OVER_SENSITIVITY):
            fixed, averaged = rows[2 * number : 2 * number + 2]
            marginalised.append(float(str(averaged["coverage"])))
            shares = [f"{row['coverage']:.1%} ± {row['coverage_error']:.1%}" for row in (fixed, averaged)]
            flatness = f"{averaged['p_value_flatness']:.2g}"
            table.append([f"{channel}/{mass:g}", f"{multiple:g}", f"{spread:.1%}", *shares, flatness])
            print(table[-1], f"{time.process_time() - began:.0f} CPU s", file=sys.stderr, flush=True)
    headings = ["pair", "true ⟨σv⟩ over sensitivity", "spread of fitted events", "detector nominal"]
    print(markdown([*headings, "detector marginalised", "flatness"], table))
    print(f"{n_skies} skies a row; mean with the detector marginalised {np.mean(marginalised):.2%}")
    print(f"{time.process_time() - began:.0f} CPU s")


if __name__ == "__main__":
    main()
