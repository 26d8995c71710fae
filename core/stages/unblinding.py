"""The unblinding: what it would open, whether that may be, and the line of the log that is written before it does.

One digest stands for all: recipes, code and inputs of what the unblinding makes. It is opened once, by someone who has
said that this digest is meant; each opening stands in a log that is only added to (`core.products.unblinding`).
"""

import getpass
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from core.configuration.config import Config
from core.errors import ConfigError, ProductError
from core.products.digests import digest_of_parameters
from core.products.recipe import Recipe
from core.products.store import ProductStore
from core.products.unblinding import FINISHED, OPENED, Opening, record_opening, unblindings
from core.stages.freshness import Freshness
from core.stages.observed_sky import DRAWN, sky_kind
from core.stages.one_sky_recipes import fits_one_sky
from core.stages.registry import STAGES, recipes, stages_of
from core.stages.statistics import statistic_of

N_DIGITS = 16


@dataclass(frozen=True)
class Plan:
    """What an unblinding would open.

    `stage_digests`: of what each stage would be made from; `settings`: the configuration, flat. `earlier`: the lines of
    the log so far. `certificate`: the verdict that stands, in words.
    """

    digest: str
    sky: str
    n_products: Mapping[str, int]
    stage_digests: Mapping[str, str]
    settings: Mapping[str, Any]
    earlier: tuple[Mapping[str, Any], ...]
    certificate: str

    @property
    def same_before(self) -> Mapping[str, Any] | None:
        """The line of the log that says that this very digest was opened, None if none does."""
        return next((line for line in reversed(self.earlier) if self._is_same(line)), None)

    @property
    def has_ended(self) -> bool:
        """Whether an unblinding of this digest came to its end."""
        return any(line["event"] == FINISHED and line.get("digest") == self.digest for line in self.earlier)

    def changes(self) -> list[str]:
        """Return what has changed since the last unblinding, in words; empty if there was none."""
        opened = [line for line in self.earlier if line["event"] == OPENED]
        if not opened:
            return []
        before, stages = opened[-1].get("settings", {}), opened[-1].get("stages", {})
        names = sorted(set(before) | set(self.settings))
        changed = [n for n in names if before.get(n) != self.settings.get(n)]
        found = [f"{name}: {before.get(name)} → {self.settings.get(name)}" for name in changed]
        return found + [
            f"what {name} is made from has changed"
            for name, digest in self.stage_digests.items()
            if stages.get(name, digest) != digest
        ]

    def _is_same(self, line: Mapping[str, Any]) -> bool:
        return line["event"] == OPENED and line.get("digest") == self.digest


def unblinding_plan(config: Config, store: ProductStore) -> Plan:
    """Return what the unblinding of an analysis would open.

    Raises ConfigError for a statistic that fits no one sky, and for a sample without right ascension and without a seed
    to draw one; ProductError if something that the unblinding needs is not fresh.
    """
    _check_sky(config)
    freshness, digests = Freshness(config, store), {}
    wanted = {stage: recipes(config, store, stage) for stage in stages_of(config, "unblind")}
    for stage, asked in wanted.items():
        if not asked:
            raise ProductError(f"nothing to unblind: no recipe of {stage} is known; `dwarfnu run` makes what it needs")
        before = [_without_unblinded(recipe) for recipe in asked]
        if behind := next((reason for recipe in before if (reason := freshness.unready_input(recipe))), None):
            raise ProductError(f"{behind}: `dwarfnu run` makes what the unblinding needs")
        digests[stage] = digest_of_parameters(
            [[str(r), r.digest, r.code, r.code_digest, store.input_digests(r)] for r in before]
        )
    return Plan(
        digest_of_parameters(digests)[:N_DIGITS],
        sky_kind(config),
        {stage: len(asked) for stage, asked in wanted.items()},
        digests,
        dict(_flat(config.model_dump(mode="json"))),
        tuple(unblindings(store)),
        certificate_verdict(store),
    )


def open_sky(
    store: ProductStore, plan: Plan, i_mean: str, again: bool = False, who: str = "", command: str = ""
) -> Opening:
    """Return the opening of a plan, once it stands in the log.

    i_mean: the digest that is meant; of a drawn sky, which hides nothing, none is asked for. Raises ConfigError if it
    is another one, and if the same was opened before and not `again`.
    """
    if plan.sky != DRAWN and i_mean.strip() != plan.digest:
        raise ConfigError(f"{i_mean!r} is not what would be opened: that is {plan.digest}")
    before = plan.same_before
    if before is not None and not again:
        end = "" if plan.has_ended else ", and that did not come to its end"
        raise ConfigError(
            f"{plan.digest} was opened before, by {before.get('who')} on {before.get('when')}{end}; "
            "`--again` opens it once more"
        )
    details = {"settings": dict(plan.settings), "stages": dict(plan.stage_digests), "command": command}
    return record_opening(store, plan.digest, who or current_user(), plan.sky, details)


def current_user() -> str:
    """Return the name of who runs this process."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"user {os.getuid()}"


def certificate_verdict(store: ProductStore) -> str:
    """Return what the certificates that stand say, in words."""
    if not store.keys("certificate"):
        return "none stands; `dwarfnu certify` makes one"
    table = store.read("certificate", columns=["channel", "mass", "passed", "reason"]).to_pylist()
    pairs = {f"{row['channel']} at {row['mass']:g} GeV" for row in table}
    failed = [row for row in table if row["passed"] is False]
    named = "; ".join(f"{row['channel']} at {row['mass']:g} GeV: {row['reason']}" for row in failed)
    if failed:
        return f"failed: {named}"
    undecided = {f"{row['channel']} at {row['mass']:g} GeV" for row in table if "undecided" in row["reason"]}
    said = [f"{word} for {', '.join(sorted(names))}" for word, names in (
        ("passed", pairs - undecided), ("undecided, too few skies,", undecided)
    ) if names]  # fmt: skip
    return "; ".join(said)


def _check_sky(config: Config) -> None:
    """Raise ConfigError unless there is one sky to fit, and a statistic that fits it."""
    if not fits_one_sky(config) and statistic_of(config).shares_one_sky:
        raise ConfigError(
            f'halo.treatment = "{config.halo.treatment}", sources.j_uncertainty = "{config.sources.j_uncertainty}": an '
            'observed sky is fitted for dwarf galaxies alone; set "none", and "fixed" or "profiled"'
        )
    if not fits_one_sky(config):
        raise ConfigError(
            'statistic.skies = "separate": each source is fitted to a sky of its own, data have one; set '
            'statistic.skies = "one", or name = "joint"'
        )
    drawn = config.limits.drawn_sky
    if sky_kind(config) == DRAWN and drawn is None:
        raise ConfigError(
            f"sample {config.sample} has no right ascension: its events come in bins of energy, zenith and class, and "
            "there is no sky to unblind; `--drawn-sky SEED` draws one and labels it so"
        )
    if sky_kind(config) != DRAWN and drawn is not None:
        raise ConfigError(f"sample {config.sample} has true directions: leave out --drawn-sky and limits.drawn_sky")


def _without_unblinded(recipe: Recipe) -> Recipe:
    """Return a recipe with those inputs that stand before an unblinding."""
    return replace(recipe, inputs=tuple(item for item in recipe.inputs if not STAGES[item.stage].unblinds))


def _flat(settings: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """Yield settings by their dotted names; where products lie is none that counts."""
    for name, value in settings.items():
        if isinstance(value, dict) and value:
            yield from _flat(value, f"{before}{name}.")
        elif f"{before}{name}" != "products":
            yield f"{before}{name}", value
