"""How every figure looks: colours of the channels, axis labels with units, frames, caveats.

Everything is set on the figure itself, over matplotlib's own settings: those of a user's matplotlibrc are left out.
pyplot is left alone, so that figures may be drawn by several threads and by a server.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.dark_matter.channels import CHANNEL_COLOURS, CHANNEL_LABELS, CHANNELS
from core.errors import ProductError
from core.glossary import GLOSSARY

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure


CLASS_COLOURS: dict[str, str] = {"cascade": "#0072B2", "track": "#D55E00"}
INK = "#222222"
FAINT = "#777777"
GRID = "#E4E4E4"
TITLE_SIZE = 12.0
LABEL_SIZE = 11.0
TEXT_SIZE = 9.0
DOTS_PER_INCH = 150
CAVEAT_SIZE = TEXT_SIZE - 1.5
CAVEATS_ID = "caveats"  # by which the texts of caveats are found on a figure, and in the file of an SVG
CAVEAT_LETTERS_PER_INCH = 16.0
LINE_SPACING = 1.2
POINTS_PER_INCH = 72.0
SKY_COLOURS = "viridis"

# What holds for every number made from a sample; stands in a corner of each figure.
DWARFS_ONLY = "dwarfs only"  # as the column `hypothesis` says it
HALO_LEFT_OUT = "dwarfs only, no Galactic halo"
PUBLIC_SAMPLE_CAVEATS: tuple[str, ...] = (
    HALO_LEFT_OUT,
    "isotropic azimuth error assumed",
    "2.5 years public data,\nreconstructed energies below 56 GeV",
    "not a result of the IceCube Collaboration",
)
SIMULATED_SAMPLE_CAVEATS: tuple[str, ...] = (
    "SIMULATED events,\nnot measured by any detector",
    HALO_LEFT_OUT,
    "public response continued\nto 1 TeV by a model",
)
OWN_SAMPLE_CAVEATS: tuple[str, ...] = (HALO_LEFT_OUT, "response from the sample's\nown simulation")
BINNED_SAMPLE_CAVEATS: tuple[str, ...] = (HALO_LEFT_OUT, "isotropic azimuth error assumed", "response from a file")
SAMPLE_CAVEATS: dict[str, tuple[str, ...]] = {
    "public-3y": PUBLIC_SAMPLE_CAVEATS,
    "simulated-7y": SIMULATED_SAMPLE_CAVEATS,
    "own": OWN_SAMPLE_CAVEATS,
    "binned": BINNED_SAMPLE_CAVEATS,
}

# What holds for every number of the published statistic besides.
J_WEIGHTED_CAVEATS: tuple[str, ...] = (
    "j_weighted: reproduces the published statistic;\nits background PDFs contain the signal",
)
SEPARATE_SKIES_CAVEATS: tuple[str, ...] = (
    *J_WEIGHTED_CAVEATS,
    "sources are drawn independently:\nno p-value or limit of one observed sky",
)

# A result of dwarf galaxies alone holds if the halo does not shine: what that leaves out, by sample and process.
CONDITIONAL_CAVEAT = "dwarfs only, conditional: the Galactic halo,\nwhich shines in neutrinos too, is left out"
CONDITIONAL_CAVEATS: dict[tuple[str, str], str] = {
    ("public-3y", "annihilation"): (
        "dwarfs only, conditional: at this ⟨σv⟩ the\nhalo would give more events than were seen"
    ),
}

MARGINALISED_CAVEAT = "J factors drawn for each signal trial:\nnot conservative, better than with fixed ones"
DIRAC_CAVEAT = "Dirac particles: half the pairs annihilate,\n⟨σv⟩ is twice that of others' limits"

# The field's word and symbol for the columns that stand on an axis; units come from the glossary.
AXIS_TERMS: dict[str, str] = {
    "mass": "dark matter mass $m_\\chi$",
    "sigma_v_sensitivity": "annihilation cross section ⟨σv⟩",
    "lifetime_sensitivity": "lifetime $\\tau$",
    "reco_energy_low": "reconstructed energy",
    "window_low": "lower edge of the window",
    "window_high": "upper edge of the window",
    "test_statistic": "test statistic TS, $n_s \\geq 0$",
    "test_statistic_signed": "signed test statistic",
    "n_injected": "injected signal events $n_{inj}$",
    "n_s": "fitted signal events $n_s$",
    "n_s_signed": "fitted signal events $n_s$",
    "ratio": "ratio $R$",
    "sigma_v_true": "true ⟨σv⟩",
    "decay_rate_true": "true decay rate",
    "log10_j_factor": "J factor",
    "log10_d_factor": "D factor",
}
# What matplotlib is set to without a user; where and how windows are shown is no matter of ours.
_OF_WINDOWS = (
    *("backend", "interactive", "toolbar", "webagg", "tk.", "keymap", "timezone", "date.epoch", "docstring"),
    *("savefig.directory", "figure.max_open_warning", "figure.raise_window"),
)
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def unit_text(unit: str) -> str:
    """Return a unit of the glossary as it is printed: "cm3 s-1" becomes "cm³ s⁻¹"."""
    powers = re.sub(r"(?<![a-z])(?!log)([A-Za-z]+)(-?\d+)\b", lambda m: m[1] + m[2].translate(_SUPERSCRIPTS), unit)
    return powers.replace("log10", "log₁₀")


def axis_label(column: str) -> str:
    """Return the label of an axis that shows a column: the field's term and the unit that the glossary states."""
    term = AXIS_TERMS.get(column, GLOSSARY[column].meaning)
    unit = GLOSSARY[column].unit
    return f"{term} [{unit_text(unit)}]" if unit else term


