"""The commands about an observed sky: the unblinding, and the proof that its limits hold."""

from typing import Annotated

import typer

from flows.cli_options import ConfigFile, Products, Seed, Verbose, Workers, configured
from flows.progress import wide_console


def unblind(
    config_file: ConfigFile = None,
    products: Products = None,
    seed: Seed = None,
    i_mean: Annotated[
        str | None, typer.Option("--i-mean", help="The digest that is meant, in place of typing it.")
    ] = None,
    again: Annotated[bool, typer.Option("--again", help="Open what has been opened before once more.")] = False,
    drawn_sky: Annotated[
        int | None, typer.Option(min=0, help="Seed of a drawn sky, of a sample without right ascension.")
    ] = None,
    workers: Workers = None,
    verbose: Verbose = False,
) -> None:
    """Open the observed sky, after showing what that is and asking; then fit it and limit cross sections."""
    config = configured(config_file, products=products, seed=seed)
    if drawn_sky is not None:
        config = config.model_copy(update={"limits": config.limits.model_copy(update={"drawn_sky": drawn_sky})})
    from flows.command_unblind import run_unblinding

    raise typer.Exit(run_unblinding(config, i_mean, again, workers, verbose))


def certify(
    config_file: ConfigFile = None,
    products: Products = None,
    seed: Seed = None,
    pair: Annotated[list[str] | None, typer.Option(help="A pair such as tautau/20; may be given again.")] = None,
    skies: Annotated[int | None, typer.Option(min=50, help="Pseudo-skies of each true cross section.")] = None,
) -> None:
    """Prove by pseudo-skies of known cross sections that limits cover; exit code 1 if a bound does not hold."""
    config = configured(config_file, products=products, seed=seed)
    if skies is not None:
        config = config.model_copy(update={"limits": config.limits.model_copy(update={"n_certificate_skies": skies})})
    from core.products.store import ProductStore
    from flows.command_certify import certify as make_certificates

    store = ProductStore(config.product_root, config.analysis, config.sample)
    raise typer.Exit(0 if make_certificates(config, store, pair or [], wide_console()) else 1)
