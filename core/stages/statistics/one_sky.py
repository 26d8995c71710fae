"""What the statistics share where one observed sky is fitted: from the inputs of a recipe to tables."""

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.special import ndtri

from core.inference.detector_limit import quantile_nodes
from core.inference.observed_product import common_skies_table, observed_table
from core.inference.upper_limit_product import MARGIN, limits, reaching_trials, upper_limit_table
from core.pdfs.background import BinnedBackground, background_on_sky, binned_background
from core.pdfs.observed_sky import sky_of_table
from core.pdfs.sky import ring_sums
from core.pdfs.sky_model import SkyModel
from core.random.streams import stream_seed
from core.stages.drawn_detector import drawn_factors
from core.stages.inputs import Inputs
from core.stages.scales import scale_in
from core.stages.stage import Parameters
from core.trials.one_sky import common_sky_fits
from core.trials.statistic import TrialStatistic, by_n_injected

DETECTORS = 64  # beside the seed: draws of their own, not those of a certificate's skies
N_DETECTORS = 4_000  # whose mean is known to a hundredth of a per cent of n_s
N_FURTHER_TRIALS = 10_000  # of each number of injected events beyond those of signal_trials


def seed_of(parameters: Parameters) -> int:
    """Return the seed of the engine for what a recipe of a pair draws."""
    return stream_seed(parameters["seed"], parameters["stage"], parameters["channel"], parameters["mass"])


def observed_counts(inputs: Inputs, sky: SkyModel) -> NDArray[np.int64]:
    """Return the events of the observed sky in the cells of a pair's model, (n_cells,)."""
    edges = binned_background(inputs["background_pdf"]).reco_energy_edges
    return sky.counts(sky_of_table(inputs["observed_sky"], edges))


def observed_of(inputs: Inputs, parameters: Parameters, sky: SkyModel, n_s_per_strength: float) -> pa.Table:
    """Return the `observed` product of a pair."""
    described = {"statistic": parameters["statistic"], "background": parameters["background"]}
    return observed_table(
        sky,
        observed_counts(inputs, sky),
        (inputs["background_trials"], inputs["signal_trials"]),
        inputs["common_sky_trials"],
        (parameters["channel"], parameters["mass"]),
        scale_in(inputs, parameters, n_s_per_strength),
        {**described, "sky": inputs["observed_sky"]["sky"][0].as_py()},
        parameters["n_tail_trials"],
        seed_of(parameters),
    )


def upper_limit_of(
    inputs: Inputs,
    parameters: Parameters,
    sky: SkyModel,
    n_s_uncertainty: float,
    n_s_per_strength: float,
    profiled_j: float | None,
    detector_nodes: NDArray[np.float64] | None = None,
) -> pa.Table:
    """Return the `upper_limit` product of a pair at one confidence level; trials are drawn further where it asks."""
    row = inputs["observed"].to_pylist()[0]
    column, confidence = parameters["limit_statistic"], parameters["confidence_level"]
    signal = by_n_injected(inputs["signal_trials"], column)
    reach = max(row["n_s_signed"], 0.0) + (float(ndtri(0.5 * (1.0 + confidence))) + MARGIN) * n_s_uncertainty
    signal = reaching_trials(sky.model, signal, column, n_s_uncertainty, reach, N_FURTHER_TRIALS, seed_of(parameters))
    background = TrialStatistic.of_table(inputs["background_trials"], column)
    found = limits(sky, background, signal, row[column], observed_counts(inputs, sky), confidence, detector_nodes)
    described: dict[str, Any] = {name: row[name] for name in ("sky", "statistic", "background")}
    return upper_limit_table(found, profiled_j, scale_in(inputs, parameters, n_s_per_strength), described)


def detector_nodes_of(inputs: Inputs, parameters: Parameters) -> NDArray[np.float64] | None:
    """Return fitted events of drawn detectors over nominal, (n,); None where the sample has no detector parameters."""
    if parameters["hyperplanes"] is None:
        return None
    random = np.random.default_rng([seed_of(parameters) % 2**32, DETECTORS])
    return quantile_nodes(drawn_factors(inputs, parameters, N_DETECTORS, random)[1])


def common_skies_of(
    inputs: Inputs, parameters: Parameters, pairs: list[tuple[str, float]], skies: list[SkyModel]
) -> pa.Table:
    """Return the `common_sky_trials` product: the fits of every pair to the same pseudo-skies."""
    background = binned_background(inputs["background_pdf"])
    seed = (parameters["seed"], stream_seed(parameters["seed"], parameters["stage"], "bb", 1.0))
    on_rings = rings_of(background, parameters["nside"])
    fits = common_sky_fits(
        skies, on_rings, background.n_events, parameters["nside"], parameters["n_common_skies"], seed
    )
    return common_skies_table(pairs, fits)


def rings_of(background: BinnedBackground, nside: int) -> NDArray[np.float64]:
    """Return the background's probability of each ring of pixels, (n_classes, n_energies, n_rings)."""
    return np.asarray(ring_sums(background_on_sky(background, nside), nside), dtype=np.float64)
