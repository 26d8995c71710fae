"""Settings of trials: enough of them, at three different numbers of injected events at least."""

import pytest
from pydantic import ValidationError

from core.configuration.trials import MIN_N_INJECTED, TrialSettings


def test_three_different_numbers_of_events_are_injected() -> None:
    assert TrialSettings(injected_over_uncertainty=(0.5, 1, 2)).injected_over_uncertainty == (0.5, 1.0, 2.0)
    for values in ((1.0, 2.0), (1.0, 1.0, 2.0), (1.0, 2.0, 0.0), (1.0, 2.0, 21.0), (1.0, 2.0, "3")):
        with pytest.raises(ValidationError):
            TrialSettings(injected_over_uncertainty=values)
    assert len(TrialSettings().injected_over_uncertainty) >= MIN_N_INJECTED


@pytest.mark.parametrize(
    ("name", "least"), [("n_background", 100), ("n_signal", 100), ("n_tail", 10_000), ("shard_size", 1)]
)
def test_there_are_enough_trials(name: str, least: int) -> None:
    assert getattr(TrialSettings(**{name: least}), name) == least
    for value in (least - 1, 0.5 + least, str(least)):
        with pytest.raises(ValidationError):
            TrialSettings(**{name: value})


def test_trials_are_kept_as_rows_or_as_a_histogram() -> None:
    assert TrialSettings().keep == "rows"
    assert TrialSettings(keep="histogram").keep == "histogram"
    with pytest.raises(ValidationError):
        TrialSettings(keep="nothing")
