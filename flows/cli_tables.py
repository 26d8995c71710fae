"""The commands `dwarfnu spectra …` and `dwarfnu response …`: what the package ships, shown, compared and made anew."""

from pathlib import Path
from typing import Annotated

import typer

from core.errors import ConfigError
from core.units import DAY, DEGREE
from flows.cli_options import Workers, configured
from flows.progress import wide_console

MOST_DAYS = 100_000.0
MOST_DRAWN = 20_000_000
spectra_commands = typer.Typer(no_args_is_help=True, help="Inspect and make tables of annihilation spectra.")
response_commands = typer.Typer(no_args_is_help=True, help="Make a detector response of a release.")
ChannelName = Annotated[str, typer.Argument(help="Channel, such as bb or tautau.")]
MassValue = Annotated[float, typer.Argument(metavar="MASS", help="Mass in GeV.")]
SpectraSource = Annotated[str, typer.Option(help='"pythia", a folder of tables, or a published spectra file.')]


@spectra_commands.command("show")
def spectra_show(channel: ChannelName, mass: MassValue, source: SpectraSource = "pythia") -> None:
    """Print what one annihilation gives of each neutrino species, where it happens and at Earth."""
    from flows.command_spectra import print_pair

    print_pair(channel, mass, source, wide_console())


@spectra_commands.command("flux")
def spectra_flux(
    channel: ChannelName,
    mass: MassValue,
    sigma_v: Annotated[float | None, typer.Option(help="Annihilation with this <σv>, cm³/s.")] = None,
    lifetime: Annotated[float | None, typer.Option(help="Decay with this lifetime, s.")] = None,
    dirac: Annotated[bool, typer.Option("--dirac", help="Dirac particles: half the pairs annihilate.")] = False,
    catalogue: Annotated[str, typer.Option(help='"embedded", or a catalogue; decay needs D factors.')] = "embedded",
    aperture: Annotated[float, typer.Option(help="Radius of the J or D factors: 0.1, 0.2 or 0.5 deg.")] = 0.5,
    output: Annotated[Path | None, typer.Option(help="CSV file for dΦ/dE.")] = None,
) -> None:
    """Print the neutrino flux at Earth from the dwarf galaxies, of annihilation or of decay."""
    from flows.command_flux import Strength, print_flux

    sources = configured(sources={"catalogue": catalogue, "j_aperture_deg": aperture}).sources
    print_flux(channel, mass, Strength(sigma_v, lifetime, dirac), sources, wide_console(), output)


@spectra_commands.command("table")
def spectra_table() -> None:
    """Print what the shipped table holds."""
    from flows.command_spectra import print_table

    print_table(wide_console())


@spectra_commands.command("compare")
def spectra_compare(other: Annotated[str, typer.Argument(help="Folder with PPPC4DMID or CosmiXs tables.")]) -> None:
    """Print our spectra against other tables, with statistical errors.

    Exit code 1 if a row is out of tolerance for no known cause.
    """
    from flows.command_spectra import print_comparison

    raise typer.Exit(1 if print_comparison(other, wide_console()) else 0)


@spectra_commands.command("figures")
def spectra_figures(
    folder: Annotated[Path, typer.Argument(help="Folder for the figures.")],
    channels: Annotated[str, typer.Option(help="Channels, separated by commas.")] = "bb,mumu,tautau,WW,nunu",
    masses: Annotated[str, typer.Option(help="Masses in GeV, separated by commas.")] = "10,50,100,300",
    other: Annotated[str | None, typer.Option(help="Folder with tables to draw the ratio to.")] = None,
) -> None:
    """Draw spectra at production and at Earth, by channel and by mass."""
    from flows.command_spectra import draw_spectra

    for path in draw_spectra(folder, _numbers(masses), channels.split(","), other):
        wide_console().print(str(path), markup=False)


@spectra_commands.command("make")
def spectra_make(
    shards: Annotated[Path, typer.Argument(help="Folder that keeps the shards; what stands there is not made again.")],
    extend: Annotated[bool, typer.Option("--extend", help="Add to the shipped table what it lacks.")] = False,
    workers: Workers = None,
) -> None:
    """Generate the shipped table anew with Pythia 8, or extend it (needs the extra `pythia`; hours)."""
    from core.spectra import SHIPPED_SPECTRA
    from flows.command_spectra import make_table

    make_table(shards, n_workers=workers, onto=SHIPPED_SPECTRA if extend else None)


@response_commands.command("rebuild")
def response_rebuild(
    release: Annotated[Path, typer.Argument(help="Folder with the files of the public release.")],
    output: Annotated[Path | None, typer.Option(help="File to write; default: the one that is shipped.")] = None,
) -> None:
    """Derive the response of the public sample anew (minutes): also folded simulation, detector slopes and muons.

    With --output they are written beside that file.
    """
    from core.response import SHIPPED_RESPONSE
    from core.response.rebuilding import write_shipped_files

    for path in write_shipped_files(release, output or SHIPPED_RESPONSE):
        wide_console().print(str(path), markup=False)


