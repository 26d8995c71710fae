"""Files in the format of a public release in bins, drawn from the response of this package."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from core.dark_matter.channels import FLAVOURS, PDG_CODES
from core.events.binned_releases import BinnedRelease
from core.events.classes import EVENT_CLASSES
from core.response.hyperplanes import DETECTOR_NAMES, NEUTRINO_GROUPS, NINE_YEAR_PARAMETERS, public_hyperplanes
from core.simulation.sample import simulated_events
from core.units import SQUARE_METRE

FILES_OF_NINE_YEARS = {
    "mc_nu_nc.csv": ("nc", FLAVOURS),
    "mc_nue_cc.csv": ("cc", ("nue", "nuebar")),
    "mc_numu_cc.csv": ("cc", ("numu", "numubar")),
    "mc_nutau_cc.csv": ("cc", ("nutau", "nutaubar")),
}

SPLITTINGS = np.linspace(1.5e-3, 3.5e-3, 20)


def kept_in(release: BinnedRelease, events: pa.Table) -> pa.Table:
    """The events that the bins of a release hold."""
    energy, cos_zenith = events["reco_energy"].to_numpy(), -np.sin(events["reco_dec"].to_numpy())
    inside = (energy >= release.reco_energy_edges[0]) & (energy < release.reco_energy_edges[-1])
    inside &= (cos_zenith >= release.reco_cos_zenith_edges[0]) & (cos_zenith < release.reco_cos_zenith_edges[-1])
    return events.filter(pa.array(inside))


def centres_of(release: BinnedRelease, events: pa.Table) -> dict[str, np.ndarray]:
    """Reconstructed values as a release gives them: the centre of the bin, and an identification within it."""
    energies, zeniths = release.reco_energy_edges, release.reco_cos_zenith_edges
    energy_bin = np.searchsorted(energies, events["reco_energy"].to_numpy(), side="right") - 1
    zenith_bin = np.searchsorted(zeniths, -np.sin(events["reco_dec"].to_numpy()), side="right") - 1
    event_class = pc.index_in(events["event_class"], value_set=pa.array(EVENT_CLASSES)).to_numpy()
    return {
        "reco_energy": np.sqrt(energies[1:] * energies[:-1])[energy_bin],
        "reco_coszen": 0.5 * (zeniths[1:] + zeniths[:-1])[zenith_bin],
        "pid": 0.5 * (release.pid_edges[1:] + release.pid_edges[:-1])[event_class],
    }


def drawn_simulation(release: BinnedRelease, n_simulated: int) -> pa.Table:
    """Simulated events that a release would hold, of one season with a weight of its own."""
    return kept_in(release, simulated_events("mc", "IC86_2011", n_simulated=7 * n_simulated))


def write_drawn_release(folder: Path, release: BinnedRelease, simulation: pa.Table) -> pd.DataFrame:
    """Write simulation and measured events (atmospheric, of a season) as the release's files; return the counts."""
    rows = centres_of(release, simulation) | {
        "pdg": np.array([PDG_CODES[flavour] for flavour in simulation["flavour"].to_pylist()]),
        "true_energy": simulation["true_energy"].to_numpy(),
        "true_coszen": -np.sin(simulation["true_dec"].to_numpy()),
        "weight": simulation["weight"].to_numpy() / release.weight_unit,
        "type": (simulation["interaction"].to_numpy() == "cc").astype(int),
        "interaction": np.full(simulation.num_rows, 2),
    }
    frame = pd.DataFrame(rows)
    flavours, interactions = (simulation[name].to_numpy() for name in ("flavour", "interaction"))
    if release.name == "nine-year":
        for name, (interaction, of_file) in FILES_OF_NINE_YEARS.items():
            frame[(interactions == interaction) & np.isin(flavours, of_file)].to_csv(folder / name, index=False)
    else:
        frame.to_csv(folder / release.simulation_files[0], index=False)
    measured = pd.DataFrame(centres_of(release, kept_in(release, simulated_events("data", "IC86_2011"))))
    counts = measured.groupby(list(measured.columns)).size().reset_index(name="count")
    counts.to_csv(folder / "data.csv", index=False)
    return counts


