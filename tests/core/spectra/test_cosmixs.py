import numpy as np
import pytest

from core.spectra import annihilation_spectrum
from core.spectra.cosmixs import COSMIXS_FILES, cosmixs_column_names

HEADER = "# DM \t    Log10[x]     dNdx[ tauL ]   \t\tdNdx[ tau\t]      dNdLog10x [nue] \t\tdNdx[ W\t]"
CENTRES = np.round(np.arange(-8.955, 0.0, 0.09), 3)


@pytest.fixture
def folder(tmp_path):
    rows = [f"{mass:g}    {x:.4f}    9.0 \t    0.5\t   0.0\t    0.0" for mass in (5.0, 50.0) for x in CENTRES]
    for name in COSMIXS_FILES:
        (tmp_path / name).write_text("\n".join([HEADER, *rows]) + "\n")
    return tmp_path


def test_names_stand_in_brackets():
    assert cosmixs_column_names(HEADER) == ["DM", "Log10[x]", "tauL", "tau", "nue", "W"]


def test_bins_keep_their_content(folder):
    spectrum = annihilation_spectrum("tautau", 20.0, "nutau", folder)
    assert spectrum.multiplicity() == pytest.approx(0.5 * 0.09 * len(CENTRES))
    assert spectrum.energy_fraction() == pytest.approx(0.5 * 0.09 * (10.0**CENTRES).sum() / 2.0)
    assert spectrum.energy[-1] == pytest.approx(20.0)


def test_the_line_that_the_tables_leave_out_is_added(folder):
    assert annihilation_spectrum("nuenue", 20.0, "nuebar", folder).lines == ((20.0, 1.0),)
    assert annihilation_spectrum("nuenue", 20.0, "numu", folder).lines == ()
