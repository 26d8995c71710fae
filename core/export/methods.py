"""The methods of an analysis in words, as a paper says them, filled from its configuration and its sources."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from core.configuration.config import Config
from core.dark_matter.processes import PROCESSES
from core.units import DEGREE

SAMPLES = {
    "public-3y": (
        "Events are the measured ones of IceCube's public three-year oscillation sample B (DOI 10.21234/ac23-ra43), in "
        "bins of reconstructed energy, zenith angle and event class; the response is derived from the simulation of "
        "that release. The release has no azimuth: errors in azimuth are assumed to be as those in zenith are."
    ),
    "simulated-7y": (
        "Events are SIMULATED: seven seasons of 365 days drawn from the response of the public sample, continued to 1 "
        "TeV by a model. No detector measured them."
    ),
    "binned": (
        "Measured events are counts in bins of reconstructed energy, zenith angle and event class; they and the "
        "detector's response stand in files that the configuration names. There is no azimuth: errors in azimuth are "
        "assumed to be as those in zenith are."
    ),
    "own": "Events, simulation and livetimes are the user's own files; the response is derived from that simulation.",
}
SPECTRA = {
    "pythia": "Spectra at production are made with Pythia 8, 100,000 annihilations for each channel and mass.",
    "pppc": "Spectra at production are those of PPPC4DMID.",
    "file": "Spectra at production are read from a file of the user's.",
}
HALO = {
    "none": (
        "Signal is looked for from the galaxies alone. This is conditional: the halo of the Milky Way, which would "
        "shine in neutrinos too, is left out. Beside each sensitivity stands the one expected for galaxies and halo of "
        "one strength."
    ),
    "same_cross_section": "Galaxies and Galactic halo ({profile}) are searched for as one signal of one strength.",
    "free": "A Galactic halo ({profile}) of any strength is fitted beside the galaxies.",
}
J_UNCERTAINTY = {
    "fixed": "The {factor} factors are fixed at their published values in the trials.",
    "profiled": "Beside limits with fixed {factor} factors stand those with the factors profiled within their errors.",
    "marginalised": (
        "The {factor} factors are drawn within their errors for every trial with signal. This is not conservative: the "
        "mean of a log-normal lies above its median."
    ),
}


class Paragraph(NamedTuple):
    """A paragraph of the methods under a heading of its own."""

    heading: str
    text: str


def methods(config: Config, sources: pa.Table) -> list[Paragraph]:
    """Return the methods of an analysis; sources: its `sources` product."""
    return [
        Paragraph("Question", _question(config)),
        Paragraph("Events", SAMPLES.get(config.sample, f"The sample is {config.sample}.")),
        Paragraph("Galaxies", _galaxies(config, sources)),
        Paragraph("Spectra", _spectra(config)),
        Paragraph("Likelihood", _likelihood(config)),
        Paragraph("Trials", _trials(config)),
        Paragraph("Hypothesis", HALO[config.halo.treatment].format(profile=config.halo.profile)),
    ]


def _question(config: Config) -> str:
    pairs = "; ".join(f"{name} at {_listed(masses)} GeV" for name, masses in config.pairs.items())
    asked = {
        "annihilation": "How large could the annihilation cross section ⟨σv⟩ of dark matter be",
        "dirac_annihilation": (
            "How large could the annihilation cross section ⟨σv⟩ be of dark matter whose particles are not their own "
            "antiparticles, of which half the pairs annihilate"
        ),
        "decay": "How short could the lifetime of dark matter be",
    }[config.process]
    return f"{asked}, given the neutrinos that are seen from dwarf galaxies? Channels and masses asked for: {pairs}."


def _galaxies(config: Config, sources: pa.Table) -> str:
    process, settings = PROCESSES[config.process], config.sources
    values = np.sort(sources[f"log10_{process.factor}"].to_numpy())[::-1]
    apertures = np.unique(np.round(sources["j_aperture"].to_numpy() / DEGREE, 6))
    letter = "D" if process.is_decay else "J"
    within = f"{apertures[0]:g}°" if apertures.size == 1 else f"{apertures[0]:g}° to {apertures[-1]:g}°"
    catalogue = "the catalogue of the program" if settings.catalogue == "embedded" else f"{settings.catalogue}"
    words = [
        f"{sources.num_rows} galaxies with {letter} factors within {within} of each, from {catalogue}; "
        f"log10 of the largest is {values[0]:.2f}, of "
        f"the sum {np.log10(np.sum(10.0**values)):.2f}."
    ]
    if settings.exclude:
        words.append(f"Left out by name: {', '.join(settings.exclude)}.")
    if settings.exclude_contested:
        words.append("Left out: galaxies of which it is contested that they are relaxed and dominated by dark matter.")
    if isinstance(settings.subhalo_boost, Mapping):
        boosts = ", ".join(f"that of {name} by {boost:g}" for name, boost in settings.subhalo_boost.items())
        words += [f"Subhaloes multiply the factors of some galaxies: {boosts}."] if boosts else []
    elif settings.subhalo_boost != 1.0:
        words.append(f"Subhaloes multiply every factor by {settings.subhalo_boost:g}.")
    words.append(J_UNCERTAINTY[settings.j_uncertainty].format(factor=letter))
    return " ".join(words)


def _spectra(config: Config) -> str:
    words = [SPECTRA.get(config.spectra.source, f"Spectra at production are those of {config.spectra.source}.")]
    words.append("Neutrinos oscillate on their way to Earth, averaged in vacuum.")
    if config.spectra.earth_matter:
        words.append("The matter of the Earth is taken in for the directions of the galaxies.")
    return " ".join(words)


def _likelihood(config: Config) -> str:
    statistic = config.statistic
    if statistic.name == "joint":
        background = {
            "data": (
                "The background is taken from the events themselves, even in right ascension; the average of the "
                "signal that it contains is subtracted."
            ),
            "known": "The background density is taken as exactly known.",
        }[statistic.background]
        words = (
            f"One likelihood of one sky, in cells of right ascension, declination (HEALPix nside {statistic.nside}), "
            f"reconstructed energy and event class, merged into {statistic.n_cells} by their ratio of signal to "
            f"background. {background}"
        )
    else:
        skies = {
            "separate": "in trials each galaxy has events of its own, as published, so that there is no limit of a sky",
            "one": "in trials the galaxies share the events of one sky",
        }[statistic.skies]
        words = (
            f"The statistic of arXiv:2511.19385: a fit for each galaxy to the angles between events and galaxy in "
            f"{statistic.n_angle_bins} bins, summed with weights by {'D' if config.process == 'decay' else 'J'} "
            f"factor; {skies}."
        )
    return words + _window(config)


def _window(config: Config) -> str:
    window = config.statistic.window
    if window is None:
        return " All reconstructed energies are used."
    if isinstance(window, str):
        return f" Reconstructed energies are those of the {window} window of each pair."
    return f" Reconstructed energies are those from {window[0]:g} to {window[1]:g} GeV."


def _trials(config: Config) -> str:
    trials = config.trials
    return (
        f"{trials.n_background:,} pseudo-experiments without signal, and {trials.n_signal:,} for each of "
        f"{len(trials.injected_over_uncertainty)} numbers of signal events, each fitted for n_s. The "
        "sensitivity is where 90 % of trials with signal exceed the median of those without; a band holds that of 68 % "
        f"or 95 % of skies without signal. All random numbers follow from the seed {config.seed}."
    )


def _listed(masses: tuple[float, ...]) -> str:
    return ", ".join(f"{mass:g}" for mass in masses)
