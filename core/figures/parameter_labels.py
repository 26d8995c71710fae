"""Words for the causes of systematic errors and the parameters of the fit of the counts, as axes show them."""

from core.response.hyperplanes import KNOWN_PARAMETERS

_LABELS = {
    **{parameter.name: parameter.in_words for parameters in KNOWN_PARAMETERS for parameter in parameters},
    "cc_cross_section": "cross section, charged current",
    "nc_cross_section": "cross section, neutral current",
    "sin2_theta12": r"sin² $\theta_{12}$",
    "sin2_theta13": r"sin² $\theta_{13}$",
    "sin2_theta23": r"sin² $\theta_{23}$",
    "delta_cp": r"$\delta_\mathrm{CP}$",
    "earth_matter": "matter of the Earth",
    "detector_envelope": "all of the detector at once",
    "nue_numu_ratio": r"$\nu_e$ over $\nu_\mu$",
    "nu_nubar_ratio": r"$\nu$ over $\bar\nu$",
    "up_horizontal_ratio": "upwards over horizontal",
    "nc_normalisation": "neutral currents",
    "nutau_normalisation": r"$\nu_\tau$",
    "muon_normalisation": "muons",
}


def parameter_label(name: str) -> str:
    """Return what an axis calls a cause or a parameter: the name's own words where there are no better ones."""
    return _LABELS.get(name, name.replace("_", " "))