def bins_of(release: BinnedRelease) -> dict[str, np.ndarray]:
    """The middle of each bin of a release, as its tables name it, in the order of `release.shape`."""
    pid, energy, zenith = np.indices(release.shape).reshape(3, -1)
    energies, zeniths, pids = release.reco_energy_edges, release.reco_cos_zenith_edges, release.pid_edges
    return {
        "pid": (0.5 * (pids[1:] + pids[:-1]))[pid],
        "reco_energy": np.sqrt(energies[1:] * energies[:-1])[energy],
        "reco_coszen": (0.5 * (zeniths[1:] + zeniths[:-1]))[zenith],
    }


def drawn_muons(release: BinnedRelease) -> pd.DataFrame:
    """A table of expected muons in the release's form: more from above and at low energies, a third of it unsure."""
    bins = bins_of(release)
    count = 20.0 * (1.2 + bins["reco_coszen"]) * (10.0 / bins["reco_energy"]) * (1.0 - bins["pid"])
    return pd.DataFrame({"count": count, "abs_uncertainty": count / 3.0, **bins}).sample(frac=1.0, random_state=5)


def drawn_surfaces(release: BinnedRelease, group: str, splittings: np.ndarray = SPLITTINGS) -> pd.DataFrame:
    """Hypersurfaces of a group in the release's form: the public sample's mean response to light, and some noise."""
    bins, planes, place = bins_of(release), public_hyperplanes(), NEUTRINO_GROUPS.index(group)
    light = planes.slopes[DETECTOR_NAMES.index("opt_eff_overall"), place].mean(axis=(1, 2))
    event_class = (bins["pid"] > release.pid_edges[1]).astype(int)
    random, parts = np.random.default_rng(place), []
    for splitting in splittings:
        slopes = {parameter.name: random.normal(0.0, 0.3, event_class.size) for parameter in NINE_YEAR_PARAMETERS}
        slopes["dom_eff"] = light[event_class] + 0.1 * slopes["dom_eff"]
        columns = {"intercept": random.normal(1.0, 0.02, event_class.size), **slopes}
        sigmas = {f"{name}_sigma": np.abs(values) / 10.0 for name, values in columns.items()}
        parts.append(pd.DataFrame(columns | sigmas | {"deltam31": splitting} | bins))
    return pd.concat(parts).sample(frac=1.0, random_state=7)


def write_drawn_detector(folder: Path, release: BinnedRelease) -> None:
    """Write muons and hypersurfaces as the release's files."""
    drawn_muons(release).to_csv(folder / str(release.muon_file), index=False)
    for group, name in release.surface_files.items():
        if group != "all_nc":
            drawn_surfaces(release, group).to_csv(folder / name, index=False)


def write_drawn_upgrade(folder: Path, simulation: pa.Table) -> pd.DataFrame:
    """Write simulated events in the form of the Upgrade's release; return its table.

    At the Pole a declination is a zenith, and the right ascension runs against the azimuth, but for a turn of the sky.
    """
    zenith = {kind: 0.5 * np.pi + simulation[f"{kind}_dec"].to_numpy() for kind in ("true", "reco")}
    azimuth = {kind: np.mod(-simulation[f"{kind}_ra"].to_numpy(), 2.0 * np.pi) for kind in ("true", "reco")}
    frame = pd.DataFrame(
        {
            "true_energy": simulation["true_energy"].to_numpy(),
            "true_zenith": zenith["true"],
            "true_azimuth": azimuth["true"],
            "reco_energy": simulation["reco_energy"].to_numpy(),
            "reco_zenith": zenith["reco"],
            "reco_azimuth": azimuth["reco"],
            "pdg": np.array([PDG_CODES[flavour] for flavour in simulation["flavour"].to_pylist()]),
            "pid": pc.index_in(simulation["event_class"], value_set=pa.array(EVENT_CLASSES)).to_numpy(),
            "interaction_type": 2,
            "current_type": (simulation["interaction"].to_numpy() == "cc").astype(int),
            "weight": simulation["weight"].to_numpy() / SQUARE_METRE,
        }
    )
    frame.to_csv(folder / "neutrino_mc.csv", index=False)
    return frame
