"""The columns of what was observed: counts and their limits, the sky and its own, a certificate."""

from core.glossary.column import FLAG, INTEGER, REAL, STRING, Column

OBSERVED: tuple[Column, ...] = (
    # limits from the measured counts
    Column("method", STRING, "", "conservative (no background), atmospheric_cls (asymptotic) or atmospheric_trials"),
    Column("sigma_v_upper_limit", REAL, "cm3 s-1", "upper limit on the annihilation cross section by the row's method"),
    Column("sigma_v_upper_limit_error", REAL, "cm3 s-1", "error of sigma_v_upper_limit from finite trials"),
    Column(
        "sigma_v_upper_limit_unfloored",
        REAL,
        "cm3 s-1",
        "upper limit on the annihilation cross section without floor or CLs; null: even no signal is excluded",
    ),
    Column(
        "sigma_v_upper_limit_cls", REAL, "cm3 s-1", "annihilation cross section at which CLs is 1 - confidence level"
    ),
    Column("sigma_v_best_fit", REAL, "cm3 s-1", "annihilation cross section that fits best; may be negative"),
    Column("sigma_v_best_fit_error", REAL, "cm3 s-1", "standard deviation of sigma_v_best_fit from the curvature"),
    Column("sigma_v_expected_limit", REAL, "cm3 s-1", "median limit of background alone, by the row's method"),
    Column("sigma_v_expected_limit_lo95", REAL, "cm3 s-1", "the same at its 2.5 % quantile, 2 sigma; null: none"),
    Column("sigma_v_expected_limit_lo68", REAL, "cm3 s-1", "the same at its 16 % quantile, 1 sigma; null: none"),
    Column("sigma_v_expected_limit_hi68", REAL, "cm3 s-1", "the same at its 84 % quantile, 1 sigma"),
    Column("sigma_v_expected_limit_hi95", REAL, "cm3 s-1", "the same at its 97.5 % quantile, 2 sigma"),
    Column("significance", REAL, "", "standard deviations of the best fit from no signal, negative below it"),
    Column("p_value", REAL, "", "share of trials without signal whose test statistic is not below the measured one"),
    Column("goodness_of_fit", REAL, "", "p-value of the fit without signal: how often a true model fits no better"),
    Column("n_bins", INTEGER, "", "bins of measured counts that the limit uses"),
    Column("n_histograms", INTEGER, "", "drawn histograms of counts behind the limit; null: none"),
    Column("n_expected_error", REAL, "", "error of n_expected from finite simulation and the muons' own"),
    Column("n_expected_muons", REAL, "", "atmospheric muons in n_expected"),
    Column("residual", REAL, "", "signed root of a bin's -2 ln L: standard deviations of data above expectation"),
    # likelihoods that are handed on
    Column("sigma_v_tested", REAL, "cm3 s-1", "annihilation cross section that a likelihood is told at"),
    Column(
        "likelihood_ratio",
        REAL,
        "",
        "-2 ln of the likelihood at the strength tested over the greatest, else profiled",
    ),
    # what an observed sky says
    Column(
        "sky",
        STRING,
        "",
        "measured; simulated: of a sample that is; drawn: right ascensions by a generator; expected: without signal",
    ),
    Column("p_value_error", REAL, "", "error of p_value from finite trials"),
    Column("p_value_signed", REAL, "", "the same for the signed test statistic, above 1/2 for a negative n_s_signed"),
    Column("p_value_global", REAL, "", "share of skies without signal in which any pair has so small a p_value"),
    Column("p_value_global_signed", REAL, "", "share of skies without signal where any pair has such a p_value_signed"),
    Column("sigma_v_interval_lo", REAL, "cm3 s-1", "lower end of the 68 % interval of the annihilation cross section"),
    Column("sigma_v_interval_hi", REAL, "cm3 s-1", "upper end of the 68 % interval of the annihilation cross section"),
    Column("n_s_upper_limit", REAL, "", "upper limit on the mean signal events, not below the sensitivity"),
    Column("n_s_upper_limit_error", REAL, "", "error of n_s_upper_limit from the number of trials"),
    Column("is_sensitivity", FLAG, "", "the limit by trials lies below the sensitivity, which stands in its place"),
    Column(
        "sigma_v_upper_limit_feldman_cousins", REAL, "cm3 s-1", "upper end of the unified interval of the cross section"
    ),
    Column("sigma_v_feldman_cousins_lo", REAL, "cm3 s-1", "lower end of the unified interval of the cross section"),
    Column(
        "sigma_v_upper_limit_marginalised_detector",
        REAL,
        "cm3 s-1",
        "the same as unfloored by trials with drawn detectors; null: none, or no detector parameters",
    ),
    Column(
        "sigma_v_upper_limit_likelihood", REAL, "cm3 s-1", "cross section at which the likelihood has fallen enough"
    ),
    Column(
        "sigma_v_upper_limit_profiled_j",
        REAL,
        "cm3 s-1",
        "the same with all J factors (D of decay) profiled within their errors; null: one has none, or several fits",
    ),
    # certificate
    Column("sigma_v_true", REAL, "cm3 s-1", "annihilation cross section that pseudo-skies are drawn with"),
    Column("limit", STRING, "", "kind of limit: a column of upper_limit without its strength, or interval"),
    Column("coverage", REAL, "", "share of pseudo-skies whose limit is not below the truth, or whose interval has it"),
    Column("coverage_error", REAL, "", "binomial error of coverage"),
    Column("bias", REAL, "", "mean of n_s_signed less the mean number of signal events drawn"),
    Column("bias_error", REAL, "", "error of bias from the number of pseudo-skies"),
    Column("pull_width", REAL, "", "standard deviation of pull over pseudo-skies"),
    Column("p_value_flatness", REAL, "", "Kolmogorov-Smirnov probability that p-values of the truth are flat"),
    Column("passed", FLAG, "", "all bounds of the certificate hold for the row; null: no bound is set on it"),
    Column("reason", STRING, "", "which bound does not hold, in words; empty: none"),
)