def pair_title(channel: str, mass: float) -> str:
    """Return a (channel, mass) pair as a title says it; mass in GeV."""
    return f"{channel_label(channel)},  $m_\\chi$ = {mass:g} GeV"


def channel_label(channel: str) -> str:
    """Return the mathematical name of the final state of an annihilation or decay: b b̄."""
    return {str(name): label for name, label in CHANNEL_LABELS.items()}.get(channel, channel)


def channel_colour(channel: str) -> str:
    """Return the colour that a channel has in every figure."""
    return {str(name): colour for name, colour in CHANNEL_COLOURS.items()}.get(channel, INK)


def in_channel_order(channels: Sequence[str]) -> list[str]:
    """Return the distinct channels in the order in which every figure and table lists them."""
    order = [str(channel) for channel in CHANNELS]
    return sorted(set(channels), key=lambda channel: order.index(channel) if channel in order else len(order))


def reals(table: pa.Table, column: str) -> NDArray[np.float64]:
    """Return a column as reals (n_rows,), null as NaN; ProductError if the table lacks it."""
    return np.asarray(_column(table, column).cast(pa.float64()).to_numpy(zero_copy_only=False), dtype=np.float64)


def texts(table: pa.Table, column: str) -> NDArray[np.str_]:
    """Return a text column (n_rows,); ProductError if the table lacks it."""
    encoded = _column(table, column).dictionary_encode()
    words = np.asarray(encoded.dictionary.to_pylist(), dtype=np.str_)
    return words[encoded.indices.to_numpy(zero_copy_only=False)] if words.size else words


def _column(table: pa.Table, column: str) -> Any:
    if column not in table.column_names:
        raise ProductError(f"the figure needs the column {column!r}; the table has {', '.join(table.column_names)}")
    return table.column(column).combine_chunks()


def forget_settings_of_others() -> None:
    """Bring matplotlib's settings back to its own, whatever a matplotlibrc or a caller has made of them.

    A `text.usetex` of the user's would let every figure fail, and fonts or sizes would make it another.
    """
    import matplotlib

    now: dict[str, Any] = {str(name): value for name, value in dict.items(matplotlib.rcParams)}
    if any(now.get(name) != value for name, value in _own_settings().items()):
        matplotlib.rcdefaults()


@cache
def _own_settings() -> dict[str, Any]:
    """Return what matplotlib is set to where nobody has set anything."""
    import matplotlib

    defaults = dict.items(matplotlib.rcParamsDefault)
    return {name: value for name, value in defaults if not name.startswith(_OF_WINDOWS)}


def new_figure(width: float, height: float, margins: Mapping[str, float] | None = None) -> Figure:
    """Return an empty white figure; width and height in inches.

    `margins` (left, right, bottom, top, wspace, hspace as in matplotlib) places the panels; without them they are
    fitted around their labels, which takes as long as the drawing itself.
    """
    from matplotlib.figure import Figure

    forget_settings_of_others()
    figure = Figure(figsize=(width, height), dpi=DOTS_PER_INCH, facecolor="white")
    if margins is None:
        figure.set_layout_engine("constrained")
    else:
        figure.subplots_adjust(**margins)
    return figure


def frame(axes: Axes, x_label: str = "", y_label: str = "", title: str = "") -> None:
    """Give axes the frame, ticks, grid and labels that all figures share."""
    axes.set_xlabel(x_label, fontsize=LABEL_SIZE, color=INK)
    axes.set_ylabel(y_label, fontsize=LABEL_SIZE, color=INK)
    axes.set_title(title, fontsize=TITLE_SIZE, color=INK, loc="left")
    axes.tick_params(which="both", direction="in", top=True, right=True, labelsize=TEXT_SIZE, color=FAINT)
    axes.tick_params(which="major", length=5)
    axes.tick_params(which="minor", length=2.5)
    axes.grid(visible=True, which="major", color=GRID, linewidth=0.7)
    axes.set_axisbelow(True)
    for spine in axes.spines.values():
        spine.set_color(FAINT)
        spine.set_linewidth(0.8)


