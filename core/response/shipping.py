"""The file in which a response is shipped: its table in single precision, with where it came from."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from core.errors import InputError
from core.events.public_release import RELEASE_DOI, SIMULATION_FILE
from core.files import MIB, TORN_PARQUET, read_parquet
from core.products.digests import digest_of_file, digest_of_parameters
from core.response import build, selection_factors
from core.response.model import COARSE_FIELDS, EDGE_FIELDS, FINE_FIELDS, Response

# Fields that are probabilities, and what single precision may add to one.
SHARES = ("energy_migration", "tail_fraction")
ROUNDING = 1e-5
MOST_RESPONSE = 1024 * MIB


def provenance(release: Path) -> dict[str, str]:
    """Return where a response built from the release comes from: publication, file, code, settings."""
    folder = Path(__file__).parent
    code = ("build.py", "kernels.py", "mixture_fit.py", "model.py", "selection_factors.py")
    return {
        "source": f"IceCube public data release, DOI {RELEASE_DOI}",
        "papers": "arXiv:1901.05366, arXiv:1707.07081",
        "file": f"{SIMULATION_FILE} {digest_of_file(release / SIMULATION_FILE)}",
        "code": digest_of_parameters([digest_of_file(folder / name) for name in code]),
        "bins_per_decade": str(build.BINS_PER_DECADE),
        "fit_spectral_index": str(build.FIT_SPECTRAL_INDEX),
        "n_passes": str(build.N_PASSES),
        "min_effective_events": str(build.MIN_EFFECTIVE_EVENTS),
        "prior_events": str(selection_factors.PRIOR_EVENTS),
    }


def write_response(response: Response, path: Path, origin: dict[str, str]) -> None:
    """Write a response and its provenance as Parquet, lists of values in single precision."""
    table = response.to_table()
    for name in (*FINE_FIELDS, *COARSE_FIELDS):
        column = table.column_names.index(name)
        table = table.set_column(column, name, table[name].cast(pa.list_(pa.float32())))
    pq.write_table(table.replace_schema_metadata(origin), path, compression="zstd", compression_level=19)


def read_response(path: Path) -> Response:
    """Return the response that a file holds; InputError if it is no Parquet file or its table is no response."""
    table = read_parquet(path, most_bytes=MOST_RESPONSE)
    try:
        response = Response.from_table(table)
        _refuse_impossible(response)
    except TORN_PARQUET as error:
        raise InputError(f"{path}: holds no response: {error}") from error
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    return response


def _refuse_impossible(response: Response) -> None:
    """Raise InputError for values that no response has: areas, probabilities, widths, edges, livetime."""
    for name in (*FINE_FIELDS, *COARSE_FIELDS):
        values, highest = getattr(response, name), 1.0 if name in SHARES else np.inf
        if (
            not name.endswith("_error")
            and not ((values >= 0.0) & (values <= highest + ROUNDING) & (values < np.inf)).all()
        ):
            allowed = "0 to 1" if name in SHARES else "finite numbers, 0 or more,"
            raise InputError(f"response: {name} holds values that none can have; {allowed} are due")
    for name in (*EDGE_FIELDS, "true_energy_edges", "angular_energy_edges"):
        edges, is_energy = getattr(response, name), "energy" in name
        is_allowed = edges > 0.0 if is_energy else np.abs(edges) <= 1.0 + ROUNDING
        if len(edges) < 2 or not (np.diff(edges) > 0.0).all() or not np.isfinite(edges).all() or not is_allowed.all():
            allowed = "above 0 GeV" if is_energy else "from -1 to 1"
            raise InputError(f"response: {name} must rise, {allowed}")
    if not 0.0 < response.livetime < np.inf:
        raise InputError(f"response: a livetime of {response.livetime} s; a finite number above 0 is due")


def rounded(response: Response) -> Response:
    """Return a response as it is after shipping: values in single precision."""
    values = {
        name: getattr(response, name).astype(np.float32).astype(np.float64) for name in FINE_FIELDS + COARSE_FIELDS
    }
    return Response(**{**vars(response), **values})
