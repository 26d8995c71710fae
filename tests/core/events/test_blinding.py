"""Nothing that tells the true right ascension stays, and all of it comes back."""

import numpy as np
import pyarrow as pa
import pytest

from core.errors import InputError
from core.events.blinding import scramble_right_ascension, sealed_directions, unsealed


def test_blind_events_tell_no_right_ascension(sample) -> None:
    events = sample("data", 4000)
    blind = scramble_right_ascension(events, np.random.default_rng(1))
    assert {"mjd", "reco_azimuth"}.isdisjoint(blind.schema.names)
    drawn, true = blind["reco_ra"].to_numpy(), events["reco_ra"].to_numpy()
    assert ((drawn >= 0) & (drawn < 2 * np.pi)).all()
    assert abs(np.corrcoef(drawn, true)[0, 1]) < 0.06
    assert abs(drawn.mean() - np.pi) < 0.15
    for name in ("reco_dec", "reco_zenith", "reco_energy", "run"):
        assert blind[name].equals(events[name])


@pytest.mark.parametrize("kind", ["data", "mc"])
def test_unsealing_gives_the_events_back(sample, kind: str) -> None:
    events = sample(kind)
    blind = scramble_right_ascension(events, np.random.default_rng(1))
    assert unsealed(blind, sealed_directions(events)).to_pydict() == events.to_pydict()


def test_seal_of_other_events_does_not_fit(sample) -> None:
    events, others = sample("data"), sample("data", run=7)
    blind = scramble_right_ascension(events, np.random.default_rng(1))
    with pytest.raises(InputError, match="20 blind and 20 sealed events differ in season, run, event, sub_event"):
        unsealed(blind, sealed_directions(others))


def test_scrambling_depends_on_the_generator_alone(measured: pa.Table) -> None:
    first, second, other = (scramble_right_ascension(measured, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert first.equals(second)
    assert not first.equals(other)
