"""All files of the public sample that this package ships, made anew from the release: one call."""

from pathlib import Path

from core.response.build import rebuild
from core.response.folded import SHIPPED_FOLDED_RESPONSE, write_shipped_folded_response
from core.response.hyperplane_build import write_shipped_hyperplanes, write_shipped_muons
from core.response.hyperplanes import SHIPPED_HYPERPLANES
from core.response.muons import SHIPPED_MUONS
from core.response.shipping import provenance, write_response


def write_shipped_files(release: Path, response: Path) -> tuple[Path, ...]:
    """Write the response to a file, and beside it what atmospheric fits need; return the files.

    Those are the folded simulation, the detector's slopes and the muons, under the names that are shipped. InputError
    for a release whose files cannot be read.
    """
    write_response(rebuild(release), response, provenance(release))
    writers = {
        SHIPPED_FOLDED_RESPONSE: write_shipped_folded_response,
        SHIPPED_HYPERPLANES: write_shipped_hyperplanes,
        SHIPPED_MUONS: write_shipped_muons,
    }
    written = [response]
    for shipped, write in writers.items():
        written.append(response.parent / shipped.name)
        write(release, written[-1])
    return tuple(written)
