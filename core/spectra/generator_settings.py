"""What Pythia 8 is told for each channel and mass; `core.spectra.generator` says why."""

from core.dark_matter.channels import Channel
from core.spectra.thresholds import THRESHOLDS

RESONANCE = 999999
WEAK_SHOWER_ABOVE = 100.0
ENERGY_TOLERANCE = 1e-6
# Their taus are polarised by the boson, which is left to Pythia; those of a tau pair are unpolarised.
BOSON_PAIRS: tuple[Channel, ...] = ("WW", "ZZ", "hh")
DECAYING = (13, 211, 321, 130, 310, 2112)

PAIR_CODES: dict[Channel, tuple[int, int]] = {
    "bb": (5, -5),
    "cc": (4, -4),
    "mumu": (13, -13),
    "tautau": (15, -15),
    "WW": (24, -24),
    "ZZ": (23, 23),
    "hh": (25, 25),
    "gg": (21, 21),
    "nuenue": (12, -12),
    "numunumu": (14, -14),
    "nutaunutau": (16, -16),
}


def generator_settings(channel: Channel, mass: float, boson_width: float | None = None) -> list[str]:
    """Return the lines that Pythia is set up with for this channel and mass, all but the seed."""
    first, second = PAIR_CODES[channel]
    weak_shower = "on" if mass > WEAK_SHOWER_ABOVE else "off"
    return [
        "Beams:idA = -11",
        "Beams:idB = 11",
        f"Beams:eCM = {2.0 * mass!r}",
        f"PhaseSpace:mHatMin = {mass!r}",
        "PDF:lepton = off",
        "PartonLevel:ISR = off",
        "PartonLevel:MPI = off",
        "PartonLevel:FSR = on",
        f"TimeShower:weakShower = {weak_shower}",
        # The weak shower writes a helicity drawn by lot on the taus of a W; mode 4 does not believe it.
        f"TauDecays:mode = {4 if channel in BOSON_PAIRS else 2}",
        f"TauDecays:tauMother = {RESONANCE}",
        "TauDecays:tauPolarization = 0.",
        f"Check:epTolErr = {ENERGY_TOLERANCE}",
        # Pythia takes what is lighter than 20 GeV for a hadron, which would not shower, unless told otherwise.
        f"{RESONANCE}:all = resonance void 1 0 0 {2.0 * mass!r} 0.001 0. 0. 0.",
        f"{RESONANCE}:isResonance = true",
        f"{RESONANCE}:addChannel = 1 1.0 101 {first} {second}",
        *(f"{code}:mayDecay = on" for code in DECAYING),
        *_width_settings(channel, boson_width),
    ]


def _width_settings(channel: Channel, width: float | None) -> list[str]:
    if width is None:
        return []
    boson, mass = PAIR_CODES[channel][0], THRESHOLDS[channel][0]
    # The Z takes its width from its couplings whatever it is told, so the range of masses is what binds.
    return [
        f"{boson}:m0 = {mass!r}",
        f"{boson}:mWidth = {width!r}",
        f"{boson}:mMin = {mass - width!r}",
        f"{boson}:mMax = {mass + width!r}",
        f"{boson}:doForceWidth = on",
    ]
