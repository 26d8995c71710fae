"""The published spectra as products: what `spectra.source` would read, for every pair that the file holds."""

from pathlib import Path

from core.errors import InputError, PhysicsError
from core.products.recipe import ProductKey
from core.published.imported import ImportedFiles, ImportedProduct
from core.spectra import spectra_table
from core.spectra.published import read_published_spectra

WARNING = "the published oscillation returned its input; the spectra are taken as they are, every species alike"


def read_spectra(path: Path) -> ImportedFiles:
    """Return one `spectra` product for each pair; densities in GeV^-1 per species, the same made and at Earth.

    InputError names what the file lacks or holds wrongly, and a pair that is closed.
    """
    products = []
    for channel, masses in read_published_spectra(path).pairs.items():
        for mass in sorted(masses):
            try:
                table = spectra_table(channel, mass, path)
            except PhysicsError as error:
                raise InputError(f"{path}: channel {channel}, mass {mass:g}: {error}") from error
            products.append(ImportedProduct(ProductKey("spectra", {"channel": channel, "mass": mass}), table))
    n_rows = sum(product.table.num_rows for product in products)
    return ImportedFiles("spectra", (path,), "core.published.spectra", tuple(products), n_rows, (WARNING,))
