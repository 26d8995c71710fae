"""The stage `j_profile`: the expected limit with J factors free, weaker than with J fixed, and its recipe."""

import numpy as np
import pytest

from core.inference.j_limits import N_GAUSSIAN_SKIES
from core.inference.robustness import asymptotic_sensitivity
from core.pdfs.source_information import information_of_table
from core.stages.j_profile import make
from tests.core.stages.analyses import CHANNEL, MASS, Analysis


def test_with_j_fixed_it_is_the_sensitivity_of_the_information(joint: Analysis) -> None:
    row = joint.row("j_profile")
    wanted = asymptotic_sensitivity(information_of_table(joint.table("source_information")))
    assert row["sigma_v_sensitivity_fixed_j"] == pytest.approx(wanted, rel=1e-9)


def test_free_factors_weaken_the_limit_and_a_larger_fall_weakens_it_more(joint: Analysis) -> None:
    row = joint.row("j_profile")
    fixed, profiled, gaussian = (
        row[f"sigma_v_sensitivity_{name}"] for name in ("fixed_j", "profiled_j", "profiled_j_gaussian_fall")
    )
    assert fixed < gaussian <= profiled
    assert row["sigma_v_profiled_j_band_lo68"] < profiled < row["sigma_v_profiled_j_band_hi68"]
    assert 0.0 < row["sigma_v_sensitivity_profiled_j_error"] < 0.15 * profiled


def test_its_fall_is_the_largest_that_was_calibrated(joint: Analysis) -> None:
    row, falls = joint.row("j_profile"), joint.table("j_calibration")["likelihood_fall"].to_numpy()
    assert row["likelihood_fall"] == pytest.approx(falls.max())
    assert row["calibrated_on"] == f"{CHANNEL}/{MASS:g}"


def test_the_recipe_names_seed_skies_and_the_pair_that_was_calibrated(joint: Analysis) -> None:
    (recipe,) = joint.recipes("j_profile")
    assert recipe.parameters == {
        "seed": joint.config.seed,
        "calibrated_on": f"{CHANNEL}/{MASS:g}",
        "n_skies": N_GAUSSIAN_SKIES,
    }
    assert joint.inputs("j_profile") == {"sources", "source_information", "j_calibration"}


def test_another_seed_moves_the_median_by_its_error_and_nothing_else(joint: Analysis) -> None:
    inputs = {name: joint.table(name) for name in ("sources", "source_information", "j_calibration")}
    rows = [
        make(inputs, {"seed": seed, "n_skies": 32, "calibrated_on": "x"}).to_pylist()[0]  # type: ignore[arg-type]
        for seed in (1, 2)
    ]
    assert rows[0]["sigma_v_sensitivity_fixed_j"] == rows[1]["sigma_v_sensitivity_fixed_j"]
    medians = [row["sigma_v_sensitivity_profiled_j"] for row in rows]
    errors = [row["sigma_v_sensitivity_profiled_j_error"] for row in rows]
    assert 0.0 < abs(medians[0] - medians[1]) < 4.0 * float(np.hypot(*errors))
