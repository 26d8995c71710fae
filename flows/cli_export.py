"""The command `dwarfnu export`: results for others."""

from pathlib import Path
from typing import Annotated

import typer

from flows.cli_options import ConfigFile, Products, Seed, configured
from flows.progress import wide_console


def export(
    to: Annotated[Path, typer.Option("--to", metavar="FOLDER", help="Folder to write; empty or not there yet.")],
    config_file: ConfigFile = None,
    products: Products = None,
    seed: Seed = None,
    licence: Annotated[
        str, typer.Option(help="Licence under which you hand it on: CC-BY-4.0 or CC0-1.0.")
    ] = "CC-BY-4.0",
    cite: Annotated[
        list[str] | None, typer.Option(help="What to cite, such as your paper; may be given again.")
    ] = None,
) -> None:
    """Write tables, likelihoods and workspaces for others into a folder; HEPData, gLike, LklCom, pyhf read them."""
    config = configured(config_file, products=products, seed=seed)
    from core.products.store import ProductStore
    from flows.command_export import export_results

    store = ProductStore(config.product_root, config.analysis, config.sample)
    export_results(config, store, to, licence, cite or [], wide_console())
    store.memory.save()
