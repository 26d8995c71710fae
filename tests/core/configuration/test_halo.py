"""The settings of the Galactic halo, and what is refused of them."""

import pytest

from core.configuration.config import Config, read_config
from core.configuration.written import config_as_toml
from core.errors import ConfigError


def test_dwarf_galaxies_alone_unless_told() -> None:
    assert (Config().halo.treatment, Config().halo.profile) == ("none", "nfw")
    assert "treatment" in config_as_toml(Config())


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"halo": {"treatment": "some"}}, "halo.treatment = 'some'"),
        ({"halo": {"treatment": "free", "profile": "moore"}}, "halo.profile = 'moore'"),
        ({"halo": {"profile": "burkert"}}, 'profile = "burkert" has no meaning with treatment = "none"'),
        (
            {"halo": {"treatment": "free"}, "statistic": {"name": "j_weighted"}},
            'halo.treatment = "free" needs the statistic "joint"',
        ),
        ({"sources": {"subhalo_boost": 0.5}}, "greater than or equal to 1"),
        ({"process": "decay", "sources": {"catalogue": "x.csv", "subhalo_boost": 2}}, "needs two particles"),
    ],
)
def test_what_cannot_be_meant_is_refused(values: dict[str, object], said: str) -> None:
    with pytest.raises(ConfigError, match=said.replace(".", r"\.")):
        read_config(None, **values)
