"""What a statistic is: its densities, what draws and fits its trials, and what makes numbers of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from core.configuration.statistics import StatisticSettings
from core.products.recipe import ProductKey
from core.products.store import ProductStore
from core.stages.stage import Make

DWARFS_ONLY = "dwarfs only"


class Spread(NamedTuple):
    """How the fitted n_s of a pair spreads without signal, and how many events a trial has at least."""

    n_s_uncertainty: float
    n_events: int


@dataclass(frozen=True)
class OneSkyFits:
    """How a statistic fits one sky, as data are.

    `stages`: the densities of a pair, beside the sources, that its fit follows from; `has_one_likelihood`: whether one
    likelihood of all sources is fitted, not a sum of fits; `make_common_skies`: fits all pairs to pseudo-skies;
    `make_observed` and `make_upper_limit`: a pair to the observed one.
    """

    stages: tuple[str, ...]
    has_one_likelihood: bool
    make_common_skies: Make
    make_observed: Make
    make_upper_limit: Make


@dataclass(frozen=True)
class Statistic:
    """A test statistic of an analysis.

    `name`, `skies`, `halo` (the treatment of the Galactic halo) and `j_factors`: as in the configuration; the last is
    "fixed" where signal trials have the J factors of the catalogue, whatever is done with their errors afterwards.
    `title`: what tables add to their titles. `density_stages`: between detector and trials, in order; with
    `model_stages` beside them trials are drawn. `parameters`: what of its settings enters trials.
    `make_discovery_potential` is None where trials understate the tail of one sky, `one_sky` where an observed sky is
    not fitted. `make_cells` merges the densities
    before `ratio_cells` into them, of a statistic that has such cells. `hypothesis`: what the signal is taken to be,
    with the {profile} of the halo and the word for the {strength}. `signal_stages`: whose signals, added up, it looks
    for on the sky. `has_one_template`: its ratio cells are of one signal, whose strength alone is fitted, so that they
    are a likelihood that can be handed on.
    """

    name: str
    skies: str
    title: str
    density_stages: tuple[str, ...]
    model_stages: tuple[str, ...]
    parameters: Callable[[StatisticSettings], dict[str, Any]]
    spread: Callable[[ProductStore, Sequence[ProductKey], StatisticSettings], Spread]
    make_trials: Make
    make_histogram: Make
    make_sensitivity: Make
    make_asimov: Make
    make_discovery_potential: Make | None
    make_cells: Make | None = None
    halo: str = "none"
    hypothesis: str = DWARFS_ONLY
    signal_stages: tuple[str, ...] = ()
    j_factors: str = "fixed"
    one_sky: OneSkyFits | None = None
    has_one_template: bool = False

    @property
    def shares_one_sky(self) -> bool:
        """Whether the sources of a trial share the events of one sky, as those of data do."""
        return self.make_discovery_potential is not None
