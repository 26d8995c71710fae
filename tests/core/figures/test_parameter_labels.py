"""Axes name every cause and parameter in words."""

import pytest

from core.figures.parameter_labels import parameter_label
from core.inference.atmospheric_model import FIT_PARAMETERS
from core.inference.pair_systematics import ENVELOPE
from core.inference.systematics import RESPONSE_CHANGES
from core.response.hyperplanes import KNOWN_PARAMETERS
from core.spectra.variations import ANGLES

NAMES = [parameter.name for parameters in (FIT_PARAMETERS, *KNOWN_PARAMETERS) for parameter in parameters]
NAMES = [*dict.fromkeys([*NAMES, *RESPONSE_CHANGES, *ANGLES, ENVELOPE])]


@pytest.mark.parametrize("name", NAMES)
def test_no_label_is_a_name_of_the_code(name: str) -> None:
    label = parameter_label(name)
    assert "_" not in label.replace(r"\theta_", "").replace(r"\nu_", "").replace(r"\delta_", "")
    assert not any(label.startswith(short) for short in ("opt eff", "nue ", "nu nubar", "nc ", "cc ", "sin2 "))


def test_a_name_without_better_words_is_its_own() -> None:
    assert parameter_label("spectral_index") == "spectral index"
