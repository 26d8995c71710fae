"""⟨σv⟩ against mass: our sensitivities with their bands, published limits and the thermal relic beside them.

Of decay it is the lifetime: a sensitivity is the shortest that no excess would leave, and bands are open upwards.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from numpy.typing import NDArray

from core.dark_matter.processes import process_of
from core.errors import ProductError
from core.figures import style
from core.figures.contested_curves import contested_handles, contested_ratio, draw_contested
from core.figures.halo_curves import SHOWN_PROFILES, draw_halo_curves, halo_curves, halo_handles
from core.figures.margin import fill_margin, frame_with_margin
from core.figures.observed_limits import draw_observed, observed_handles, observed_strengths
from core.published.imported import IMPORTED
from core.published.limits import PublishedLimit, thermal_relic

FADE_DECADES = 0.9
N_FADE_STEPS = 24
# Each experiment keeps its line and grey in every figure; our own curve alone has colour.
EXPERIMENT_LINES: dict[str, dict[str, Any]] = {
    "Fermi-LAT": {"color": "#111111", "linestyle": "-."},
    "VERITAS": {"color": "#555555", "linestyle": (0, (1, 1.2))},
    "H.E.S.S.": {"color": "#555555", "linestyle": (0, (4, 1, 1, 1, 1, 1))},
    "IceCube/DeepCore": {"color": "#111111", "linestyle": "--"},
    "IceCube cascades": {"color": "#777777", "linestyle": (0, (8, 2))},
    "ANTARES": {"color": "#888888", "linestyle": "-"},
    "Super-Kamiokande": {"color": "#888888", "linestyle": (0, (2, 2))},
}
MARKERS: dict[str, str] = {"": "o", "migration only": "<", "sensitivity limited by the 56 GeV cut": "s"}
UNKNOWN_MARKER = "D"
LIMITATION_LABELS: dict[str, str] = {
    "migration only": "migration only (below 8 GeV)",
    "sensitivity limited by the 56 GeV cut": "limited by the 56 GeV cut",
}


@dataclass(frozen=True)
class _Curve:
    """The rows of one channel in order of mass: mass (n,) GeV, the rest (n,) cm³ s⁻¹, of decay s, NaN for no answer.

    `low` is the edge of a band that a lucky sky would give, the lower one of ⟨σv⟩, the upper one of the lifetime.
    """

    mass: NDArray[np.float64]
    median: NDArray[np.float64]
    low_68: NDArray[np.float64]
    high_68: NDArray[np.float64]
    low_95: NDArray[np.float64]
    high_95: NDArray[np.float64]
    limitation: NDArray[np.str_]


def limits_figure(
    sensitivity: pa.Table,
    comparison: Sequence[PublishedLimit] = (),
    caveats: Sequence[str] = style.PUBLIC_SAMPLE_CAVEATS,
    halo: pa.Table | None = None,
    observed: pa.Table | None = None,
    robustness: pa.Table | None = None,
) -> Figure:
    """Draw all channels side by side on common axes: each with its bands and the limits published for that channel.

    sensitivity: rows of the `sensitivity` product, any number of channels; comparison: published curves of any channel,
    of which those with a cored (Burkert) halo are left to `channel_limits_figure`; caveats: what a reader must know,
    written into the corner; halo: rows of the `halo` product, for what galaxies and halo of one ⟨σv⟩ would exclude;
    observed: rows of `counts_limit`, of which those by trials are drawn, or of `upper_limit`; robustness: rows of the
    product, for the sensitivity without contested galaxies. ProductError if the table is empty or lacks a column.
    """
    channels = _channels(sensitivity)
    shown = [limit for limit in _in_view(comparison, sensitivity, channels) if "Burkert" not in limit.target]
    has_relic = not process_of(sensitivity).is_decay
    n_columns = min(3, len(channels) + 1)
    n_rows = -(-(len(channels) + 1) // n_columns)
    width, height = 1.0 + 3.75 * n_columns, 0.35 + 4.1 * n_rows
    margins = {"left": 0.95 / width, "right": 1.0 - 0.15 / width, "bottom": 0.55 / height, "top": 1.0 - 0.45 / height}
    figure = style.new_figure(width, height, {**margins, "wspace": 0.16, "hspace": 0.22})
    grid = figure.subplots(n_rows, n_columns, sharex=True, sharey=True, squeeze=False)
    panels = list(grid.flat)
    for axes, channel in zip(panels, channels, strict=False):
        curve, own = _curve(sensitivity, channel), [limit for limit in shown if limit.channel == channel]
        _draw_channel(axes, curve, channel, own, has_relic)
        _draw_beside(axes, sensitivity, curve, channel, halo, robustness)
        draw_observed(axes, observed, channel)
        style.frame(axes, title=style.channel_label(channel))
    _scale(panels[0], sensitivity, shown, halo, observed, robustness)
    for axes in panels[len(channels) :]:
        style.text_panel(axes)
    for axes in panels[: len(channels)]:
        axes.tick_params(labelbottom=True, labelleft=True)
    for axes in panels[max(0, len(channels) - n_columns) : len(channels)]:
        axes.set_xlabel(style.axis_label("mass"), fontsize=style.LABEL_SIZE, color=style.INK)
    figure.supylabel(_quantity_label(sensitivity), fontsize=style.LABEL_SIZE, color=style.INK, x=0.008)
    beside = [*contested_handles(robustness, style.INK), *halo_handles(halo, style.INK)]
    handles = [*beside, *observed_handles(observed), *_experiment_handles(shown)]
    fill_margin(figure, panels[-1], [*_own_handles(sensitivity, style.INK), *handles], caveats)
    return figure


def sensitivities_figure(
    sensitivity: pa.Table,
    caveats: Sequence[str] = style.PUBLIC_SAMPLE_CAVEATS,
    halo: pa.Table | None = None,
    robustness: pa.Table | None = None,
) -> Figure:
    """Draw the sensitivities of all channels with 68 % bands in one frame, with the thermal relic.

    sensitivity: rows of the `sensitivity` product; halo and robustness as in `limits_figure`, of which one
    profile is drawn. ProductError if it is empty or lacks a column.
    """
    figure, axes, margin = frame_with_margin()
    handles: list[Any] = []
    for channel in _channels(sensitivity):
        curve, colour = _curve(sensitivity, channel), style.channel_colour(channel)
        _draw_band(axes, curve.mass, curve.low_68, curve.median, curve.high_68, colour, 0.18)
        _draw_median(axes, curve, colour)
        _draw_beside(axes, sensitivity, curve, channel, halo, robustness, SHOWN_PROFILES[:1])
        handles.append(Line2D([], [], color=colour, marker="o", markersize=4.5, label=style.channel_label(channel)))
    relic = [] if process_of(sensitivity).is_decay else [_relic_handle()]
    if relic:
        _draw_thermal_relic(axes)
    style.frame(axes, style.axis_label("mass"), _quantity_label(sensitivity))
    _scale(axes, sensitivity, (), halo, None, robustness)
    handles.append(Patch(color=style.INK, alpha=0.18, label="68 % of background-only skies"))
    handles += [*contested_handles(robustness, style.INK), *halo_handles(halo, style.INK, SHOWN_PROFILES[:1])]
    handles += [*_mark_handles(sensitivity, style.INK), *relic]
    fill_margin(figure, margin, handles, caveats, "Sensitivity, 90 % CL")
    return figure


def channel_limits_figure(
    sensitivity: pa.Table,
    channel: str,
    comparison: Sequence[PublishedLimit] = (),
    caveats: Sequence[str] = style.PUBLIC_SAMPLE_CAVEATS,
    halo: pa.Table | None = None,
    observed: pa.Table | None = None,
    robustness: pa.Table | None = None,
) -> Figure:
    """Draw one channel: the median sensitivity, 68 % and 95 % bands, the limits published for it, the thermal relic.

    Arguments as in `limits_figure`; ProductError if the table has no row of the channel.
    """
    curve, shown = _curve(sensitivity, channel), _in_view(comparison, sensitivity, [channel])
    figure, axes, margin = frame_with_margin()
    _draw_channel(axes, curve, channel, shown, not process_of(sensitivity).is_decay)
    colour = style.channel_colour(channel)
    _draw_beside(axes, sensitivity, curve, channel, halo, robustness)
    draw_observed(axes, observed, channel)
    style.frame(axes, style.axis_label("mass"), _quantity_label(sensitivity), style.channel_label(channel))
    _scale(axes, sensitivity, shown, halo, observed, robustness)
    beside = [*contested_handles(robustness, colour), *halo_handles(halo, colour)]
    handles = [*beside, *observed_handles(observed), *_limit_handles(shown)]
    ours = _own_handles(_rows_of(sensitivity, channel), colour)
    fill_margin(figure, margin, [*ours, *handles], caveats)
    return figure


def _channels(sensitivity: pa.Table) -> list[str]:
    if sensitivity.num_rows == 0:
        raise ProductError("there is no sensitivity to draw: the table has no rows; run the analysis first")
    return style.in_channel_order(style.texts(sensitivity, "channel").tolist())


def _rows_of(sensitivity: pa.Table, channel: str) -> pa.Table:
    rows = sensitivity.filter(pa.array(style.texts(sensitivity, "channel") == channel))
    if rows.num_rows == 0:
        raise ProductError(f"no sensitivity of channel {channel!r}: the table has {', '.join(_channels(sensitivity))}")
    return rows.sort_by("mass")


def _curve(sensitivity: pa.Table, channel: str) -> _Curve:
    rows = _rows_of(sensitivity, channel)
    return _Curve(
        mass=style.reals(rows, "mass"),
        median=_quantity(rows, "sensitivity"),
        low_68=_quantity(rows, "band_lo68"),
        high_68=_quantity(rows, "band_hi68"),
        low_95=_quantity(rows, "band_lo95"),
        high_95=_quantity(rows, "band_hi95"),
        limitation=style.texts(rows, "limitation"),
    )


def _quantity(rows: pa.Table, name: str) -> NDArray[np.float64]:
    """Return what is drawn of rows, (n_rows,): cross sections, or lifetimes."""
    process = process_of(rows)
    values = style.reals(rows, f"{process.strength}_{name}")
    return 1.0 / values if process.is_decay else values


def _quantity_label(sensitivity: pa.Table) -> str:
    return style.axis_label("lifetime_sensitivity" if process_of(sensitivity).is_decay else "sigma_v_sensitivity")


def _mass_range(sensitivity: pa.Table) -> tuple[float, float]:
    """Return the ends of the mass axis (GeV): our masses with a margin, a factor 25 at least."""
    mass = style.reals(sensitivity, "mass")
    middle = float(np.sqrt(mass.min() * mass.max()))
    return min(0.8 * float(mass.min()), middle / 5.0), max(1.25 * float(mass.max()), 5.0 * middle)


def _in_view(
    comparison: Sequence[PublishedLimit], sensitivity: pa.Table, channels: Sequence[str]
) -> list[PublishedLimit]:
    if process_of(sensitivity).is_decay:
        return []
    low, high = _mass_range(sensitivity)
    return [
        limit
        for limit in comparison
        if limit.channel in channels and bool(((limit.mass > low) & (limit.mass < high)).any())
    ]


def _draw_channel(
    axes: Axes, curve: _Curve, channel: str, comparison: Sequence[PublishedLimit], has_relic: bool
) -> None:
    colour = style.channel_colour(channel)
    low_95 = np.where(np.isnan(curve.low_68), curve.median, curve.low_68)
    _draw_band(axes, curve.mass, curve.low_95, low_95, curve.high_95, colour, 0.18)
    _draw_band(axes, curve.mass, curve.low_68, curve.median, curve.high_68, colour, 0.26)
    for limit in comparison:
        axes.plot(limit.mass, limit.sigma_v, zorder=2, **_line_of(limit))
    if has_relic:
        _draw_thermal_relic(axes)
    _draw_median(axes, curve, colour)


def _draw_beside(
    axes: Axes,
    sensitivity: pa.Table,
    curve: _Curve,
    channel: str,
    halo: pa.Table | None,
    robustness: pa.Table | None,
    profiles: Sequence[str] = SHOWN_PROFILES,
) -> None:
    """Draw what stands beside the published hypothesis: without contested galaxies, and with the halo."""
    colour = style.channel_colour(channel)
    draw_contested(axes, curve.mass, _without_contested(sensitivity, channel, robustness), colour)
    draw_halo_curves(axes, list(halo_curves(halo, channel, profiles)), colour)


def _without_contested(sensitivity: pa.Table, channel: str, robustness: pa.Table | None) -> NDArray[np.float64]:
    """Return what is drawn of a channel without contested galaxies, (n,), NaN where it is not known."""
    curve = _curve(sensitivity, channel)
    ratio = contested_ratio(robustness, channel, curve.mass)
    return curve.median / ratio if process_of(sensitivity).is_decay else curve.median * ratio


def _draw_band(
    axes: Axes,
    mass: NDArray[np.float64],
    low: NDArray[np.float64],
    inner: NDArray[np.float64],
    high: NDArray[np.float64],
    colour: str,
    alpha: float,
) -> None:
    """Fill between two quantiles; where `low` does not exist (NaN) the band fades away beyond `inner`."""
    depth = np.where(np.isnan(low), FADE_DECADES, 0.0)
    mass, depth, solid, high = _widened(mass, depth, np.where(np.isnan(low), inner, low), high)
    axes.fill_between(mass, solid, high, color=colour, alpha=alpha, linewidth=0, zorder=1)
    away = np.where(high > solid, -depth, depth)
    for step in range(N_FADE_STEPS if depth.any() else 0):
        near, far = (solid * 10.0 ** (away * (step + i) / N_FADE_STEPS) for i in (0, 1))
        fading = alpha * (1.0 - (step + 0.5) / N_FADE_STEPS)
        axes.fill_between(mass, far, near, color=colour, alpha=fading, linewidth=0, zorder=1)


def _widened(mass: NDArray[np.float64], *edges: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    """Return mass and edges as they are; a single mass becomes a narrow column, to be seen at all."""
    if mass.size > 1:
        return [mass, *edges]
    return [np.repeat(mass, 2) * (0.97, 1.03), *(np.repeat(edge, 2) for edge in edges)]


def _draw_median(axes: Axes, curve: _Curve, colour: str) -> None:
    axes.plot(curve.mass, curve.median, color=colour, linewidth=2.0, zorder=4)
    for limitation in np.unique(curve.limitation):
        rows = curve.limitation == limitation
        axes.plot(curve.mass[rows], curve.median[rows], linestyle="none", zorder=5, **_marker(str(limitation), colour))


def _marker(limitation: str, colour: str) -> dict[str, Any]:
    return {
        "marker": MARKERS.get(limitation, UNKNOWN_MARKER),
        "markersize": 5.0,
        "markeredgewidth": 1.3,
        "markeredgecolor": colour,
        "markerfacecolor": "white" if limitation else colour,
    }


def _draw_thermal_relic(axes: Axes) -> None:
    mass, sigma_v = thermal_relic()
    axes.plot(mass, sigma_v, color=style.FAINT, linewidth=4.0, alpha=0.35, zorder=1.5, solid_capstyle="butt")


def _scale(
    axes: Axes,
    sensitivity: pa.Table,
    comparison: Sequence[PublishedLimit],
    halo: pa.Table | None = None,
    observed: pa.Table | None = None,
    robustness: pa.Table | None = None,
) -> None:
    """Set logarithmic axes that hold our masses with a margin, our bands and what is published at those masses."""
    low, high = _mass_range(sensitivity)
    shown = [_quantity(sensitivity, name) for name in ("sensitivity", "band_hi95")]
    shown += [10.0**FADE_DECADES * shown[0]] if process_of(sensitivity).is_decay else [thermal_relic()[1][:1] / 3.0]
    shown += [limit.sigma_v[(limit.mass >= low) & (limit.mass <= high)] for limit in comparison]
    shown += [curve.value for channel in _channels(sensitivity) for curve in halo_curves(halo, channel)]
    shown += [_without_contested(sensitivity, channel, robustness) for channel in _channels(sensitivity)]
    values = np.concatenate([*shown, observed_strengths(observed)])
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlim(low, high)
    axes.set_ylim(10.0 ** np.floor(np.log10(np.nanmin(values))), 10.0 ** np.ceil(np.log10(np.nanmax(values)) + 0.1))
    style.plain_log_ticks(axes.xaxis)


def _line_of(limit: PublishedLimit) -> dict[str, Any]:
    line = dict(EXPERIMENT_LINES.get(limit.experiment, {"color": style.FAINT, "linestyle": "-"}))
    if "Burkert" in limit.target:
        line["alpha"] = 0.45
    return {**line, "linewidth": 1.3}


def _limit_label(limit: PublishedLimit) -> str:
    level = f"{100.0 * limit.confidence_level:g} %"
    dagger = " †" if limit.note else ""
    return f"{limit.experiment} {limit.year}{dagger}\n{limit.target}, {level} CL"


def _limit_handles(comparison: Sequence[PublishedLimit]) -> list[Line2D]:
    """Return a legend entry a published curve, and what the dagger means if one carries it."""
    handles = [Line2D([], [], label=_limit_label(limit), **_line_of(limit)) for limit in comparison]
    notes = _notes(comparison)
    return handles + ([Line2D([], [], linestyle="none", label=f"† {notes}")] if notes else [])


def _experiment_handles(comparison: Sequence[PublishedLimit]) -> list[Line2D]:
    """Return one short legend entry an experiment and target, for all channels together."""
    lines = {f"{limit.experiment} {limit.year}, {_short(limit.target)}": _line_of(limit) for limit in comparison}
    noted = sorted({style.channel_label(limit.channel) for limit in comparison if limit.note})
    handles = [Line2D([], [], label=label, **line) for label, line in lines.items()]
    return handles + [Line2D([], [], linestyle="none", label=f"{name}: {_notes(comparison)}") for name in noted]


def _short(target: str) -> str:
    return target.replace("Galactic Centre", "GC").replace("Milky Way halo", "halo")


def _notes(comparison: Sequence[PublishedLimit]) -> str:
    return "; ".join(sorted({limit.note for limit in comparison if limit.note}))


def _mark_handles(sensitivity: pa.Table, colour: str) -> list[Line2D]:
    limitations = [
        limitation for limitation in np.unique(style.texts(sensitivity, "limitation")).tolist() if limitation
    ]
    return [
        Line2D(
            [], [], linestyle="none", label=LIMITATION_LABELS.get(limitation, limitation), **_marker(limitation, colour)
        )
        for limitation in limitations
    ]


def _own_handles(sensitivity: pa.Table, colour: str) -> list[Any]:
    """Return what our lines, bands and marks are, and the thermal relic."""
    owner = "imported" if (style.texts(sensitivity, "limitation") == IMPORTED).all() else "dwarfnu"
    has_open_edge = bool(np.isnan(_quantity(sensitivity, "band_lo95")).any())
    is_decay = process_of(sensitivity).is_decay
    open_edge = f", open {'above' if is_decay else 'below'}" if has_open_edge else ""
    return [
        Line2D([], [], color=colour, linewidth=2.0, marker="o", markersize=5, label=f"{owner} sensitivity, 90 % CL"),
        Patch(facecolor=colour, alpha=0.40, label="68 % of background-only skies"),
        Patch(facecolor=colour, alpha=0.18, label=f"95 %{open_edge}"),
        *_mark_handles(sensitivity, colour),
        *([] if is_decay else [_relic_handle()]),
    ]


def _relic_handle() -> Line2D:
    return Line2D([], [], color=style.FAINT, linewidth=4.0, alpha=0.35, label="thermal relic (Steigman et al. 2012)")
