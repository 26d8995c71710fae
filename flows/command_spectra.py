"""What `dwarfnu spectra` does: makes the table of spectra, shows a pair, compares with another table, draws."""

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from rich.console import Console
from rich.table import Table

from core.dark_matter.channels import CHANNELS, FLAVOURS, Channel, canonical_channel
from core.errors import PhysicsError
from core.figures.spectra import (
    flavour_triangle_figure,
    spectra_by_channel_figure,
    spectra_by_mass_figure,
    spectra_ratio_figure,
)
from core.spectra import ProducedSpectra, produced_spectra, spectra_at_earth
from core.spectra.oscillation import arriving_errors, earth_matter_systematic, flavour_shares
from core.spectra.shipped import SHIPPED_SPECTRA, table_metadata
from core.spectra.table_comparison import COMPARED_CHANNELS, ComparisonRow, comparison
from flows.prefect_settings import prefect_at_hand, prepare_prefect

_COMPARED = ("± stat", "other", "ratio", "")
COMPARISON_HEADINGS = ("channel", "mass", "flavour", "energy", *_COMPARED, "number", *_COMPARED, "like for like")


def make_table(
    shards: Path,
    table: Path = SHIPPED_SPECTRA,
    n_shards: int | None = None,
    n_events: int | None = None,
    channels: list[str] | None = None,
    n_workers: int | None = None,
    onto: Path | None = None,
) -> None:
    """Generate the shards that are missing in a folder and put all together into a table; None: as shipped.

    With `onto` only what that table lacks of the plan is generated, and added to it.

    Raises DwarfnuError naming the shards that failed, and InputError when the generator is not installed.
    """
    prepare_prefect(n_workers, "WARNING")
    from core.spectra.production import N_SHARDS, SHARD_EVENTS

    with prefect_at_hand("flows.spectra_table") as flows:
        flows.spectra_table(shards, table, n_shards or N_SHARDS, n_events or SHARD_EVENTS, channels, onto)


def print_comparison(other: str, console: Console, channels: list[str] | None = None) -> int:
    """Print our spectra against another table's, and return how many rows are out of tolerance for no known cause."""
    chosen = [canonical_channel(name) for name in channels] if channels else list(COMPARED_CHANNELS)
    rows = comparison(other, channels=chosen)
    table = Table(title=f"own spectra against {other}: share of the energy 2m, neutrinos per annihilation")
    for heading in COMPARISON_HEADINGS:
        table.add_column(heading, justify="left" if heading in ("channel", "flavour", "") else "right")
    for row in rows:
        table.add_row(*_comparison_cells(row))
    console.print(table)
    console.print(*_in_words(rows), sep="\n")
    return sum(row.is_out_for_no_known_cause for row in rows)


def print_pair(channel: str, mass: float, source: str, console: Console) -> None:
    """Print what one annihilation gives of each species, made and at Earth: number, share of the energy, line.

    With the systematic uncertainties: of what arrives by the mixing angles, of the expected events by the Earth.
    """
    made, arriving = produced_spectra(channel, mass, source), spectra_at_earth(channel, mass, source)
    energy = made.energy_fraction()
    errors = (
        np.zeros(6) if arriving is made else np.concatenate([arriving_errors(half) for half in np.split(energy, 2)])
    )
    table = Table(title=f"{made.channel} at {mass:g} GeV: neutrinos per annihilation")
    for heading in ("flavour", "number", "energy / 2m", "line", "number at Earth", "energy / 2m", "± mixing", "line"):
        table.add_column(heading, justify="left" if heading == "flavour" else "right")
    for index, flavour in enumerate(FLAVOURS):
        values = [
            *(quantity[index] for quantity in (made.multiplicity(), energy, made.line)),
            *(quantity[index] for quantity in (arriving.multiplicity(), arriving.energy_fraction())),
            errors[index],
            arriving.line[index],
        ]
        table.add_row(flavour, *(f"{value:.4g}" for value in values))
    console.print(table)
    systematic = earth_matter_systematic(made.channel, mass)
    console.print(
        "Matter in the Earth, left out of the oscillation here, moves the expected events of the public sample by up "
        f"to {systematic:.0%}; an analysis takes it in with spectra.earth_matter = true."
    )


