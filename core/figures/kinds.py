"""The kinds of figures: what each is called, what it shows, and which kind a file is of by its name."""

from collections.abc import Mapping
from typing import NamedTuple

from core.errors import ProductError


class FigureText(NamedTuple):
    """A kind of figure in words: a short title, and a sentence or two of what is drawn, as a caption says it."""

    title: str
    shows: str


# In the order in which a person reads them: results, what they hang on, and what they are made from.
KINDS: Mapping[str, FigureText] = {
    "limits": FigureText(
        "Sensitivities beside published limits",
        "Sensitivity at 90 % CL (line with points), with the bands that hold 68 % and 95 % of skies without signal, "
        "beside published limits. Dash-dotted: without the galaxies that a paper contests. Dashed and dotted lines: "
        "what galaxies and Galactic halo of one strength would exclude.",
    ),
    "sensitivities": FigureText(
        "Sensitivities of all channels",
        "Sensitivity at 90 % CL of every channel against the mass of dark matter, with the bands that hold 68 % of "
        "skies without signal. Dash-dotted and dashed lines as beside published limits.",
    ),
    "upper-limits": FigureText(
        "Upper limits of the observed sky",
        "Upper limits of the observed sky (lines with triangles) on the sensitivities that were expected, with the "
        "bands that hold 68 % and 95 % of skies without signal. Beside them what would be expected without contested "
        "galaxies, and of galaxies and Galactic halo of one strength.",
    ),
    "observed": FigureText(
        "The observed sky", "Test statistic and p-value of every pair of channel and mass on the observed sky."
    ),
    "atmospheric-fit": FigureText(
        "Atmospheric model and measured counts",
        "Measured counts in bins of energy, zenith and class beside the atmospheric model fitted to them, and the "
        "difference in units of its error.",
    ),
    "robustness": FigureText(
        "What the sensitivities hang on",
        "Left: the factors of the galaxies that weigh most, with their 68 % errors and their shares in the signal. "
        "Right: the sensitivity of variants of the analysis over that of the analysis itself, a mark a pair.",
    ),
    "systematics": FigureText(
        "Systematic uncertainties",
        "By how much each cause of systematic error moves the sensitivity of each pair: the bar reaches from the "
        "lower to the upper shift.",
    ),
    "certificate": FigureText(
        "Do the limits hold",
        "How often each kind of limit lies above the strength that was put into pseudo-skies, against that strength, "
        "with 68 % errors from the number of skies. The line is the confidence level that is claimed.",
    ),
    "sources": FigureText(
        "The dwarf galaxies",
        "The dwarf galaxies of the search on the sky, their factors with 68 % errors, and their sizes on the sky "
        "beside the cone in which the factor is taken.",
    ),
    "spectra": FigureText(
        "Spectra of neutrinos",
        "Energy times the number of muon neutrinos per energy, of one annihilation or decay, for every pair of channel "
        "and mass: at Earth, after oscillation (lines; arrows are lines in energy, spread over 1 % of it), and where "
        "they are made (dashed).",
    ),
    "energy-range": FigureText(
        "Windows in energy",
        "Expected signal over the root of expected background for every window in reconstructed energy; within the "
        "marked ones it is within 1 % of the best.",
    ),
    "source-counts": FigureText(
        "Signal and background of each galaxy",
        "Share of the signal, expected background and opening angle of each galaxy; the angle holds 68 % of its "
        "signal.",
    ),
    "pdf": FigureText(
        "Densities and their ratio", "Probability densities of signal and background, and their ratio R."
    ),
    "sky": FigureText(
        "Maps of the sky",
        "Densities of signal and background over the sky, and the ratio R that the likelihood uses, all classes of "
        "events together.",
    ),
    "test-statistic": FigureText(
        "Trials of background and signal",
        "Test statistic of trials without signal and with some, and the share of trials with signal that exceeds the "
        "median of those without: the sensitivity is where it reaches 90 %.",
    ),
    "recovery": FigureText(
        "What is put in is found",
        "Fitted against injected signal events in trials: the median and the band that holds 68 % of trials, the "
        "mean with its error, and below it what is left of the mean when the injected number is taken off. The line "
        "is a fit without bias.",
    ),
    "events-sky": FigureText("Measured events on the sky", "Measured events on the sky, right ascension scrambled."),
    "events": FigureText(
        "Variables of the events", "A variable of the measured events beside what the simulation expects."
    ),
    "resolution": FigureText(
        "Angular resolution", "Angle between reconstructed and true direction of simulated events against energy."
    ),
    "cut-flow": FigureText("Events that pass the cuts", "Events that are left after each cut, in order."),
    "livetime": FigureText("Livetime", "Time of good runs in each season."),
}


def kind_of(name: str) -> str:
    """Return the kind of a figure by the name of its file, the longest that it begins with.

    ProductError if it begins with none.
    """
    stem = name.rsplit(".", 1)[0]
    found = [kind for kind in KINDS if stem == kind or stem.startswith(f"{kind}-")]
    if not found:
        raise ProductError(f"figure {name!r} is of no kind that there is: {', '.join(KINDS)}")
    return max(found, key=len)


def subject_of(name: str) -> str:
    """Return what of its kind a figure shows, as its file's name says it: "bb-50" of "pdf-bb-50.png", or nothing."""
    return name.rsplit(".", 1)[0].removeprefix(kind_of(name)).removeprefix("-")
