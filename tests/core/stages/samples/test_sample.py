"""Which settings belong to which sample, and the bins that each is described in."""

import numpy as np
import pytest

from core.configuration.config import Config, read_config
from core.errors import ConfigError
from core.products.recipe import ProductKey
from core.simulation.seasons import SEASONS
from core.stages.event_inputs import event_source
from core.stages.registry import EVENT_STAGES, stages_of
from core.stages.samples import reco_energy_range, sample_bins

SIGNAL = {"channel": "Tau", "mass": 20.0, "sigma_v": 1e-20}


def test_each_sample_has_bins_of_its_own_unless_told() -> None:
    assert reco_energy_range(Config()) == pytest.approx((5.62, 56.2), rel=1e-3)
    assert reco_energy_range(Config(sample="simulated-7y")) == pytest.approx((5.62, 1000.0), rel=1e-3)
    told = Config(sample="simulated-7y", bins={"reco_energy_edges": (5.0, 20.0, 80.0)})
    assert sample_bins(told).reco_energy_edges.tolist() == [5.0, 20.0, 80.0]
    np.testing.assert_array_equal(
        sample_bins(told).reco_cos_zenith_edges, sample_bins(Config(sample="simulated-7y")).reco_cos_zenith_edges
    )


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"bins": {"reco_energy_edges": [1, 2, 3]}}, "bins is set, but sample = 'public-3y'"),
        ({"simulated": {"n_simulated": 100}}, "simulated is set, but sample = 'public-3y'"),
        ({"statistic": {"name": "j_weighted", "signal": "published"}}, "statistic.signal is set, but sample"),
        ({"sample": "simulated-7y", "events": {"data": ["x.i3"]}}, "events is set, but sample = 'simulated-7y'"),
        ({"sample": "simulated-7y", "bins": {"reco_energy_edges": [3, 2, 9]}}, "in rising order"),
        ({"sample": "simulated-7y", "bins": {"reco_cos_zenith_edges": [-1, 0, 0.5]}}, "from -1 to 1"),
        ({"sample": "simulated-7y", "analysis": "public-3y"}, "is the name of the public analysis"),
        (
            {"sample": "simulated-7y", "simulated": {"injected": [SIGNAL | {"mass": 21.0}]}},
            "simulated.injected: tautau at 21 GeV is not among the pairs",
        ),
    ],
)
def test_settings_of_another_sample_are_refused(values: dict[str, object], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        read_config(None, **values)


def test_the_simulated_analysis_goes_by_the_name_of_its_sample() -> None:
    config = read_config(None, sample="simulated-7y")
    assert config.analysis == "simulated-7y"
    assert set(EVENT_STAGES) <= set(stages_of(config))
    assert not set(EVENT_STAGES) & set(stages_of(Config()))


def test_an_injected_signal_is_a_part_of_the_data_made_from_sources_and_spectra() -> None:
    config = Config(sample="simulated-7y", simulated={"injected": (SIGNAL,), "n_simulated": 4_200_000})
    source = event_source(config)
    data, simulation = source.parts(config, "data"), source.parts(config, "mc")
    assert list(data) == list(simulation) == list(SEASONS)
    atmospheric, signal = data[SEASONS[0]]
    assert atmospheric.inputs == ()
    assert signal.inputs == (ProductKey("sources"), ProductKey("spectra", {"channel": "tautau", "mass": 20.0}))
    assert len(simulation[SEASONS[0]]) == 2
    assert len(source.good_runs(config)[SEASONS[0]].inputs) == 2
