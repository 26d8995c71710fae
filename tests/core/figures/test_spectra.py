import numpy as np
import pytest

from core.errors import PhysicsError
from core.figures.spectra import (
    flavour_triangle_figure,
    spectra_by_channel_figure,
    spectra_by_mass_figure,
    spectra_ratio_figure,
)
from core.spectra import produced_spectra, spectra_at_earth
from core.spectra.table_comparison import comparison


def pairs(*names):
    return [produced_spectra(*name) for name in names], [spectra_at_earth(*name) for name in names]


def test_channels_of_one_mass_stand_in_four_panels():
    figure = spectra_by_channel_figure(*pairs(("bb", 150.0), ("nunu", 150.0)), flavour="nutau")
    assert len(figure.axes) == 4
    upper, lower = figure.axes[0], figure.axes[2]
    assert upper.get_title(loc="left").startswith("$m_\\chi$ = 150 GeV")
    drawn = upper.get_lines()[0]
    assert drawn.get_xdata().max() <= 150.0
    assert lower.get_xlim()[1] > 1.0
    assert len(upper.get_lines()) == 3, "two continua and the head of one line"


def test_masses_of_one_channel_stand_in_four_panels():
    figure = spectra_by_mass_figure(*pairs(("tautau", 10.0), ("tautau", 100.0), ("tautau", 300.0)))
    labels = [text.get_text() for text in figure.axes[1].get_legend().get_texts()]
    assert labels == ["10 GeV", "100 GeV", "300 GeV"]


def test_mixed_subjects_are_refused():
    with pytest.raises(PhysicsError, match="one mass, not for 2"):
        spectra_by_channel_figure(*pairs(("bb", 10.0), ("bb", 20.0)))
    with pytest.raises(PhysicsError, match="one channel, not for 2"):
        spectra_by_mass_figure(*pairs(("bb", 10.0), ("mumu", 10.0)))
    with pytest.raises(PhysicsError, match="nothing to compare"):
        spectra_ratio_figure([])


def test_ratio_to_itself_is_one():
    figure = spectra_ratio_figure(comparison("pythia", channels=("bb", "mumu"), masses=(10.0, 100.0)))
    assert len(figure.axes) == 2
    assert figure.axes[0].get_lines()[0].get_ydata() == pytest.approx(np.ones(2))


def test_flavours_move_towards_the_middle_of_the_triangle():
    middle = np.full(3, 1.0 / 3.0)
    figure = flavour_triangle_figure({"bb": np.array([1.0, 0.0, 0.0])}, {"bb": middle}, "50 GeV")
    assert figure.axes[0].get_title().startswith("50 GeV")
    arrow = [line for line in figure.axes[0].get_lines() if len(line.get_xdata()) == 2][-1]
    assert arrow.get_xdata() == pytest.approx([0.0, 0.5])
    assert arrow.get_ydata() == pytest.approx([0.0, np.sqrt(3.0) / 6.0])
