"""Draw skies and fit them."""

from core.likelihood.model import TrialModel
from core.trials.run import TrialResult, run_trials

__all__ = ["TrialModel", "TrialResult", "run_trials"]