@response_commands.command("build")
def response_build(
    release: Annotated[
        Path, typer.Argument(help="Folder with the files of a public release, or with the tables of any telescope.")
    ],
    output: Annotated[
        Path, typer.Option(help="Folder for response.parquet, event_counts.parquet and what else there is.")
    ],
    livetime_days: Annotated[
        float | None, typer.Option(help="Livetime of the measured events (days), where the files do not tell it.")
    ] = None,
) -> None:
    """Make response and counts of a public release in bins, or of any telescope by tables, for sample = "binned".

    Known releases are the three years, A and B (DOI 10.21234/ac23-ra43), and the nine years (Phys. Rev. D 108, 012014),
    of which the detector's hyperplanes and the expected muons are written too. Of the IceCube Upgrade's simulation
    (DOI 10.21234/qfz1-yh02) the counts are those that are expected of the atmosphere.
    A folder with a detector.toml describes a telescope: its tables stand in docs/inputs.md.
    """
    from core.configuration.samples import BinnedSettings
    from core.events.upgrade_release import CITATION, is_upgrade
    from core.response.release_build import COUNTS_NAME, RESPONSE_NAME, write_release
    from core.response.tabulated import is_telescope, write_telescope
    from core.response.upgrade_build import write_upgrade

    if livetime_days is not None and not 0.0 < livetime_days < MOST_DAYS:
        raise ConfigError(f"--livetime-days {livetime_days:g}: days above 0 and below {MOST_DAYS:,.0f} are due")
    livetime = None if livetime_days is None else livetime_days * DAY
    if is_telescope(release):
        if livetime_days is not None:
            raise ConfigError("--livetime-days: the livetime of a telescope stands in its detector.toml")
        telescope, paths = write_telescope(release, output, (RESPONSE_NAME, COUNTS_NAME))
        files = dict(zip(("response", "event_counts"), paths, strict=True))
        said = [f"{telescope.name}: latitude {telescope.latitude / DEGREE:g} deg"]
    elif is_upgrade(release):
        upgrade = write_upgrade(release, output, (RESPONSE_NAME, COUNTS_NAME), livetime)
        files = dict(upgrade.files)
        said = [
            CITATION,
            "counts are those expected of the atmosphere: none was measured",
            f"{upgrade.n_outside} simulated neutrinos lie in no bin",
            f"the error in azimuth is {upgrade.azimuth_over_zenith:.2f} times that in zenith; 1 is assumed",
        ]
    else:
        written = write_release(release, output, livetime)
        files = dict(written.files)
        said = [f"{written.release.name}: {written.release.citation}", *written.left_out]
    named = [f'{name} = "{path}"' for name, path in files.items() if name in BinnedSettings.model_fields]
    lines = (*said, *map(str, files.values()), 'in a configuration: sample = "binned"', "[binned]", *named)
    for line in lines:
        wide_console().print(line, markup=False, highlight=False)


@response_commands.command("draw")
def response_draw(
    release: Annotated[Path, typer.Argument(help="Folder of the release, with events, uptime and irfs in it.")],
    output: Annotated[Path, typer.Option(help="Folder for the files of events and the configuration.")],
    season: Annotated[
        list[str] | None, typer.Option(help="Only this season of the release, such as IC86_II; may be repeated.")
    ] = None,
    n_simulated: Annotated[
        int, typer.Option(min=1000, max=MOST_DRAWN, help="Simulated events to draw of each season.")
    ] = 200_000,
    seed: Annotated[int, typer.Option(min=0, help="Seed of what is drawn.")] = 0,
) -> None:
    """Make files of events of the ten-year point-source release, and the configuration that runs them.

    Measured events and good runs come from IceCube's tracks of 2008 to 2018 (DOI 10.21234/sxvs-mt83); simulated events
    are drawn from its effective areas and smearing matrices. `dwarfnu run` takes them as a sample = "own".
    """
    from core.events.point_source_release import CITATION, seasons_named
    from core.simulation.point_source_sample import write_point_source_sample

    path, samples = write_point_source_sample(release, output, seasons_named(season or ()), n_simulated, seed)
    console = wide_console()
    for line in (CITATION, *(sample.summary for sample in samples), f"dwarfnu run {path}"):
        console.print(line, markup=False, highlight=False)


def _numbers(text: str) -> list[float]:
    try:
        return [float(number) for number in text.split(",")]
    except ValueError as error:
        raise ConfigError(f"{text!r} is not a list of numbers separated by commas") from error
