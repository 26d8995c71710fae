"""Stage `energy_likelihood`: the response folded with the galaxies, by flavour and energy, for spectra of any kind."""

from collections.abc import Iterable

from core.configuration.config import Config
from core.pdfs.background import binned_background
from core.pdfs.energy_cells import described_templates, energy_cells, energy_cells_table
from core.products.recipe import AnnotatedTable, ProductKey, Recipe
from core.products.store import ProductStore
from core.response import Response
from core.stages.inputs import Inputs
from core.stages.likelihood import has_one_template
from core.stages.source_information import GREATEST_NSIDE
from core.stages.stage import Parameters, Stage, recipe_of


def recipes(config: Config, _: ProductStore) -> Iterable[Recipe]:
    """Yield the one recipe: all reconstructed energies, whatever the windows of pairs."""
    settings = config.statistic
    parameters = {"nside": min(settings.nside, GREATEST_NSIDE), "background": settings.background}
    inputs = tuple(ProductKey(stage) for stage in ("sources", "response", "background_pdf"))
    yield recipe_of(make, STAGE.product(), parameters, inputs)


def make(inputs: Inputs, parameters: Parameters) -> AnnotatedTable:
    """Put the flux of each flavour and bin of energy on the sky; the remark `templates` says which."""
    cells = energy_cells(
        Response.from_table(inputs["response"]),
        inputs["sources"],
        binned_background(inputs["background_pdf"]),
        parameters["nside"],
        parameters["background"],
    )
    return AnnotatedTable(energy_cells_table(cells), {"templates": described_templates(cells)})


STAGE = Stage(
    name="energy_likelihood",
    title="likelihood by energy",
    sentence="Fold the response with the galaxies by flavour and energy, so that any other spectrum can be limited.",
    columns=("cell", "background_events", "events", "excess_per_flux"),
    needs=("sources", "response", "background_pdf"),
    recipes=recipes,
    applies=has_one_template,
    command="export",
)
