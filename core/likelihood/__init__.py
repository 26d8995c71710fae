"""A fit of signal events to counts in cells, and what theory says of it."""

from core.likelihood.closed_form import ClosedForm, closed_form
from core.likelihood.fit import FitResult, fit_n_s, fit_n_s_grid
from core.likelihood.interval import LikelihoodInterval, likelihood_interval
from core.likelihood.model import TrialModel

__all__ = [
    "ClosedForm",
    "FitResult",
    "LikelihoodInterval",
    "TrialModel",
    "closed_form",
    "fit_n_s",
    "fit_n_s_grid",
    "likelihood_interval",
]
