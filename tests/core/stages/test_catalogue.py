"""The catalogue as recipes name it: by its content; where it lies is a hint."""

from pathlib import Path

from core.configuration.config import Config
from core.stages.catalogue import catalogue_in, catalogue_parameters

CATALOGUE = "source,ra_deg,dec_deg,distance_kpc,half_light_radius_arcmin,log10_j_factor_0.5deg\nA,10,20,30,1,18\n"


def test_the_embedded_one_needs_no_path() -> None:
    parameters, hints = catalogue_parameters(Config())
    assert parameters["embedded"] is True
    assert hints == {}
    assert len(catalogue_in(parameters)) > 20


def test_an_own_one_is_read_from_where_it_lies(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text(CATALOGUE)
    config = Config(sources={"catalogue": str(path)})
    parameters, hints = catalogue_parameters(config)
    assert hints == {"catalogue": str(path)}
    assert str(path) not in str(parameters)
    assert catalogue_in(parameters | hints)["source"].tolist() == ["A"]
    path.write_text(CATALOGUE.replace("18", "19"))
    assert catalogue_parameters(config)[0] != parameters
