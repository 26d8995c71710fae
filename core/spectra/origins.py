"""Which table a `source` names: our own, a folder of PPPC or CosmiXs tables, or a file of the published analysis."""

from functools import lru_cache
from pathlib import Path

from core.errors import InputError
from core.spectra.cosmixs import COSMIXS_FILES, read_cosmixs
from core.spectra.pppc import PPPC_FILES, PPPC_FILES_NO_EW, read_pppc
from core.spectra.published import read_published_spectra
from core.spectra.shipped import SHIPPED_SPECTRA, shipped_table
from core.spectra.table import SpectrumTable

Fingerprint = tuple[tuple[str, int, int], ...]


def spectrum_table(source: str | Path = "pythia") -> SpectrumTable:
    """Return the table that a source names, read once as long as its files stay the same.

    "pythia" is the shipped table. A folder is looked through for PPPC tables with electroweak corrections, then for
    those without (a folder of their own selects them), then for CosmiXs tables. A `.npy` file is a dict of spectra of
    the published analysis. Raises InputError when there is nothing of these.
    """
    if str(source) == "pythia":
        return shipped_table()
    return _read(Path(source), source_fingerprint(source))


def source_fingerprint(source: str | Path) -> Fingerprint:
    """Return name, size and time of change of each file behind a source; InputError when there are none."""
    path = SHIPPED_SPECTRA if str(source) == "pythia" else Path(source)
    files = sorted(path.glob("*.dat")) if path.is_dir() else [path]
    try:
        stats = [(str(file), file.stat()) for file in files]
    except OSError as error:
        raise InputError(f"{path}: no table of spectra stands there ({error.strerror})") from error
    return tuple((name, stat.st_size, stat.st_mtime_ns) for name, stat in stats)


@lru_cache(maxsize=8)
def _read(path: Path, _fingerprint: Fingerprint) -> SpectrumTable:
    if path.is_file():
        return read_published_spectra(path)
    for files, reader in ((PPPC_FILES, read_pppc), (PPPC_FILES_NO_EW, read_pppc), (COSMIXS_FILES, read_cosmixs)):
        found = [path / name for name in files]
        if any(file.exists() for file in found):
            return reader(path, files)
    raise InputError(
        f"{path}: no tables of spectra stand there; expected {PPPC_FILES[0]}, {PPPC_FILES_NO_EW[0]} or "
        f"{COSMIXS_FILES[0]} and the like"
    )
