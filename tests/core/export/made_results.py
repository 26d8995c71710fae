"""Results of round numbers: likelihoods of two cells of many events, whose limits are known in closed form."""

import math

import numpy as np
import pyarrow as pa

from core.dark_matter.processes import PROCESSES
from core.export.provenance import Provenance, provenance
from core.export.results import Results
from core.pdfs.likelihood_cells import STACKED, LikelihoodCells

SIGMAS = {("tautau", 20.0): 4e-21, ("tautau", 50.0): 3e-21, ("bb", 50.0): 5e-20}
Z = 1.2815515655446004
N_EVENTS = 4e8  # of so many a fit is Gaussian: limits are z sigma to 1e-4
BACKGROUND = 1e8


def cells(source: str, sigma: float, pull: float = 0.0) -> LikelihoodCells:
    """A likelihood of two cells with a standard deviation, its best fit `pull` standard deviations above 0."""
    background = np.full(2, N_EVENTS / 2.0)
    excess = np.array([1.0, -1.0]) * math.sqrt(N_EVENTS) / 2.0 / sigma
    events = background + pull * math.sqrt(N_EVENTS) / 2.0 * np.array([1.0, -1.0])
    return LikelihoodCells(source, background, excess, events, 1e5 / sigma, 0.0)


def counts(sigma: float, best: float) -> pa.Table:
    """A parabola about a best fit (in sigma) of galaxies alone, told as the product tells it: from its least value."""
    strengths = np.linspace(0.0, 6.0 * sigma, 49)
    falls = (strengths / sigma - best) ** 2
    n = len(strengths)
    return pa.table(
        {
            "profile": ["none"] * n,
            "sigma_v_tested": strengths,
            "likelihood_ratio": falls,
            "n_s_per_sigma_v": np.full(n, 1e5 / sigma),
            "process": ["annihilation"] * n,
        }
    )


def rows() -> dict[str, list[dict[str, object]]]:
    pairs = [{"channel": channel, "mass": mass} for channel, mass in SIGMAS]
    sensitivity = [
        {**pair, "sigma_v_sensitivity": 1.3 * sigma, "sigma_v_band_lo68": None, "sigma_v_band_hi68": 2.0 * sigma}
        for pair, sigma in zip(pairs, SIGMAS.values(), strict=True)
    ]
    limits = [
        {
            **pair,
            "profile": "none",
            "method": method,
            "sigma_v_upper_limit": 2.0 * sigma,
            "sigma_v_upper_limit_unfloored": sigma,
            "sigma_v_expected_limit": 1.5 * sigma,
        }
        for pair, sigma in zip(pairs, SIGMAS.values(), strict=True)
        for method in ("atmospheric_cls", "atmospheric_trials")
    ]
    return {"sensitivity": sensitivity, "counts_limit": limits}


def results(process: str = "annihilation") -> Results:
    likelihoods = {
        pair: [cells(STACKED, sigma), cells("Willman 1", 1.5 * sigma), cells("Ursa Major II", 2.0 * sigma)]
        for pair, sigma in SIGMAS.items()
    }
    return Results(
        process=PROCESSES[process],  # type: ignore[index]
        rows=rows(),
        log10_factors={"Willman 1": 19.5, "Ursa Major II": 19.3},
        hypothesis="dwarfs only",
        year="2026",
        products=[{"product": "sensitivity/part-0000.parquet", "recipe_digest": "0123"}],
        likelihoods=likelihoods,
        counts={pair: counts(sigma, -0.5) for pair, sigma in SIGMAS.items()},
        left_out=["tautau/20, Crater II: its signal cannot be told from the background"],
    )


def origin(licence: str = "CC-BY-4.0") -> Provenance:
    caveats = ("dwarfs only,\nno halo", "not a result of the IceCube Collaboration")
    return provenance("public-3y", "public-3y", "0.1.0", "0123abcd", caveats, licence, ["A. Author, 2026"])
