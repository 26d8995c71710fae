"""The part of the glossary that is of an observed sky: its fit, its limits, and the certificate that they hold.

A row a column: name, Arrow type, unit, meaning; `core.glossary` takes them in.
"""

import pyarrow as pa

STRING, INTEGER, REAL, FLAG = pa.string(), pa.int64(), pa.float64(), pa.bool_()

OBSERVED: tuple[tuple[str, pa.DataType, str, str], ...] = (
    ("sky", STRING, "", "measured; simulated: of a sample that is; drawn: right ascensions by a generator"),
    ("p_value_error", REAL, "", "error of p_value from finite trials"),
    ("p_value_signed", REAL, "", "the same for the signed test statistic, above 1/2 for a negative n_s_signed"),
    ("p_value_global", REAL, "", "share of skies without signal in which any pair has so small a p_value"),
    ("p_value_global_signed", REAL, "", "share of skies without signal where any pair has such a p_value_signed"),
    ("sigma_v_interval_lo", REAL, "cm3 s-1", "lower end of the 68 % interval of the annihilation cross section"),
    ("sigma_v_interval_hi", REAL, "cm3 s-1", "upper end of the 68 % interval of the annihilation cross section"),
    ("n_s_upper_limit", REAL, "", "upper limit on the mean signal events, not below the sensitivity"),
    ("n_s_upper_limit_error", REAL, "", "error of n_s_upper_limit from the number of trials"),
    ("is_sensitivity", FLAG, "", "the limit by trials lies below the sensitivity, which stands in its place"),
    ("sigma_v_upper_limit_feldman_cousins", REAL, "cm3 s-1", "upper end of the unified interval of the cross section"),
    ("sigma_v_feldman_cousins_lo", REAL, "cm3 s-1", "lower end of the unified interval of the cross section"),
    ("sigma_v_upper_limit_likelihood", REAL, "cm3 s-1", "cross section at which the likelihood has fallen enough"),
    (
        "sigma_v_upper_limit_profiled_j",
        REAL,
        "cm3 s-1",
        "the same with all J factors (D of decay) profiled within their errors; null: one has none, or several fits",
    ),
    # certificate
    ("sigma_v_true", REAL, "cm3 s-1", "annihilation cross section that pseudo-skies are drawn with"),
    ("limit", STRING, "", "kind of limit: a column of upper_limit without its strength, or interval"),
    ("coverage", REAL, "", "share of pseudo-skies whose limit is not below the truth, or whose interval has it"),
    ("coverage_error", REAL, "", "binomial error of coverage"),
    ("n_skies", INTEGER, "", "pseudo-skies behind the row, the background estimated from each"),
    ("bias", REAL, "", "mean of n_s_signed less the mean number of signal events drawn"),
    ("bias_error", REAL, "", "error of bias from the number of pseudo-skies"),
    ("pull_width", REAL, "", "standard deviation of pull over pseudo-skies"),
    ("p_value_flatness", REAL, "", "Kolmogorov-Smirnov probability that p-values of the truth are flat"),
    ("passed", FLAG, "", "all bounds of the certificate hold for the row; null: no bound is set on it"),
    ("reason", STRING, "", "which bound does not hold, in words; empty: none"),
)
