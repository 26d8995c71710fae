"""The glossary: every column of every data product, with its type, its unit and what it means.

A word stands here once and means the same thing in a product, in the code and on an axis. The store refuses a table
whose columns are not in the glossary or not of the stated type, and writes unit and meaning into the file.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa

from core.glossary_observed import OBSERVED

STRING, INTEGER, REAL, FLAG = pa.string(), pa.int64(), pa.float64(), pa.bool_()
REALS = pa.list_(pa.float64())
INTEGERS = pa.list_(pa.int64())


@dataclass(frozen=True)
class Column:
    """One word of the glossary: Arrow type, unit ("" for a pure number or a text), meaning."""

    name: str
    dtype: pa.DataType
    unit: str
    meaning: str


def _glossary(*columns: Column) -> Mapping[str, Column]:
    """Return the columns by name; to one per or of a cross section comes one per or of a decay rate."""
    named = {column.name: column for column in columns}
    return named | {column.name: column for column in map(_of_decay, columns) if column is not None}


def _of_decay(column: Column) -> Column | None:
    if "sigma_v" not in column.name or column.name == "sigma_v":
        return None
    meaning = column.meaning.replace("sigma_v", "decay_rate").replace("annihilation cross section", "decay rate")
    meaning = meaning.replace("cross section", "decay rate")
    name = column.name.replace("sigma_v", "decay_rate")
    return Column(name, column.dtype, {"cm-3 s": "s", "cm3 s-1": "s-1", "cm-6 s2": "s2"}[column.unit], meaning)


GLOSSARY: Mapping[str, Column] = _glossary(
    # keys
    Column("channel", STRING, "", "final state of the annihilation or decay"),
    Column("mass", REAL, "GeV", "mass of the dark matter particle"),
    Column("seed", INTEGER, "", "seed of the run"),
    Column("n_injected", INTEGER, "", "signal events among the events of a trial"),
    # sources
    Column("source", STRING, "", "name of the dwarf galaxy; all: the same for every one"),
    Column("ra", REAL, "rad", "right ascension, J2000"),
    Column("dec", REAL, "rad", "declination, J2000"),
    Column("distance_kpc", REAL, "kpc", "distance from the Sun"),
    Column("half_light_radius", REAL, "rad", "half-light radius on the sky"),
    Column("log10_j_factor", REAL, "log10(GeV2 cm-5)", "J factor within j_aperture"),
    Column("log10_j_factor_error_low", REAL, "log10(GeV2 cm-5)", "68 % error of log10_j_factor, downwards"),
    Column("log10_j_factor_error_high", REAL, "log10(GeV2 cm-5)", "68 % error of log10_j_factor, upwards"),
    Column("j_factor", REAL, "GeV2 cm-5", "J factor within j_aperture"),
    Column("log10_d_factor", REAL, "log10(GeV cm-2)", "D factor within j_aperture"),
    Column("log10_d_factor_error_low", REAL, "log10(GeV cm-2)", "68 % error of log10_d_factor, downwards"),
    Column("log10_d_factor_error_high", REAL, "log10(GeV cm-2)", "68 % error of log10_d_factor, upwards"),
    Column("d_factor", REAL, "GeV cm-2", "D factor within j_aperture"),
    Column("j_aperture", REAL, "rad", "radius of the cone in which the J factor, of decay the D factor, is taken"),
    Column("process", STRING, "", "annihilation, dirac_annihilation (of Dirac particles), or decay"),
    Column("reference", STRING, "", "where the value was published"),
    Column(
        "contested_by",
        STRING,
        "",
        "paper that doubts that the source is a relaxed galaxy dominated by dark matter, and why; empty: none known",
    ),
    # events in bins
    Column("event_class", STRING, "", "shape of the event: cascade or track"),
    Column("reco_energy_low", REAL, "GeV", "lower edge of the bin in reconstructed energy"),
    Column("reco_energy_high", REAL, "GeV", "upper edge of the bin in reconstructed energy"),
    Column("reco_cos_zenith_low", REAL, "", "lower edge of the bin in the cosine of the reconstructed zenith angle"),
    Column("reco_cos_zenith_high", REAL, "", "upper edge of the bin in the cosine of the reconstructed zenith angle"),
    Column("n_events", INTEGER, "", "measured events"),
    # events
    Column("season", STRING, "", "season of data taking, such as IC86_2011"),
    Column("kind", STRING, "", "data: measured events; mc: simulated ones"),
    Column("run", INTEGER, "", "number of the run"),
    Column("event", INTEGER, "", "number of the event in its run"),
    Column("sub_event", INTEGER, "", "number of the part of an event that was split"),
    Column("mjd", REAL, "d", "time of the event, UTC modified Julian date"),
    Column("reco_zenith", REAL, "rad", "reconstructed zenith angle"),
    Column("reco_azimuth", REAL, "rad", "reconstructed azimuth angle"),
    Column("reco_ra", REAL, "rad", "reconstructed right ascension, J2000; scrambled in events of kind data"),
    Column("reco_dec", REAL, "rad", "reconstructed declination, J2000"),
    Column("reco_energy", REAL, "GeV", "reconstructed energy"),
    Column("angular_error", REAL, "rad", "expected error of the reconstructed direction"),
    Column("true_ra", REAL, "rad", "right ascension of the simulated neutrino, J2000"),
    Column("true_dec", REAL, "rad", "declination of the simulated neutrino, J2000"),
    Column("true_energy", REAL, "GeV", "energy of the simulated neutrino"),
    Column("weight", REAL, "GeV cm2 sr", "expected events = livetime x sum of weight x flux of the event's species"),
    Column("generation", INTEGER, "", "which of the generations of its file drew the event, counted from 0"),
    Column("true_zenith", REAL, "rad", "zenith angle of the simulated neutrino"),
    Column("atmospheric_rate", REAL, "s-1", "rate of the event by the sample's own atmospheric flux; null: not told"),
    Column("mjd_start", REAL, "d", "begin of the run, UTC modified Julian date"),
    Column("mjd_stop", REAL, "d", "end of the run, UTC modified Julian date"),
    # what became of the events of each file
    Column("path", STRING, "", "file that the events came from"),
    Column("n_files", INTEGER, "", "files that the events came from"),
    Column("simulation_set", STRING, "", "name of the files that were generated together"),
    Column("neutrino", STRING, "", "nue, numu or nutau, with its antineutrino; null: all"),
    Column("is_counted", FLAG, "", "whether weights of events count the set as one that may have drawn them"),
    Column("n_generated", REAL, "", "events that were generated for a file"),
    Column("neutrino_fraction", REAL, "", "share of neutrinos among generated events"),
    Column("antineutrino_fraction", REAL, "", "share of antineutrinos among generated events"),
    Column("log10_energy_min", REAL, "log10(GeV)", "lowest generated energy; null: not told"),
    Column("log10_energy_max", REAL, "log10(GeV)", "highest generated energy"),
    Column("power_law_index", REAL, "", "energies were generated as E^-index"),
    Column("zenith_min", REAL, "rad", "lowest generated zenith angle"),
    Column("zenith_max", REAL, "rad", "greatest generated zenith angle"),
    Column("radius", REAL, "cm", "radius of the area that generated neutrinos cross"),
    Column("height", REAL, "cm", "height of the cylinder whose projection that area is; 0: a circle"),
    Column("remark", STRING, "", "what a person should know of the row"),
    Column("n_read", INTEGER, "", "events read: kept, cut, broken, or outside good runs"),
    Column("n_kept", INTEGER, "", "events kept"),
    Column("n_cut", INTEGER, "", "events that did not pass a cut"),
    Column("n_broken", INTEGER, "", "events that passed the cuts but lack what every event must have"),
    Column("n_outside_good_runs", INTEGER, "", "measured events that passed the cuts in runs that are no good runs"),
    Column("n_duplicates", INTEGER, "", "measured events of the same run, event and sub_event as one before"),
    Column("problems", STRING, "", "what was wrong with broken events, and how often"),
    Column("damage", STRING, "", "what ended the reading of the file early; null: nothing"),
    Column("cut", STRING, "", "name of the cut"),
    Column("condition", STRING, "", "what an event must meet to pass the cut"),
    Column("n_before", INTEGER, "", "events that came to the cut"),
    Column("n_missing", INTEGER, "", "events that failed the cut because they lack its quantity"),
    Column("n_after", INTEGER, "", "events that passed the cut"),
    Column("effective_livetime", REAL, "s", "time of data taking with the statistical error of the simulation"),
    Column("n_expected", REAL, "", "atmospheric events that are expected in the livetime"),
    Column("n_measured", INTEGER, "", "measured events kept, beside n_expected"),
    # response
    Column("flavour", STRING, "", "neutrino species: nue, numu, nutau, nuebar, numubar, nutaubar"),
    Column("interaction", STRING, "", "charged (cc) or neutral (nc) current"),
    Column("true_energy_low", REAL, "GeV", "lower edge of the bin in true neutrino energy"),
    Column("true_energy_high", REAL, "GeV", "upper edge of the bin in true neutrino energy"),
    Column("angular_energy_low", REAL, "GeV", "lower edge of the coarser bin of true energy"),
    Column("angular_energy_high", REAL, "GeV", "upper edge of the coarser bin of true energy"),
    Column("effective_area", REALS, "cm2", "effective area in each bin of the true zenith angle"),
    Column("effective_area_error", REALS, "cm2", "error of effective_area from the number of simulated events"),
    Column("energy_migration", REALS, "", "probability of each reconstructed energy"),
    Column("energy_migration_error", REALS, "", "error of energy_migration from the number of simulated events"),
    Column("kappa_core", REALS, "", "concentration of the kernel's core, by reconstructed energy"),
    Column("kappa_core_error", REALS, "", "error of kappa_core from the number of simulated events"),
    Column("kappa_tail", REALS, "", "concentration of the kernel's tail, by reconstructed energy"),
    Column("kappa_tail_error", REALS, "", "error of kappa_tail from the number of simulated events"),
    Column("tail_fraction", REALS, "", "share of the tail in the kernel, by reconstructed energy"),
    Column("tail_fraction_error", REALS, "", "error of tail_fraction from the number of simulated events"),
    Column("true_zenith_energy_factor", REALS, "", "selection factor of true zenith band x reconstructed energy"),
    Column("reco_zenith_energy_factor", REALS, "", "selection factor of reconstructed energy x zenith band"),
    Column("true_reco_zenith_factor", REALS, "", "selection factor of true x reconstructed zenith band"),
    Column("true_cos_zenith_edges", REALS, "", "edges of the bins in the cosine of the true zenith angle"),
    Column("reco_energy_edges", REALS, "GeV", "edges of the bins in reconstructed energy"),
    Column("reco_cos_zenith_edges", REALS, "", "edges of the bands in the cosine of the reconstructed zenith angle"),
    Column("livetime", REAL, "s", "time of data taking"),
    # spectra
    Column("energy", REAL, "GeV", "neutrino energy"),
    Column(
        "dn_de_production",
        REAL,
        "GeV-1",
        "neutrinos of the species per annihilation or decay and energy, where they are made",
    ),
    Column("dn_de", REAL, "GeV-1", "neutrinos of the species per annihilation or decay and energy, at Earth"),
    Column("is_line", FLAG, "", "the row is a line at its energy, not a point of the continuum"),
    Column(
        "line_weight_production",
        REAL,
        "",
        "neutrinos of the species in the line per annihilation or decay, where they are made",
    ),
    Column("line_weight", REAL, "", "neutrinos of the species in the line per annihilation or decay, at Earth"),
    # acceptance
    Column("n_s_per_sigma_v", REAL, "cm-3 s", "expected signal events per annihilation cross section"),
    Column("n_s_per_sigma_v_error", REAL, "cm-3 s", "error of n_s_per_sigma_v from the number of simulated events"),
    Column("n_s_per_sigma_v_total_error", REAL, "cm-3 s", "error of the sum of n_s_per_sigma_v over all sources"),
    Column("source_weight", REAL, "", "share of the source in all expected signal events"),
    # energy range
    Column("window_low", REAL, "GeV", "lower edge of the window in reconstructed energy"),
    Column("window_high", REAL, "GeV", "upper edge of the window in reconstructed energy"),
    Column("n_signal_per_sigma_v", REAL, "cm-3 s", "expected signal events in the window per cross section"),
    Column("n_background", REAL, "", "expected background events in the window"),
    Column("signal_over_sqrt_background", REAL, "", "n_signal per strength over the root of n_background, in its unit"),
    Column("is_optimal", FLAG, "", "the window of the largest signal_over_sqrt_background"),
    Column("is_plateau", FLAG, "", "signal_over_sqrt_background within 1 % of the largest"),
    # probability densities
    Column("background_probability", REAL, "", "probability that a background event lies in the cell"),
    Column("background_density", REAL, "sr-1", "background per solid angle"),
    Column("pixel", INTEGER, "", "HEALPix pixel, ring ordering, equatorial coordinates"),
    Column("nside", INTEGER, "", "HEALPix resolution parameter"),
    Column("signal_probability", REAL, "", "probability that a signal event lies in the cell"),
    Column("signal_average_probability", REAL, "", "signal_probability averaged over right ascension"),
    Column("cell", INTEGER, "", "cell of nearly equal ratio, in order of the ratio"),
    Column(
        "ratio",
        REAL,
        "",
        "ratio R of signal to background that the likelihood uses; of a variant: its sensitivity over the nominal one",
    ),
    Column("ratio_beside", REAL, "", "ratio R to background of the signal of a halo that is fitted beside"),
    Column("n_sky_cells", INTEGER, "", "cells of the sky that were merged into this one"),
    Column("fisher_information", REAL, "", "mean of (R - 1)^2 over background events, merged cells"),
    Column("fisher_information_loss", REAL, "", "share of the Fisher information that merging lost"),
    Column("n_s_uncertainty", REAL, "", "standard deviation of the fitted n_s without signal, closed form"),
    Column("angle_low", REAL, "rad", "lower edge of the bin in the angle to the source"),
    Column("angle_high", REAL, "rad", "upper edge of the bin in the angle to the source"),
    Column("entries", REAL, "", "weighted entries of the bin"),
    Column("pattern", INTEGER, "", "part of the sky that lies in one bin of angle of every source"),
    Column("angle_bins", INTEGERS, "", "bin of the angle to each source, from 0, in the order of the sources"),
    Column("effective_events", REAL, "", "simulated events behind its signal: (sum of weights)^2 / sum of squares"),
    # what single sources put on one sky
    Column("slope_share", REAL, "", "share of the source in the slope of the score; all sum to 1"),
    Column(
        "information_per_sigma_v_squared",
        REALS,
        "cm-6 s2",
        "Fisher information on the cross section that the source shares with each source, in their order",
    ),
    Column("information_other_background_per_sigma_v_squared", REALS, "cm-6 s2", "the same, other background"),
    Column("background_events", REAL, "", "expected background events in the cell"),
    Column(
        "excess_per_sigma_v",
        REAL,
        "cm-3 s",
        "change of the expected events in the cell per annihilation cross section: signal less the background's share",
    ),
    Column("events", REAL, "", "events in the cell of which a likelihood is; of sky expected those without signal"),
    Column("source_signal", REALS, "cm-3 s", "expected signal events per strength in the cell, by source"),
    Column("source_excess", REALS, "cm-3 s", "source_signal less its average over right ascension, by source"),
    # profiles of dwarf galaxies
    Column("scale_density", REAL, "GeV cm-3", "scale density of the NFW profile"),
    Column("scale_radius_kpc", REAL, "kpc", "scale radius of the NFW profile"),
    Column("tidal_radius_kpc", REAL, "kpc", "radius at which the profile is cut off"),
    Column("log10_j_factor_total", REAL, "log10(GeV2 cm-5)", "J factor of the whole galaxy, best fit"),
    Column("log10_j_total_over_half_degree", REAL, "", "log10 of J of the whole galaxy over J within 0.5 deg, median"),
    Column("log10_j_total_over_half_degree_error_low", REAL, "", "68 % error of log10 of that ratio, downwards"),
    Column("log10_j_total_over_half_degree_error_high", REAL, "", "68 % error of log10 of that ratio, upwards"),
    Column("profile_chi_square", REAL, "", "chi square of the best profile"),
    # limits with J factors profiled
    Column("strength_over_uncertainty", REAL, "", "true strength over its error at fixed J factors"),
    Column("likelihood_fall", REAL, "", "fall of 2 ln L at a 90 % upper limit that covers with J factors profiled"),
    Column("likelihood_fall_error", REAL, "", "error of likelihood_fall from the number of trials"),
    Column("coverage_of_gaussian_fall", REAL, "", "share of trials that the fall of Gaussian errors, 1.64, covers"),
    Column("calibrated_on", STRING, "", "channel/mass of the pair whose trials gave likelihood_fall"),
    Column("skies", STRING, "", "gaussian: skies of Gaussian fits; counts: skies of counts, background from each"),
    Column("n_skies", INTEGER, "", "pseudo-skies behind the row"),
    Column("sigma_v_sensitivity_fixed_j", REAL, "cm3 s-1", "median 90 % upper limit of skies, J factors as they are"),
    Column("sigma_v_sensitivity_profiled_j", REAL, "cm3 s-1", "the same with J factors profiled, calibrated fall"),
    Column("sigma_v_sensitivity_profiled_j_error", REAL, "cm3 s-1", "error of the same from the number of skies"),
    Column(
        "sigma_v_sensitivity_profiled_j_gaussian_fall", REAL, "cm3 s-1", "the same with 1.64, the fall of Gaussians"
    ),
    Column("sigma_v_profiled_j_band_lo68", REAL, "cm3 s-1", "16 % quantile of the limits with J factors profiled"),
    Column("sigma_v_profiled_j_band_hi68", REAL, "cm3 s-1", "84 % quantile of the limits with J factors profiled"),
    Column(
        "j_uncertainty", STRING, "", "J factors in trials. fixed: as given; marginalised: drawn for each signal trial"
    ),
    # robustness
    Column("variant", STRING, "", "what is changed against the nominal analysis"),
    # expected events about sources
    Column("opening_angle", REAL, "rad", "angle about the source that holds 68 % of its signal in the window"),
    Column("n_signal_in_angle_per_sigma_v", REAL, "cm-3 s", "n_signal_per_sigma_v of the source within opening_angle"),
    Column("n_background_in_angle", REAL, "", "expected background events in the window within opening_angle"),
    # trials
    Column("trial", INTEGER, "", "index of the trial; with the keys it determines the trial's random numbers"),
    Column("n_s", REAL, "", "fitted signal events, not negative"),
    Column("test_statistic", REAL, "", "2 ln [L(n_s)/L(0)] at n_s"),
    Column("n_s_signed", REAL, "", "fitted signal events, may be negative"),
    Column("binned", STRING, "", "the column of trials that is counted in bins"),
    Column("bin_low", REAL, "", "lower edge of the bin; that of TS = 0 has no width"),
    Column("bin_high", REAL, "", "upper edge of the bin"),
    Column("n_trials", INTEGER, "", "trials in the bin"),
    Column("n_s_sum", REAL, "", "sum over the trials in the bin of the n_s that belongs to the statistic binned"),
    Column("n_s_square_sum", REAL, "", "sum over the trials in the bin of the square of that n_s"),
    Column("n_s_total", REAL, "", "plain sum of the sources' fitted signal events, not negative"),
    Column("n_s_total_signed", REAL, "", "plain sum of the sources' fitted signal events, may be negative"),
    Column("test_statistic_signed", REAL, "", "2 ln [L/L(0)] at n_s_signed, with its sign"),
    # sensitivity
    Column("n_s_sensitivity", REAL, "", "mean signal events at which 90 % of trials exceed the median of background"),
    Column("n_s_sensitivity_error", REAL, "", "error of n_s_sensitivity from the number of trials"),
    Column("n_s_sensitivity_closed_form", REAL, "", "n_s_sensitivity for Gaussian fits, from the densities alone"),
    Column("flux_sensitivity", REAL, "cm-2 s-1", "neutrinos of all species from all sources at n_s_sensitivity"),
    Column("sigma_v_sensitivity", REAL, "cm3 s-1", "annihilation cross section at n_s_sensitivity"),
    Column("sigma_v_sensitivity_error", REAL, "cm3 s-1", "error of sigma_v_sensitivity from trials and simulation"),
    Column("sigma_v_band_lo68", REAL, "cm3 s-1", "cross section excluded at background's 16 % quantile; null: none"),
    Column("sigma_v_band_hi68", REAL, "cm3 s-1", "cross section excluded at the 84 % quantile of background"),
    Column("sigma_v_band_lo95", REAL, "cm3 s-1", "cross section excluded at background's 2.5 % quantile; null: none"),
    Column("sigma_v_band_hi95", REAL, "cm3 s-1", "cross section excluded at the 97.5 % quantile of background"),
    Column("sigma_v_cls_median", REAL, "cm3 s-1", "cross section at which CLs is 10 % for the median background trial"),
    Column("sigma_v_cls_band_lo68", REAL, "cm3 s-1", "the same at the 16 % quantile of background"),
    Column("sigma_v_cls_band_hi68", REAL, "cm3 s-1", "the same at the 84 % quantile of background"),
    Column("sigma_v_cls_band_lo95", REAL, "cm3 s-1", "the same at the 2.5 % quantile of background"),
    Column("sigma_v_cls_band_hi95", REAL, "cm3 s-1", "the same at the 97.5 % quantile of background"),
    Column("lifetime_sensitivity", REAL, "s", "lifetime 1/decay_rate_sensitivity: a shorter one would be seen"),
    Column("n_background_trials", INTEGER, "", "background trials behind the row"),
    Column("n_signal_trials", INTEGER, "", "signal trials behind the row"),
    Column("background", STRING, "", "data: background density from the data, signal in it; known: taken as exact"),
    Column("threshold", REAL, "", "Threshold behind an imported cross section; its file does not tell of what"),
    Column("threshold_band_lo68", REAL, "", "the same for sigma_v_band_lo68"),
    Column("threshold_band_hi68", REAL, "", "the same for sigma_v_band_hi68"),
    Column("threshold_band_lo95", REAL, "", "the same for sigma_v_band_lo95"),
    Column("threshold_band_hi95", REAL, "", "the same for sigma_v_band_hi95"),
    Column(
        "statistic",
        STRING,
        "",
        "test statistic behind the row: joint, j_weighted or j_weighted_grid; _one_sky: sources of a trial share one",
    ),
    Column(
        "hypothesis",
        STRING,
        "",
        "what the signal is taken to be: dwarfs only, dwarfs and a halo at one strength, or dwarfs beside a free halo",
    ),
    Column("sample", STRING, "", "event sample behind the row: public-3y, simulated-7y or own"),
    Column("limitation", STRING, "", "what limits this pair of channel and mass in this sample; empty: nothing"),
    # discovery potential
    Column("n_tail_trials", INTEGER, "", "weighted background trials behind the thresholds"),
    Column("threshold_3sigma", REAL, "", "test statistic of p = 1.35e-3 without signal, by importance sampling"),
    Column("threshold_3sigma_error", REAL, "", "error of threshold_3sigma from the number of trials"),
    Column("threshold_3sigma_n_effective", REAL, "", "effective number of trials beyond threshold_3sigma"),
    Column("threshold_3sigma_asymptotic_p_value", REAL, "", "p-value of threshold_3sigma by the asymptotic law"),
    Column("n_s_discovery_3sigma", REAL, "", "mean signal events at which half of trials exceed threshold_3sigma"),
    Column("n_s_discovery_3sigma_error", REAL, "", "error of n_s_discovery_3sigma from the number of trials"),
    Column("sigma_v_discovery_3sigma", REAL, "cm3 s-1", "annihilation cross section at n_s_discovery_3sigma"),
    Column("threshold_5sigma", REAL, "", "test statistic of p = 2.87e-7 without signal, by importance sampling"),
    Column("threshold_5sigma_error", REAL, "", "error of threshold_5sigma from the number of trials"),
    Column("threshold_5sigma_n_effective", REAL, "", "effective number of trials beyond threshold_5sigma"),
    Column("threshold_5sigma_asymptotic_p_value", REAL, "", "p-value of threshold_5sigma by the asymptotic law"),
    Column("n_s_discovery_5sigma", REAL, "", "mean signal events at which half of trials exceed threshold_5sigma"),
    Column("n_s_discovery_5sigma_error", REAL, "", "error of n_s_discovery_5sigma from the number of trials"),
    Column("sigma_v_discovery_5sigma", REAL, "cm3 s-1", "annihilation cross section at n_s_discovery_5sigma"),
    # systematics
    Column("cause", STRING, "", "what is varied; total: all causes, shifts of one direction in quadrature"),
    Column("note", STRING, "", "what is to be said of a row"),
    Column("sigma_v_sensitivity_marginalised", REAL, "cm3 s-1", "sigma_v_sensitivity in the mean over drawn detectors"),
    Column("shift_lo", REAL, "", "relative shift of the sensitivity towards lower values, 0 or less"),
    Column("shift_hi", REAL, "", "relative shift of the sensitivity towards higher values, 0 or more"),
    # Galactic halo
    Column("profile", STRING, "", "profile of the Galactic halo: nfw, einasto, burkert or isothermal; none: no halo"),
    Column("j_all_sky", REAL, "GeV2 cm-5", "J factor of the Galactic halo over the whole sky"),
    Column("d_all_sky", REAL, "GeV cm-2", "D factor of the Galactic halo over the whole sky"),
    Column("halo_over_sources", REAL, "", "J (or D) of the halo over the whole sky, relative to all sources"),
    Column("n_events_per_sigma_v", REAL, "cm-3 s", "expected events of the halo per annihilation cross section"),
    Column(
        "information_share",
        REAL,
        "",
        "halo's own Fisher information on the strength over the sum of the halo's and the sources'",
    ),
    Column("halo_correlation", REAL, "", "correlation of the halo's R - 1 with that of the sources over background"),
    Column(
        "sigma_v_sensitivity_asimov", REAL, "cm3 s-1", "annihilation cross section at the closed form's sensitivity"
    ),
    Column(
        "sigma_v_sensitivity_asimov_same_cross_section",
        REAL,
        "cm3 s-1",
        "the same for sources and halo of one annihilation cross section",
    ),
    Column("sigma_v_sensitivity_asimov_free", REAL, "cm3 s-1", "the same for sources beside a halo of any strength"),
    Column("sigma_v_sensitivity_asimov_halo", REAL, "cm3 s-1", "the same for the halo alone"),
    Column("n_s_pull_per_sigma_v", REAL, "cm-3 s", "n_s that a fit of sources alone finds of a halo per cross section"),
    # limits from the measured counts; what an observed sky says, and whether that can be trusted
    *(Column(*row) for row in OBSERVED),
    # fit of the atmospheric model
    Column("parameter", STRING, "", "parameter of the atmospheric model or of the detector"),
    Column("best_fit", REAL, "", "fitted value in the unit of the parameter; mass splittings in eV2"),
    Column("uncertainty", REAL, "", "standard deviation of best_fit; 0: held"),
    Column("prior", REAL, "", "centre of the parameter's prior; null: free"),
    Column("prior_uncertainty", REAL, "", "standard deviation of the parameter's prior; null: free"),
    Column("pull", REAL, "", "best fit minus prior (of a certificate: minus truth, mean), over its uncertainty"),
    # limits of others
    Column("experiment", STRING, "", "detector that published the limit"),
    Column("year", STRING, "", "year of the publication"),
    Column("target", STRING, "", "where dark matter was looked for"),
    Column("confidence_level", REAL, "", "confidence level of the limit"),
    Column("sigma_v", REAL, "cm3 s-1", "published upper limit on the annihilation cross section"),
)

# The columns that tell one product of a stage from another, in the order in which they stand in a path.
KEYS = ("kind", "season", "channel", "mass", "n_injected", "experiment", "year", "target", "confidence_level", "seed")
