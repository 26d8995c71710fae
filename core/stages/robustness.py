"""Stage `robustness`: the sensitivity of a pair in variants of the analysis, each over the nominal one, without trials.

Of the joint likelihood, whatever the analysis' statistic: j_weighted is one of the variants.
"""

from collections.abc import Iterable

import pyarrow as pa

from core.configuration.config import Config
from core.dark_matter.processes import process_of
from core.inference.robustness import robustness_table
from core.inference.robustness_product import (
    DetectorVariants,
    aperture_weights,
    background_ratios,
    halo_ratios,
    left_out_weights,
    marginalised_ratios,
    profiled_ratios,
    whole_galaxy_weights,
)
from core.pdfs.background import binned_background
from core.pdfs.source_information import information_of_table
from core.products.recipe import ProductKey, Recipe
from core.products.store import ProductStore
from core.spectra.earth_matter import source_directions
from core.spectra.origins import spectrum_table
from core.stages import halo
from core.stages.acceptance import signal_of
from core.stages.catalogue import catalogue_in, catalogue_parameters
from core.stages.dwarf_profiles import has_j_factors
from core.stages.inputs import Inputs
from core.stages.j_calibration import profiled_pairs
from core.stages.pairs import of_pair, pair_keys, served_pairs, signal_inputs, window_inputs, window_parameter
from core.stages.source_information import GREATEST_NSIDE
from core.stages.spectra import mixing_in
from core.stages.stage import PAIR_KEYS, Parameters, Stage, recipe_of
from core.stages.windows import window_in


def recipes(config: Config, store: ProductStore) -> Iterable[Recipe]:
    """Yield a recipe for each served pair."""
    catalogue, hints = catalogue_parameters(config)
    spectra, profiled = config.spectra, profiled_pairs(config, store)
    settings = catalogue | {
        "nside": min(config.statistic.nside, GREATEST_NSIDE),
        "background": config.statistic.background,
        "earth_matter": spectra.earth_matter,
        "oscillated": spectra.source != "pythia" and spectrum_table(spectra.source).at_earth,
        "mixing_angles": spectra.mixing_angles and list(spectra.mixing_angles),
    }
    for pair in served_pairs(config, store):
        inputs = (*signal_inputs(pair), ProductKey("background_pdf"), *of_pair(pair, "source_information"))
        inputs += (ProductKey("dwarf_profiles"),) if has_j_factors(config) else ()
        inputs += of_pair(pair, "j_profile") if pair in profiled else ()
        inputs += of_pair(pair, "halo") if halo.STAGE.applies(config) else ()
        inputs += window_inputs(config, pair)
        parameters = settings | {"window": window_parameter(config, pair)}
        yield recipe_of(make, STAGE.product(**pair_keys(pair)), parameters, inputs, hints=hints)


def make(inputs: Inputs, parameters: Parameters) -> pa.Table:
    """Hold variants of the analysis against it: J factors, background, detector, spectra, statistic."""
    sources, table = inputs["sources"], inputs["source_information"]
    information = information_of_table(table)
    weights = left_out_weights(sources, information)
    if "dwarf_profiles" in inputs:
        catalogue = catalogue_in(parameters)
        weights |= aperture_weights(sources, catalogue)
        weights |= whole_galaxy_weights(sources, catalogue, inputs["dwarf_profiles"])
    ratios = marginalised_ratios(sources, information)
    if "j_profile" in inputs:
        ratios |= profiled_ratios(inputs["j_profile"])
    ratios |= background_ratios(table)
    ratios |= _detector_ratios(inputs, parameters)
    if "halo" in inputs:
        ratios |= halo_ratios(inputs["halo"])
    return robustness_table(information, weights, process_of(sources).strength, ratios)


def _detector_ratios(inputs: Inputs, parameters: Parameters) -> dict[str, float]:
    """Return what angular kernels, the Earth's matter and the published statistic do."""
    variants = DetectorVariants(
        signal_of(inputs, parameters),
        binned_background(inputs["background_pdf"]),
        information_of_table(inputs["source_information"]),
        parameters["nside"],
        parameters["background"],
        window_in(inputs, parameters),
    )
    ratios = variants.j_weighted(inputs["background_pdf"]) | variants.one_kernel()
    if parameters["oscillated"]:
        return ratios
    behind_earth = None if parameters["earth_matter"] else source_directions(inputs["sources"])
    mixing = mixing_in(parameters)
    return ratios | variants.earth_matter(inputs["spectra"], parameters["mass"], mixing, behind_earth)


STAGE = Stage(
    name="robustness",
    title="robustness",
    sentence="Tell what a sensitivity hangs on: by variant of J factors, background, detector, spectra and statistic.",
    keys=PAIR_KEYS,
    columns=("variant", "sigma_v_sensitivity", "ratio", "factor_ratios"),
    needs=("source_information", "dwarf_profiles", "j_profile", "halo"),
    recipes=recipes,
)