def print_table(console: Console) -> None:
    """Print what the shipped table holds: masses and events of each channel, and what made it."""
    made = table_metadata()
    table = Table(title=f"shipped table of spectra, made with {made['generator']}")
    for heading in ("channel", "masses (GeV)", "events a mass"):
        table.add_column(heading)
    for channel in CHANNELS:
        runs = [run for run in made["runs"] if run["channel"] == channel and not run["at_rest"]]
        if runs:
            events = sorted({run["n_events"] for run in runs})
            masses = " ".join(f"{run['mass']:g}" for run in sorted(runs, key=lambda run: run["mass"]))
            table.add_row(channel, masses, " to ".join(f"{n:,}" for n in dict.fromkeys((events[0], events[-1]))))
    console.print(table)


def draw_spectra(folder: Path, masses: list[float], channels: list[str], other: str | None = None) -> list[Path]:
    """Draw spectra and flavours by channel for each mass, spectra by mass for each channel, the ratio if `other`.

    Pairs that are closed are left out. Returns the files.
    """
    folder.mkdir(parents=True, exist_ok=True)
    names = [canonical_channel(name) for name in channels]
    open_pairs = [(channel, mass) for channel in names for mass in masses if _is_open(channel, mass)]
    drawn = []
    for mass in masses:
        pairs = [pair for pair in open_pairs if pair[1] == mass]
        if pairs:
            figure = spectra_by_channel_figure(*_made_and_arriving(pairs))
            drawn.append((folder / f"spectra_mass={mass:g}.png", figure))
            drawn.append((folder / f"flavours_mass={mass:g}.png", _flavour_figure(pairs)))
    for channel in names:
        pairs = [pair for pair in open_pairs if pair[0] == channel]
        if pairs:
            drawn.append(
                (folder / f"spectra_channel={channel}.png", spectra_by_mass_figure(*_made_and_arriving(pairs)))
            )
    if other is not None:
        drawn.append((folder / "spectra_ratio.png", spectra_ratio_figure(comparison(other))))
    for path, figure in drawn:
        figure.savefig(path)
    return [path for path, _ in drawn]


def _is_open(channel: Channel, mass: float) -> bool:
    try:
        produced_spectra(channel, mass)
    except PhysicsError:
        return False
    return True


def _made_and_arriving(pairs: list[tuple[Channel, float]]) -> tuple[list[ProducedSpectra], list[ProducedSpectra]]:
    return [produced_spectra(*pair) for pair in pairs], [spectra_at_earth(*pair) for pair in pairs]


def _flavour_figure(pairs: list[tuple[Channel, float]]) -> Figure:
    """Return the triangle of the flavours' shares of the energy for channels of one mass."""
    made, arriving = (
        {
            str(produced.channel): flavour_shares(dict(zip(FLAVOURS, produced.energy_fraction(), strict=True)))
            for produced in spectra
        }
        for spectra in _made_and_arriving(pairs)
    )
    return flavour_triangle_figure(made, arriving, f"$m_\\chi$ = {pairs[0][1]:g} GeV")


def _comparison_cells(row: ComparisonRow) -> list[str]:
    return [
        row.channel,
        f"{row.mass:g}",
        row.flavour,
        f"{row.energy_fraction:.5f}",
        f"{row.energy_fraction_error:.5f}",
        f"{row.other_energy_fraction:.5f}",
        f"{row.energy_ratio:.3f}",
        row.energy_verdict,
        f"{row.multiplicity:.4f}",
        f"{row.multiplicity_error:.4f}",
        f"{row.other_multiplicity:.4f}",
        f"{row.multiplicity_ratio:.3f}",
        row.multiplicity_verdict,
        _like_for_like_cell(row),
    ]


def _like_for_like_cell(row: ComparisonRow) -> str:
    if row.like_for_like is None or row.energy_verdict == "within":
        return ""
    return f"{row.like_for_like.energy_ratio:.3f} {row.like_for_like.energy_verdict}"


def _in_words(rows: list[ComparisonRow]) -> list[str]:
    """Return how many rows are out, and what is known of the cause."""
    out = [row for row in rows if row.is_out]
    unexplained = sum(row.is_out_for_no_known_cause for row in rows)
    words = [f"{len(out)} of {len(rows)} rows are out of tolerance, {unexplained} of them for no known cause."]
    shifts = {row.channel: row.like_for_like.shift for row in rows if row.like_for_like is not None}
    if shifts:
        factors = ", ".join(f"{shift.factor:.3f} ± {shift.error:.3f} ({channel})" for channel, shift in shifts.items())
        words.append(
            "Like for like: with taus that decay as in that table's generator, Pythia before 8.150, our ντ is lower "
            f"by a factor {factors}, measured; see docs/decisions/0005."
        )
    return words
