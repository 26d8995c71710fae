"""Streams belong to trials: known answers of Philox, and nothing shared between pairs."""

import numpy as np
import pytest

from core.errors import PhysicsError
from core.random.multinomial import philox_block
from core.random.streams import N_TRIAL_INDICES, check_stream, injection_label, stream_seed


@pytest.mark.parametrize(
    ("seed", "counter", "expected"),
    [  # the known-answer vectors of the Random123 distribution, philox4x32 10
        (0, (0, 0, 0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
        (2**64 - 1, (2**32 - 1,) * 4, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
        (
            0x299F31D0_A4093822,
            (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
            (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
        ),
    ],
)
def test_philox_known_answers(seed, counter, expected):
    words = philox_block(tuple(np.uint64(c) for c in (seed, *counter[1:])), counter[0])
    assert tuple(int(word) for word in words) == expected


def test_stream_seed_is_fixed_for_ever():
    assert stream_seed(1, "background_trials", "bb", 10.0) == 5773020427984856700


def test_stream_seed_depends_on_everything_and_on_meaning_alone():
    reference = stream_seed(1, "background_trials", "bb", 10.0)
    assert stream_seed(1, "background_trials", "b", 10) == reference
    others = {
        stream_seed(2, "background_trials", "bb", 10.0),
        stream_seed(1, "signal_trials", "bb", 10.0),
        stream_seed(1, "background_trials", "tautau", 10.0),
        stream_seed(1, "background_trials", "bb", 20.0),
    }
    assert len(others | {reference}) == 5


def test_labels_of_means_and_numbers_never_meet():
    assert injection_label(17, poisson=False) == 17
    assert injection_label(17.0, poisson=True) >= 2**23
    assert injection_label(17.0, poisson=True) != injection_label(17.5, poisson=True)


@pytest.mark.parametrize(("seed", "first", "n"), [(-1, 0, 1), (2**64, 0, 1), (0, -1, 1), (0, N_TRIAL_INDICES, 1)])
def test_streams_that_do_not_fit_are_refused(seed, first, n):
    with pytest.raises(PhysicsError, match="outside"):
        check_stream(seed, first, n)
