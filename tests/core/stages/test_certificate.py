"""The certificate of a small analysis of the public sample: its rows, and that few skies decide little."""

from collections import Counter
from pathlib import Path

import pytest

from core.stages.certificate import is_one_likelihood
from core.stages.registry import STAGES, recipes
from core.stages.stage import make_product
from core.stages.unblinding import certificate_verdict
from tests.core.stages.test_unblinding import public
from tests.made_analysis import made_analysis

FIXED = ("", "_unfloored", "_cls", "_likelihood")
DRAWN = ("_unfloored_detector_drawn", "_marginalised_detector", "_unfloored_j_drawn", "_marginalised_j", "_profiled_j")


@pytest.fixture(autouse=True)
def few_trials(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few trials behind the limits of few skies: half a per cent of coverage, of some skies that tell ten."""
    monkeypatch.setattr("core.inference.certificate.N_SIGNAL", 5_000)


def test_one_likelihood_of_one_sky_has_a_certificate(tmp_path: Path) -> None:
    assert is_one_likelihood(public(tmp_path))
    assert not is_one_likelihood(public(tmp_path, statistic={"name": "j_weighted", "skies": "one"}))


@pytest.mark.slow
def test_few_skies_of_the_public_sample_decide_little_and_fail_nothing(tmp_path: Path) -> None:
    config = public(tmp_path)
    config = config.model_copy(update={"limits": config.limits.model_copy(update={"n_certificate_skies": 64})})
    store = made_analysis(config)
    assert certificate_verdict(store).startswith("none stands")
    (recipe,) = recipes(config, store, "certificate")
    make_product(STAGES["certificate"], store, recipe)
    table = store.read("certificate")
    rows = table.to_pylist()
    counted = Counter(row["limit"] for row in rows)
    assert counted == {
        **{f"upper_limit{kind}": 5 for kind in FIXED},
        "feldman_cousins": 5,
        "interval": 5,
        **{f"upper_limit{kind}": 4 for kind in DRAWN},
    }
    sensitivity = store.read("sensitivity")["sigma_v_sensitivity"][0].as_py()
    assert sorted({round(row["sigma_v_true"] / sensitivity, 6) for row in rows}) == [0.0, 0.5, 1.0, 2.0, 5.0]
    assert [row["n_skies"] for row in rows if row["limit"] == "upper_limit_profiled_j"] == [8] * 4
    assert all(row["passed"] is not False for row in rows), [row["reason"] for row in rows]
    assert certificate_verdict(store) == "undecided, too few skies, for tautau at 20 GeV"
