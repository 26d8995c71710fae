"""Expected events about single sources, against closed forms."""

from dataclasses import replace

import numpy as np
import pytest

from core.glossary import GLOSSARY
from core.pdfs.source_background import angle_bins
from core.pdfs.source_counts import CONTAINMENT, containment_angles, source_counts
from core.pdfs.source_signal import response_signal
from core.signal.energy_range import reconstructed_signal
from tests.core.pdfs.public_pairs import public_pair


def test_angles_that_hold_a_share_of_a_vmf_kernel() -> None:
    """1 - exp[-kappa (1 - cos x)] of a narrow kernel lies within x."""
    kappa, edges = np.array([4.0, 30.0]), angle_bins(36)
    below = -np.expm1(-kappa[:, None] * (1.0 - np.cos(edges)))
    found = containment_angles(np.diff(below, axis=1), edges)
    expected = np.arccos(1.0 + np.log(1.0 - CONTAINMENT * below[:, -1]) / kappa)
    np.testing.assert_allclose(found, expected, atol=2e-3)


@pytest.mark.parametrize("window", [None, (7.0, 20.0)])
def test_signal_and_background_within_the_opening_angle(window: tuple[float, float] | None) -> None:
    pair = public_pair("tautau", 20.0)
    found = source_counts(pair.expected, pair.background, window)
    edges = angle_bins(240)
    entries = response_signal(pair.expected, edges, window)[:3]
    for row, angle in zip(entries, found["opening_angle"].to_numpy(), strict=False):
        assert row[edges[1:] <= angle].sum() / row.sum() == pytest.approx(CONTAINMENT, abs=0.02)
    dec, extent = (pair.expected.sources[name].to_numpy() for name in ("dec", "half_light_radius"))
    inside = slice(None) if window is None else slice(0, 5)  # 5.6 to 23.7 GeV
    by_energy = reconstructed_signal(pair.expected.response, pair.expected.acceptance, dec, extent)[inside]
    signal = found["n_signal_in_angle_per_sigma_v"].to_numpy()
    assert signal.sum() == pytest.approx(CONTAINMENT * by_energy.sum(), rel=1e-9)
    energies = pair.expected.response.reco_energy_edges[:-1][inside]
    assert found["window_low"].to_numpy() == pytest.approx(energies[0])
    rows = pair.background.to_pandas()
    n_events = rows[rows["reco_energy_low"].isin(energies)]["n_events"].sum()
    background, caps = (
        found["n_background_in_angle"].to_numpy(),
        0.5 * (1.0 - np.cos(found["opening_angle"].to_numpy())),
    )
    assert np.all(background < 1.5 * n_events * caps)
    assert np.all(background > 0.5 * n_events * caps)


def test_a_source_that_the_detector_does_not_see_has_no_row() -> None:
    pair = public_pair("tautau", 20.0)
    acceptance = pair.expected.acceptance
    blind = np.ones(len(acceptance.n_s_per_strength))
    blind[1] = 0.0
    seen_counts = acceptance.signal_counts * blind[:, None, None, None, None]
    changed = replace(acceptance, signal_counts=seen_counts, n_s_per_strength=acceptance.n_s_per_strength * blind)
    found = source_counts(replace(pair.expected, acceptance=changed), pair.background)
    names = pair.expected.sources["source"].to_pylist()
    assert found["source"].to_pylist() == [*names[:1], *names[2:]]
    whole = source_counts(pair.expected, pair.background)
    assert found["opening_angle"].to_pylist() == [
        *whole["opening_angle"].to_pylist()[:1],
        *whole["opening_angle"].to_pylist()[2:],
    ]


def test_background_about_a_source_is_that_of_events_put_there() -> None:
    """Events of the bins spread evenly over each band of zenith and right ascension, and counted about the source."""
    pair, rng = public_pair("bb", 10.0), np.random.default_rng(5)
    found = source_counts(pair.expected, pair.background).to_pandas()
    rows = pair.background.to_pandas().groupby(["reco_cos_zenith_low", "reco_cos_zenith_high"])["n_events"].sum()
    n_copies, sin_dec = 20, []
    for (low, high), n_events in rows.items():
        sin_dec.append(-rng.uniform(low, high, n_copies * int(n_events)))
    sine = np.concatenate(sin_dec)
    ra = rng.uniform(0.0, 2.0 * np.pi, len(sine))
    for source in (0, 11):
        dec, counts = pair.expected.sources["dec"][source].as_py(), found.loc[source]
        cosine = np.sin(dec) * sine + np.cos(dec) * np.sqrt(1.0 - sine**2) * np.cos(ra)
        counted = np.count_nonzero(cosine > np.cos(counts["opening_angle"])) / n_copies
        error = np.sqrt(counts["n_background_in_angle"] / n_copies)
        assert abs(counted - counts["n_background_in_angle"]) < 4.0 * error


def test_the_table_speaks_the_words_of_the_glossary() -> None:
    pair = public_pair("tautau", 20.0)
    table = source_counts(pair.expected, pair.background)
    assert table["source"].to_pylist() == pair.expected.sources["source"].to_pylist()
    for field in table.schema:
        assert field.type == GLOSSARY[field.name].dtype
