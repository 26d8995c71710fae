"""The commands that show: `dwarfnu figures`, `dwarfnu report`."""

from pathlib import Path
from typing import Annotated

import typer

from flows.cli_options import ConfigFile, Pairs, Products, Seed, complete_kind, configured
from flows.given import Given


def figures(
    config_file: ConfigFile = None,
    products: Products = None,
    seed: Seed = None,
    kind: Annotated[
        list[str] | None,
        typer.Option(help="Only this kind, such as limits; may be repeated.", autocompletion=complete_kind),
    ] = None,
    pair: Pairs = None,
    form: Annotated[str, typer.Option("--format", help="png, pdf or svg, or several with commas.")] = "png",
    to: Annotated[
        Path | None, typer.Option(help="Folder for the figures; default: figures/ beside the products.")
    ] = None,
) -> None:
    """Draw all figures of the products that stand, those of each pair too, with captions; later runs keep them so."""
    config = configured(config_file, products=products, seed=seed)
    from flows.command_figures import Asked, draw_figures

    draw_figures(config, Asked(kind or (), pair or (), form, to), Given(config_file, products, seed))


def report(
    config_file: ConfigFile = None,
    products: Products = None,
    seed: Seed = None,
    pair: Pairs = None,
    to: Annotated[Path, typer.Option(help="Folder of the report; an older report in it is replaced.")] = Path("report"),
    pdf: Annotated[bool, typer.Option("--pdf", help="Write it as report.pdf too; needs the extra `report`.")] = False,
) -> None:
    """Write what stands of an analysis as one page: methods in words, tables, figures, provenance; opens offline.

    With --pair the figures of that pair too.
    """
    config = configured(config_file, products=products, seed=seed)
    from flows.command_report import write_report
    from flows.progress import wide_console

    write_report(config, to, pair or (), wide_console(), Given(config_file, products, seed), pdf)
