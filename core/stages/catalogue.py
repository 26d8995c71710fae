"""The catalogue of galaxies that an analysis takes its sources from, as recipes name it and makers read it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.configuration.config import Config
from core.dark_matter.sources import EMBEDDED_CATALOGUE, catalogue_path, read_catalogue
from core.stages.given_files import file_digest
from core.stages.stage import Parameters

if TYPE_CHECKING:
    import pandas as pd


def catalogue_parameters(config: Config) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what a recipe says of the catalogue, its content, and the hint where it lies, if it is not embedded."""
    path = catalogue_path(config.sources)
    is_embedded = config.sources.catalogue == "embedded"
    parameters = {"embedded": is_embedded, "catalogue_digest": file_digest(path)}
    return parameters, {} if is_embedded else {"catalogue": str(path)}


def catalogue_in(parameters: Parameters) -> pd.DataFrame:
    """Return the catalogue that a recipe names."""
    return read_catalogue(Path(parameters.get("catalogue", EMBEDDED_CATALOGUE)))
