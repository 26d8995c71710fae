"""Stage `systematics`: by how much detector, cross sections, mixing and spectra move the sensitivity of a pair."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pyarrow as pa

from core.configuration.config import Config
from core.dark_matter.processes import process_of
from core.inference.pair_systematics import (
    Cause,
    cross_section_causes,
    detector_causes,
    drawn_detectors,
    systematics_product,
    varied_yields,
)
from core.inference.signal_systematics import parts_inside, relative_yields, signal_parts
from core.inference.systematics import Shift, response_variations, shifts, varied_sensitivity, varied_signal_pdf
from core.products.recipe import ProductKey, Recipe
from core.products.store import ProductStore
from core.random.streams import stream_seed
from core.response.model import Response
from core.signal.windows import Window
from core.spectra import spectra_table
from core.spectra.annihilation import spectra_from_table
from core.spectra.earth_matter import source_directions
from core.spectra.variations import arriving_otherwise, shifted_angles
from core.stages.acceptance import signal_of
from core.stages.drawn_detector import hyperplanes_digest, hyperplanes_hints, hyperplanes_in
from core.stages.inputs import Inputs
from core.stages.pairs import of_pair, pair_keys, served_pairs, signal_inputs, window_parameter
from core.stages.spectra import given_digest, mixing_in
from core.stages.stage import PAIR_KEYS, Parameters, Stage, recipe_of
from core.stages.statistics import has_density_stage

CROSS_SECTIONS = ("cc", "nc")
OF_RESPONSE = ("effective_area", "energy_scale", "angular_error")


def recipes(config: Config, store: ProductStore) -> Iterable[Recipe]:
    """Yield a recipe for each served pair."""
    settings, spectra = config.systematics, config.spectra
    hyperplanes = hyperplanes_digest(config)
    has_hyperplanes = hyperplanes is not None
    other = settings.spectra_source
    parameters: dict[str, Any] = {
        "background": config.statistic.background,
        "n_cells": config.statistic.n_cells,
        "nside": config.statistic.nside,
        "seed": config.seed,
        "cross_sections": {name: getattr(settings, f"{name}_cross_section") for name in CROSS_SECTIONS},
        "response": {} if has_hyperplanes else {name: getattr(settings, name) for name in OF_RESPONSE},
        "n_draws": settings.n_draws if has_hyperplanes else 0,
        "hyperplanes": hyperplanes,
        "mixing_angles": spectra.mixing_angles and list(spectra.mixing_angles),
        "earth_matter": spectra.earth_matter,
        "other_spectra": given_digest(other) if other else None,
    }
    for pair in served_pairs(config, store):
        inputs = (*signal_inputs(pair), *of_pair(pair, "signal_pdf"), ProductKey("background_pdf"))
        own = parameters | {"window": window_parameter(config, pair)}
        hints = {"other_source": other, **hyperplanes_hints(config)}
        yield recipe_of(make, STAGE.product(**pair_keys(pair)), own, inputs, hints=hints)


def make(inputs: Inputs, parameters: Parameters) -> pa.Table:
    """Vary detector, cross sections, mixing and spectra of a pair, and say what the sensitivity becomes."""
    signal, nominal = signal_of(inputs, parameters), inputs["signal_pdf"]
    parts = signal_parts(signal, nominal, inputs["background_pdf"], parameters["background"], parameters["n_cells"])
    inside = parts_inside(nominal, signal.response)
    causes = cross_section_causes(parts, parameters["cross_sections"])
    draws = None
    if parameters["n_draws"]:
        planes = hyperplanes_in(parameters)
        causes = [*detector_causes(parts, planes, inside), *causes]
        seed = stream_seed(parameters["seed"], "systematics", parameters["channel"], parameters["mass"])
        random = np.random.Generator(np.random.Philox(key=seed))
        drawn = drawn_detectors(parameters["n_draws"], random, planes.parameters)
        draws = np.array([varied_yields(parts, planes, inside, values) for values in drawn])
    known = spectra_from_table(inputs["spectra"])
    for name, sides in _other_spectra(inputs, parameters).items():
        yields = [parts.yields * relative_yields(signal, known, side, inside) for side in sides]
        causes.append(Cause(name, np.array(yields)))
    return systematics_product(parts, inputs["sources"], causes, draws, _shifts_of_response(inputs, parameters))


def _other_spectra(inputs: Inputs, parameters: Parameters) -> dict[str, list[Any]]:
    """Return the spectra at Earth on each side of a cause: mixing angles, the Earth's matter, another source."""
    sources, spectra, angles = inputs["sources"], inputs["spectra"], mixing_in(parameters)
    mass = process_of(sources).spectrum_mass(parameters["mass"])
    matter = source_directions(sources)
    behind, turned = (matter, None) if parameters["earth_matter"] else (None, matter)
    channel = parameters["channel"]
    found: dict[str, list[Any]] = {
        name: [arriving_otherwise(spectra, channel, mass, side, behind) for side in sides]
        for name, sides in shifted_angles(angles).items()
    }
    found["earth_matter"] = [arriving_otherwise(spectra, channel, mass, angles, turned)]
    if parameters["other_source"]:
        table = spectra_table(channel, mass, parameters["other_source"], angles, behind)
        found["spectra_source"] = [spectra_from_table(table)]
    return {name: sides for name, sides in found.items() if all(side is not None for side in sides)}


def _shifts_of_response(inputs: Inputs, parameters: Parameters) -> tuple[Shift, ...]:
    """Return the shifts by variations of the response, of a sample without detector parameters of its own."""
    if not parameters["response"]:
        return ()
    response, pdf, background = Response.from_table(inputs["response"]), inputs["signal_pdf"], inputs["background_pdf"]
    ends = pdf["reco_energy_low"].to_numpy().min(), pdf["reco_energy_high"].to_numpy().max()
    window: Window = (float(ends[0]), float(ends[1]))

    def sensitivity_of(side: Any) -> float:
        varied = varied_signal_pdf(
            side, response, inputs["spectra"], inputs["sources"], parameters["mass"], background, parameters["nside"],
            window,
        )  # fmt: skip
        return varied_sensitivity(pdf, varied, background, parameters["background"], parameters["n_cells"])

    nominal = varied_sensitivity(pdf, pdf, background, parameters["background"], parameters["n_cells"])
    return shifts(nominal, response_variations(parameters["response"]), sensitivity_of)[:-1]


STAGE = Stage(
    name="systematics",
    title="systematic uncertainties",
    sentence="Say by how much detector, cross sections, mixing and spectra move the sensitivity of each pair.",
    keys=PAIR_KEYS,
    columns=(
        "cause",
        "shift_lo",
        "shift_hi",
        "note",
        "sigma_v_sensitivity_asimov",
        "sigma_v_sensitivity_marginalised",
    ),
    needs=("signal_pdf", "background_pdf"),
    recipes=recipes,
    applies=has_density_stage("signal_pdf"),
)