def three_digits(value: float) -> str:
    """Return a number to three digits as a person writes it: 5.62, 56.2, 1000."""
    return str(np.format_float_positional(value, precision=3, fractional=False, trim="-"))


def plain_log_ticks(axis: Axis) -> None:
    """Write 0.1, 0.2, 0.5, 1 ... on a logarithmic axis that spans few decades, where powers of ten would be too few."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_formatter(NullFormatter())


def grouped(number: float) -> str:
    """Return a number, whole, in groups of three digits."""
    return f"{number:,.0f}".replace(",", " ")


def caveats_of(table: pa.Table) -> tuple[str, ...]:
    """Return what a reader must know of rows of results, by the words in their columns.

    Those are sample, hypothesis, process and statistic. Rows that name no sample are of the public one, those that name
    no hypothesis of dwarf galaxies alone.
    """
    names, samples, processes, hypotheses, j_factors = (
        set(table.column(column).to_pylist()) if column in table.column_names else set()
        for column in ("statistic", "sample", "process", "hypothesis", "j_uncertainty")
    )
    caveats: list[str] = []
    for sample in sorted(samples or {"public-3y"}):
        for process in sorted(processes or {"annihilation"}):
            conditional = CONDITIONAL_CAVEATS.get((sample, process), CONDITIONAL_CAVEAT)
            for hypothesis in sorted(hypotheses - {None} or {DWARFS_ONLY}):
                stated = sample_caveats(sample, hypothesis)
                caveats += [conditional if caveat == HALO_LEFT_OUT else caveat for caveat in stated]
    caveats += [DIRAC_CAVEAT] if "dirac_annihilation" in processes else []
    caveats += [MARGINALISED_CAVEAT] if "marginalised" in j_factors else []
    for name in sorted(names - {"joint", None}):
        caveats += statistic_caveats(name)
    return tuple(dict.fromkeys(caveats))


def sample_caveats(sample: str, hypothesis: str = DWARFS_ONLY) -> tuple[str, ...]:
    """Return what holds for every number of a sample, by its name, under a hypothesis of what the signal is.

    Of a sample that is not known here, just that.
    """
    caveats = SAMPLE_CAVEATS.get(sample, (f"sample {sample}", HALO_LEFT_OUT))
    if hypothesis == DWARFS_ONLY:
        return caveats
    return tuple(hypothesis if caveat == HALO_LEFT_OUT else caveat for caveat in caveats)


def statistic_caveats(statistic: str) -> tuple[str, ...]:
    """Return what holds besides for every number of a test statistic, by its word in the column `statistic`."""
    if statistic == "joint":
        return ()
    return J_WEIGHTED_CAVEATS if statistic.endswith("_one_sky") else SEPARATE_SKIES_CAVEATS


def caveats_on(figure: Figure) -> str:
    """Return the caveats that are written on a figure, in one line; nothing if there are none."""
    from matplotlib.text import Text

    texts = [str(text.get_text()) for text in figure.findobj(Text) if text.get_gid() == CAVEATS_ID]
    lines = [" ".join(line.split()) for text in texts for line in re.sub(r"\n {2,}", " ", text).splitlines()]
    return "; ".join(caveat.strip(" •") for line in lines for caveat in line.split("  ·  ".strip()))


def text_panel(axes: Axes) -> None:
    """Turn axes into an empty margin that holds a legend or a caveat box beside the data."""
    axes.set_axis_off()


def caveat_line(figure: Figure, caveats: Sequence[str]) -> None:
    """Write caveats in small letters below all panels of a figure, in as many lines as its width asks for.

    Margins that a figure sets itself are for one line: the panels end higher by every further one.
    """
    lines: list[str] = []
    for caveat in (caveat.replace("\n", " ") for caveat in caveats):
        if lines and len(lines[-1]) + len(caveat) < CAVEAT_LETTERS_PER_INCH * figure.get_figwidth():
            lines[-1] += f"  ·  {caveat}"
        else:
            lines.append(caveat)
    if lines:
        has_own_margins = figure.get_layout_engine() is None
        place = {"y": 0.01} if has_own_margins else {}
        written = figure.supxlabel("\n".join(lines), fontsize=CAVEAT_SIZE, color=FAINT, x=0.5, **place)
        written.set_gid(CAVEATS_ID)
        if has_own_margins and len(lines) > 1:
            further = (len(lines) - 1) * LINE_SPACING * CAVEAT_SIZE / POINTS_PER_INCH
            figure.subplots_adjust(bottom=figure.subplotpars.bottom + further / figure.get_figheight())
