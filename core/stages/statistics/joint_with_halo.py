"""The joint statistic for dwarf galaxies and the Galactic halo: one signal, at one cross section or decay rate.

From its cells on it is the joint statistic; n_s counts events of both.
"""

from dataclasses import replace

import pyarrow as pa

from core.pdfs.halo import with_halo
from core.pdfs.one_sky import ratio_cells
from core.stages.inputs import Inputs
from core.stages.stage import Parameters
from core.stages.statistics.joint import JOINT


def make_cells(inputs: Inputs, parameters: Parameters) -> pa.Table:
    """Merge the sky into cells of nearly equal ratio of the signal of both to background."""
    together = with_halo(inputs["signal_pdf"], inputs["halo_pdf"])
    return ratio_cells(together, inputs["background_pdf"], parameters["background"], parameters["n_cells"])


JOINT_WITH_HALO = replace(
    JOINT,
    one_sky=None,
    halo="same_cross_section",
    hypothesis="dwarfs and {profile} halo at one {strength}",
    density_stages=("signal_pdf", "halo_pdf", "ratio_cells"),
    signal_stages=("signal_pdf", "halo_pdf"),
    make_cells=make_cells,
)
