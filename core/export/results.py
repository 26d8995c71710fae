"""What an export holds: rows of results by stage, likelihoods by pair, and what follows from comparing them."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pyarrow as pa

from core.dark_matter.processes import Process, strength_column
from core.export.likelihood_tables import LikelihoodTable, likelihood_table
from core.figures.style import DWARFS_ONLY
from core.likelihood.tabulated_curve import TabulatedCurve
from core.pdfs.energy_cells import EnergyCells
from core.pdfs.likelihood_cells import EXPECTED, STACKED, LikelihoodCells

Row = dict[str, Any]
Pair = tuple[str, float]

CONFIDENCE = 0.9
ALONE = "none"  # the profile of the halo in `counts_limit` of galaxies without one
RIGHT_ASCENSION, COUNTS = "right ascension", "counts"


@dataclass(frozen=True, eq=False)
class Results:
    """What stands of an analysis and is to be handed on.

    `rows`: of each stage, in the order in which they are listed. `likelihoods`: of each pair over right ascension, the
    stacked one first, none of a statistic without one; `sky`: of which events they are. `counts`: the
    `counts_likelihood` product of each pair, none of a sample without. `log10_factors`: of J or D by source.
    `hypothesis`: what the signal is taken to be; `year`: in which the results were made; `products`: a row a product
    behind the results, with its digests; `left_out`: what is not there and why, in words. `energy_cells`: the response
    folded by flavour and energy, None of a statistic without one likelihood.
    """

    process: Process
    rows: Mapping[str, Sequence[Row]]
    log10_factors: Mapping[str, float]
    hypothesis: str
    year: str
    products: Sequence[Row] = ()
    likelihoods: Mapping[Pair, Sequence[LikelihoodCells]] = field(default_factory=dict)
    sky: str = EXPECTED
    counts: Mapping[Pair, pa.Table] = field(default_factory=dict)
    left_out: Sequence[str] = ()
    energy_cells: EnergyCells | None = None

    @property
    def channels(self) -> list[str]:
        """The channels with results, in their order."""
        return list(dict.fromkeys(str(row["channel"]) for row in self.rows["sensitivity"]))

    @property
    def log10_factor(self) -> float:
        """The log10 of the sum of J (or D) over all sources."""
        return math.log10(sum(10.0**value for value in self.log10_factors.values()))

    @cached_property
    def likelihood_tables(self) -> list[LikelihoodTable]:
        """The likelihoods over right ascension, a table a channel and source, the stacked ones first."""
        curves: dict[tuple[str, str], dict[float, Any]] = {}
        for (channel, mass), likelihoods in self.likelihoods.items():
            for cells in likelihoods:
                curves.setdefault((cells.source, channel), {})[mass] = cells.curve
        ordered = sorted(curves, key=lambda name: name[0] != STACKED)
        return [
            likelihood_table(
                channel, source, self.log10_factors.get(source, self.log10_factor), curves[source, channel]
            )
            for source, channel in ordered
        ]

    @cached_property
    def count_curves(self) -> dict[tuple[str, Pair], TabulatedCurve]:
        """The profile likelihoods of the counts by profile of the halo and pair."""
        found = {}
        for pair, table in self.counts.items():
            tested = strength_column(table, "{}_tested")
            names = table["profile"].to_pylist()
            for profile in dict.fromkeys(names):
                rows = table.filter(pa.array([name == profile for name in names]))
                found[profile, pair] = TabulatedCurve(rows[tested].to_numpy(), rows["likelihood_ratio"].to_numpy())
        return found

    @cached_property
    def count_tables(self) -> list[LikelihoodTable]:
        """The likelihoods of the counts, a table a channel and profile of the halo."""
        curves: dict[tuple[str, str], dict[float, Any]] = {}
        for (profile, (channel, mass)), curve in self.count_curves.items():
            curves.setdefault((channel, profile), {})[mass] = curve
        return [
            likelihood_table(channel, counts_source(profile), self.log10_factor, by_mass)
            for (channel, profile), by_mass in curves.items()
        ]

    def limit_rows(self) -> list[Row]:
        """Return each profile-likelihood limit of all sources beside the limit by trials of the same events."""
        return [*self._right_ascension_limits(), *self._count_limits()]

    def source_limit_rows(self) -> list[Row]:
        """Return the profile-likelihood limit of each source alone, a row a pair and source."""
        name = f"{self.process.strength}_profile_likelihood_limit"
        return [
            {"channel": channel, "mass": mass, "source": cells.source, name: cells.curve.upper_limit(CONFIDENCE)}
            for (channel, mass), likelihoods in self.likelihoods.items()
            for cells in likelihoods
            if cells.source != STACKED
        ]

    def _right_ascension_limits(self) -> Iterator[Row]:
        strength = self.process.strength
        stage, column = ("sensitivity", "sensitivity") if self.sky == EXPECTED else ("upper_limit", "upper_limit")
        by_pair = {
            (row["channel"], row["mass"]): row
            for row in self.rows.get(stage, ())
            if row.get("confidence_level", CONFIDENCE) == CONFIDENCE
        }
        for pair, (stacked, *_) in self.likelihoods.items():
            row = by_pair.get(pair, {})
            trials = {"trials": stage, **self._by_trials(row, f"{strength}_{column}")}
            limit = stacked.curve.upper_limit(CONFIDENCE)
            halo = ALONE if self.hypothesis == DWARFS_ONLY else self.hypothesis
            yield self._limit_row(pair, f"{RIGHT_ASCENSION}, {self.sky}", halo, limit, trials)

    def _count_limits(self) -> Iterator[Row]:
        strength = self.process.strength
        by_trials = {
            (row["profile"], (row["channel"], row["mass"])): row
            for row in self.rows.get("counts_limit", ())
            if row["method"] == "atmospheric_trials"
        }
        for (profile, pair), curve in self.count_curves.items():
            row = by_trials.get((profile, pair), {})
            trials = {"trials": "counts_limit", **self._by_trials(row, f"{strength}_upper_limit")}
            limit = curve.upper_limit(CONFIDENCE)
            yield self._limit_row(pair, f"{COUNTS}, measured", profile, limit, trials, curve.least)

    def _by_trials(self, row: Row, name: str) -> Row:
        """Return the limit by trials of a row, and that without floor where the row has one."""
        strength = self.process.strength
        return {
            f"{strength}_trials_limit": row.get(name),
            f"{strength}_trials_limit_unfloored": row.get(f"{name}_unfloored"),
        }

    def _limit_row(
        self, pair: Pair, likelihood: str, profile: str, limit: float, trials: Row, fall_below_zero: float = 0.0
    ) -> Row:
        by_trials = trials[f"{self.process.strength}_trials_limit"]
        return {
            "channel": pair[0],
            "mass": pair[1],
            "likelihood": likelihood,
            "profile": profile,
            f"{self.process.strength}_profile_likelihood_limit": limit,
            **trials,
            "trials_over_profile_likelihood": None if by_trials is None else by_trials / limit,
            "fall_below_zero": fall_below_zero,
        }


def counts_source(profile: str) -> str:
    """Return the source of a table of counts: all dwarf galaxies, alone or with a halo."""
    return "dwarfs" if profile == ALONE else f"dwarfs and {profile} halo"
