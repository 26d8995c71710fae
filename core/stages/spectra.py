"""Stage `spectra`: the neutrinos of an annihilation or decay, where it happens and at Earth."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa

from core.configuration.config import Config
from core.dark_matter.channels import MEAN_CHANNELS, Channel
from core.dark_matter.processes import PROCESSES
from core.products.recipe import ProductKey, Recipe
from core.products.store import ProductStore
from core.spectra.annihilation import SPECTRA_SCHEMA, table_of_spectra
from core.spectra.configured import ChannelSpectra
from core.spectra.earth_matter import Directions, source_directions
from core.spectra.origins import spectrum_table
from core.spectra.oscillation import NUFIT_60, MixingAngles
from core.spectra.shipped import SHIPPED_SPECTRA, shipped_table
from core.spectra.table import SpectrumTable
from core.stages.given_files import file_digest, folder_digest
from core.stages.inputs import Inputs
from core.stages.pairs import pair_keys
from core.stages.stage import PAIR_KEYS, Parameters, Stage, recipe_of
from core.units import DEGREE


def recipes(config: Config, _: ProductStore) -> Iterable[Recipe]:
    """Yield a recipe for each pair; from the shipped table, or from the tables that are given."""
    settings, is_shipped = config.spectra, config.spectra.source == "pythia"
    digest = file_digest(SHIPPED_SPECTRA) if is_shipped else given_digest(settings.source)
    mixing = settings.mixing_angles and list(settings.mixing_angles)
    parameters = {"mixing_angles": mixing, "source_digest": digest, "earth_matter": settings.earth_matter}
    inputs = (ProductKey("sources"),) if settings.earth_matter else ()
    for channel, mass in config.channel_masses:
        configured, files = configured_parameters(config, channel)
        maker = make_configured if configured else make if is_shipped else make_from_given
        configured |= {"mean_of": list(MEAN_CHANNELS[channel])} if channel in MEAN_CHANNELS else {}
        own = parameters | configured | {"spectrum_mass": PROCESSES[config.process].spectrum_mass(mass)}
        hints = {"source": settings.source, "files": files}
        yield recipe_of(maker, STAGE.product(**pair_keys((channel, mass))), own, inputs, hints=hints)


def configured_parameters(config: Config, channel: Channel) -> tuple[dict[str, Any], dict[Channel, str]]:
    """Return what a channel of the configuration's own is made from beside the source, and its file: of ours nothing.

    Its branching fractions, if it is a mixture, and the digest of the user's file, if that gives it or a part of it.
    """
    fractions = config.mixtures.get(channel, {})
    parameters: dict[str, Any] = {"fractions": dict(sorted(fractions.items()))} if fractions else {}
    files = {name: path for name, path in config.spectra.files.items() if name in (channel, *fractions)}
    for name, path in files.items():
        parameters |= {"file_channel": name, "file_digest": file_digest(Path(path))}
    return parameters, files


def given_digest(source: str) -> str:
    """Return the digest of the tables of spectra that a file or folder holds; InputError if it holds none."""
    return folder_digest(Path(source), "*.dat", "spectra.source")


def make(inputs: Inputs, parameters: Parameters) -> pa.Table:
    """Interpolate the shipped spectra and let them oscillate on their way to Earth, or to the detector behind it."""
    return _oscillated(shipped_table(), inputs, parameters)


def make_from_given(inputs: Inputs, parameters: Parameters) -> pa.Table:
    """Do the same with spectra from the user's tables."""
    return _oscillated(spectrum_table(parameters["source"]), inputs, parameters)


def make_configured(inputs: Inputs, parameters: Parameters) -> pa.Table:
    """Do the same for a channel of the configuration's own: a mixture of channels, or a user's file."""
    mixtures = {parameters["channel"]: parameters["fractions"]} if "fractions" in parameters else {}
    spectra = ChannelSpectra(parameters["source"], parameters["files"], mixtures)
    mass = parameters["spectrum_mass"]
    return spectra.table(parameters["channel"], mass, mixing_in(parameters), directions_in(inputs, parameters))


def mixing_in(parameters: Parameters) -> MixingAngles:
    """Return the mixing angles of a recipe: those of NuFIT 6.0 where it names none."""
    angles = parameters["mixing_angles"]
    return NUFIT_60 if angles is None else MixingAngles(angles[0], angles[1], angles[2], angles[3] * DEGREE)


def directions_in(inputs: Inputs, parameters: Parameters) -> Directions | None:
    """Return where neutrinos come from behind the Earth, None where its matter is left out."""
    return source_directions(inputs["sources"]) if parameters["earth_matter"] else None


def _oscillated(table: SpectrumTable, inputs: Inputs, parameters: Parameters) -> pa.Table:
    """Return the spectra of a pair at production and at Earth."""
    mixing, behind_earth = mixing_in(parameters), directions_in(inputs, parameters)
    return table_of_spectra(table, parameters["channel"], parameters["spectrum_mass"], mixing, behind_earth)


STAGE = Stage(
    name="spectra",
    title="spectra",
    sentence="Make the neutrino spectra of each pair of channel and mass, at production and at Earth.",
    keys=PAIR_KEYS,
    columns=tuple(SPECTRA_SCHEMA.names),
    needs=("sources",),  # for the way through the Earth
    recipes=recipes,
)
