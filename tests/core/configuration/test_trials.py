"""Settings of trials: enough of them, at three different numbers of injected events at least."""

import re

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


@pytest.mark.parametrize(("n_background", "shard_size", "n_shards"), [(100, 1, 100), (101, 50, 3), (1000, 5000, 1)])
def test_a_number_of_trials_is_cut_into_shards_of_which_the_last_may_be_smaller(
    n_background: int, shard_size: int, n_shards: int
) -> None:
    settings = TrialSettings(
        n_background=n_background, n_signal=100, shard_size=shard_size, injected_over_uncertainty=(1, 2, 3)
    )
    of_signal = 3 * max(1, 100 // shard_size)
    assert settings.n_shards(1) == n_shards + of_signal
    assert settings.n_shards(44) == 44 * (n_shards + of_signal)


def test_shards_that_no_status_could_list_are_complained_of_with_a_size_that_does() -> None:
    settings = TrialSettings(n_background=10_000_000_000, shard_size=1)
    complaint = settings.complaint(44)
    assert complaint is not None
    assert "trials.shard_size = 1 cuts the trials of 44 pairs into 440,003,960,000 files" in complaint
    (enough,) = re.findall(r"([\d,]+) is enough", complaint)
    size = int(enough.replace(",", ""))
    assert settings.model_copy(update={"shard_size": size}).complaint(44) is None
    assert settings.model_copy(update={"shard_size": size // 2}).complaint(44) is not None


def test_one_file_for_each_product_is_never_too_many() -> None:
    assert TrialSettings().complaint(5_000) is None
    assert TrialSettings(injected_over_uncertainty=tuple(0.1 * step for step in range(1, 101))).complaint(5_000) is None
