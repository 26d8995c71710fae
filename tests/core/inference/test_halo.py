"""What the halo does to the public pairs: what the project states of it, and the closed forms behind it."""

import numpy as np
import pytest

from core.dark_matter.halo import PROFILES, within_angle
from core.glossary import GLOSSARY
from core.inference.halo import TREATMENTS, halo_product
from core.likelihood.closed_form import closed_form
from core.likelihood.two_templates import information_matrix
from core.pdfs.joint_cells import merge_jointly
from core.response import public_response
from core.spectra import spectra_table
from tests.core.pdfs.halo_pairs import halo_pair
from tests.core.pdfs.public_pairs import public_pair

PAIR = ("tautau", 20.0)
SIGMA_V = 4.4e-21  # about the sensitivity of that pair

# Stated from a direct sum over pixels' middles, which takes the cusp of NFW 0.5 % too large.
STATED = {"nfw": (924.0, 159_833.0, -32_100.0, 718.0), "burkert": (733.0, None, -18_700.0, 339.0)}


@pytest.mark.parametrize("profile", STATED)
def test_the_halo_outshines_the_galaxies_as_stated(profile: str) -> None:
    brightness, n_events, pull, gain = STATED[profile]
    both = halo_pair(*PAIR, profile)
    found = both.information()
    sources = both.pair.expected.sources["j_factor"].to_numpy().sum()
    assert within_angle(PROFILES[profile]) / sources == pytest.approx(brightness, rel=0.01)
    if n_events is not None:
        assert found.n_events_per_strength * SIGMA_V == pytest.approx(n_events, rel=0.01)
    assert found.pull_per_strength * SIGMA_V == pytest.approx(pull, rel=0.01)
    matrix = information_matrix(both.pair.sky()[2], *both.ratios())
    errors = np.sqrt(np.diag(matrix)) * np.array([both.n_s_per_sigma_v, both.halo_per_sigma_v])
    assert errors[1] / errors[0] == pytest.approx(gain, rel=0.01)
    assert found.information_share == pytest.approx(gain**2 / (1.0 + gain**2), abs=1e-6)


def test_the_treatments_are_those_of_the_likelihood() -> None:
    both = halo_pair(*PAIR, "burkert")
    found = both.information()
    assert tuple(found.sensitivity) == TREATMENTS
    assert found.sensitivity["none"] == pytest.approx(
        both.pair.closed_form().sensitivity / both.n_s_per_sigma_v, rel=1e-3
    )
    # Beside a free halo the galaxies' error grows by 1/sqrt(1 - correlation^2).
    widened = 1.0 / np.sqrt(1.0 - found.correlation**2)
    assert found.sensitivity["free"] / found.sensitivity["none"] == pytest.approx(widened, rel=0.01)
    # At one cross section the halo decides, but for the galaxies that stand where it is faint.
    assert found.sensitivity["same_cross_section"] == pytest.approx(found.halo_sensitivity, rel=0.01)
    assert found.sensitivity["same_cross_section"] < 0.01 * found.sensitivity["none"]


def test_merged_cells_of_both_ratios_lose_nothing_that_matters() -> None:
    both = halo_pair(*PAIR, "nfw")
    signal, _, background = both.pair.sky()
    cells = merge_jointly(*both.ratios(), background, signal, both.halo["signal_probability"].to_numpy())
    assert np.all(np.abs(cells.information_loss) < 5e-4)
    merged = closed_form(cells.background, cells.beside, cells.ratio_beside, both.n_events)
    assert merged.sensitivity / both.halo_per_sigma_v == pytest.approx(both.information().halo_sensitivity, rel=1e-3)


@pytest.mark.slow
def test_the_product_has_a_row_a_profile_and_only_words_of_the_glossary() -> None:
    pair = public_pair(*PAIR)
    inputs = (public_response().to_table(), spectra_table(*PAIR), pair.expected.sources)
    table = halo_product(*inputs, pair.signal_pdf(), pair.background, PAIR[1], list(PROFILES.values()))
    assert table["profile"].to_pylist() == list(PROFILES)
    for field in table.schema:
        assert GLOSSARY[field.name].dtype == field.type
    frame = table.to_pandas().set_index("profile")
    both = halo_pair(*PAIR, "nfw").information()
    assert frame.loc["nfw", "n_events_per_sigma_v"] == pytest.approx(both.n_events_per_strength)
    assert frame.loc["nfw", "sigma_v_sensitivity_asimov_free"] == pytest.approx(both.sensitivity["free"])
    assert np.all(frame["information_share"] > 0.99)
    assert frame["j_all_sky"]["einasto"] > frame["j_all_sky"]["nfw"] > frame["j_all_sky"]["burkert"]
