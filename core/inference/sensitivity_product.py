"""From numbers of signal events to fluxes and cross sections: the row that a pair of channel and mass ends with.

n_s = <sigma v> sum_k J_k A_k, and the flux of all species from all sources is <sigma v> sum_k J_k/(8 pi m^2) times the
neutrinos per annihilation. Of decay it is the rate 1/tau in the place of the cross section, and its
largest value is the shortest lifetime.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import pyarrow as pa

from core.dark_matter.channels import Channel, Flavour
from core.dark_matter.processes import ANNIHILATION, Process, process_of, strength_column
from core.glossary import GLOSSARY
from core.inference.sensitivity import Estimate, Sensitivity, sensitivity
from core.likelihood.closed_form import closed_form
from core.pdfs.ratio import signal_average_in
from core.signal.acceptance import acceptance_from_table, pair_limitation
from core.signal.flux import flux_per_strength
from core.spectra import Spectrum, spectra_from_table
from core.trials.statistic import TrialStatistic, by_n_injected


@dataclass(frozen=True)
class SignalScale:
    """How many signal events, and how much flux, a strength of 1 makes: 1 cm^3/s of annihilation, 1/s of decay.

    `n_s_per_strength` with its error from finite simulation; `flux_per_strength`: neutrinos of all species from all
    sources, cm^-2 s^-1, per strength. `limitation` says what limits the pair in the `sample`; `hypothesis` what the
    signal is taken to be.
    """

    n_s_per_strength: float
    n_s_per_strength_error: float
    flux_per_strength: float
    limitation: str
    sample: str
    process: Process = ANNIHILATION
    hypothesis: str = "dwarfs only"


def total_flux_per_strength(sources: pa.Table, mass: float, at_earth: Mapping[Flavour, Spectrum]) -> float:
    """Return neutrinos of all species from all sources, cm^-2 s^-1, per strength of the process that these name."""
    process = process_of(sources)
    multiplicity = sum(spectrum.multiplicity() for spectrum in at_earth.values())
    return flux_per_strength(process, float(process.factors(sources).sum()), mass) * multiplicity


def signal_scale(
    sources: pa.Table,
    spectra: pa.Table,
    acceptance: pa.Table,
    n_s_per_strength: float,
    channel: Channel,
    mass: float,
    sample: str,
    reco_energy_range: tuple[float, float],
    hypothesis: str = "dwarfs only",
) -> SignalScale:
    """Return the scale of a pair from its products; PhysicsError if it is not served.

    `n_s_per_strength`: expected events in the cells or histograms that trials are drawn from. In GeV: mass, and
    `reco_energy_range`, the lowest and the highest reconstructed energy of the `sample`.
    """
    total, process = acceptance_from_table(acceptance), process_of(sources)
    return SignalScale(
        n_s_per_strength=n_s_per_strength,
        n_s_per_strength_error=n_s_per_strength * total.relative_error,
        flux_per_strength=total_flux_per_strength(sources, mass, spectra_from_table(spectra)),
        sample=sample,
        limitation=pair_limitation(total, channel, mass, reco_energy_range, process),
        process=process,
        hypothesis=hypothesis,
    )


def expected_in_cells(ratio_cells: pa.Table) -> float:
    """Return the expected signal events per strength in the cells of a `ratio_cells` product."""
    return float(ratio_cells[strength_column(ratio_cells, "n_s_per_{}")][0].as_py())


def sensitivity_table(
    background_trials: pa.Table,
    signal_trials: pa.Table,
    ratio_cells: pa.Table,
    scale: SignalScale,
    background: Literal["data", "known"],
) -> pa.Table:
    """Return the `sensitivity` product of one pair, one row, from its trials, its cells and its signal scale."""
    model = closed_form(
        ratio_cells["background_probability"].to_numpy(),
        ratio_cells["signal_probability"].to_numpy(),
        ratio_cells["ratio"].to_numpy(),
        ratio_cells["n_events"][0].as_py(),
        signal_average=signal_average_in(ratio_cells),
    )
    found = sensitivity_of_trials(background_trials, signal_trials, "test_statistic_signed")
    described = {
        "n_s_sensitivity_closed_form": model.sensitivity,
        "n_s_uncertainty": model.n_s_uncertainty,
        "statistic": "joint",
        "background": background,
    }
    return sensitivity_row(found, scale, described)


def sensitivity_of_trials(background_trials: pa.Table, signal_trials: pa.Table, column: str) -> Sensitivity:
    """Return the sensitivity in n_s from the test statistic in a column of the trials' products of one pair."""
    return sensitivity(TrialStatistic.of_table(background_trials, column), by_n_injected(signal_trials, column))


def sensitivity_row(found: Sensitivity, scale: SignalScale, described: Mapping[str, object]) -> pa.Table:
    """Return the `sensitivity` product: what was found as strengths, beside the columns that describe it."""
    per_event, strength = 1.0 / scale.n_s_per_strength, scale.process.strength
    n_s = found.sensitivity
    relative_error = math.hypot(n_s.error / n_s.n_s, scale.n_s_per_strength_error / scale.n_s_per_strength)
    row: dict[str, object] = {
        "n_s_sensitivity": n_s.n_s,
        "n_s_sensitivity_error": n_s.error,
        "flux_sensitivity": n_s.n_s * per_event * scale.flux_per_strength,
        f"{strength}_sensitivity": n_s.n_s * per_event,
        f"{strength}_sensitivity_error": n_s.n_s * per_event * relative_error,
        f"n_s_per_{strength}": scale.n_s_per_strength,
        f"n_s_per_{strength}_error": scale.n_s_per_strength_error,
        **{f"{strength}_band_{name}": _strength(edge, per_event) for name, edge in found.band.items()},
        f"{strength}_cls_median": found.cls_median.n_s * per_event,
        **{f"{strength}_cls_band_{name}": edge.n_s * per_event for name, edge in found.cls_band.items()},
        "n_background_trials": found.n_background_trials,
        "n_signal_trials": found.n_signal_trials,
        "sample": scale.sample,
        "limitation": scale.limitation,
        "process": scale.process.name,
        "hypothesis": scale.hypothesis,
        "j_uncertainty": "fixed",
        **described,
    }
    if scale.process.is_decay:
        row["lifetime_sensitivity"] = 1.0 / (n_s.n_s * per_event)
    return pa.table({name: pa.array([value], GLOSSARY[name].dtype) for name, value in row.items()})


def _strength(edge: Estimate | None, per_event: float) -> float | None:
    return None if edge is None else edge.n_s * per_event
