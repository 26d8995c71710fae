"""Synthetic i3 files with the keys of the published analysis' sample, of which no real file is public.

What they hold is not physics: they carry a given event table through the i3 format, to try a conversion from end to
end and on any number of files.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from core.coordinates import equatorial_to_local
from core.dark_matter.channels import PDG_CODES
from core.events.columns import Kind
from core.events.conversion import INTERACTION_OF_TYPE
from core.events.i3 import I3EventHeader, I3FilterResult, I3MCTree, I3Particle, I3Time, frame_bytes, write_frames
from core.events.profiles import DRAGON

N_GENERATED = 100_000
_PEGLEG = "IC86_Dunkman_L6_PegLeg_MultiNest8D"
_SELECTION: Mapping[str, Any] = {
    "IC86_Dunkman_L1": True,
    "IC86_Dunkman_L2": True,
    "IC86_Dunkman_L3": True,
    "IC2011_LE_L3_NORT": True,
    "IC86_Dunkman_L4": {"result": 1.0, "score": 0.7},
    "IC86_Dunkman_L5": {"bdt_score": 0.25},
    "IC86_Dunkman_L6": {"mn_start_contained": 1.0},
    "IC86_Dunkman_L6_SANTA_DirectDOMs": 5,
    "IC86_Dunkman_L6_CorridorDOMs": 0,
    "FilterMask": {"DeepCoreFilter_13": I3FilterResult(True, True)},
}


def write_dragon_file(path: Path, events: pa.Table, kind: Kind, n_files: int = 1) -> None:
    """Write events in the canonical schema to an i3 file that the `dragon` profile reads back.

    All of them pass the Level5p cuts. `n_files`: simulated files that the sample is to have. A suffix .gz, .bz2 or
    .zst packs the file.
    """
    write_frames(path, _frames(events, kind, n_files))


def dragon_objects(event: Mapping[str, Any]) -> dict[str, Any]:
    """Return the objects of an event's physics frame that measured and simulated events have."""
    start = I3Time.from_mjd(event["mjd"])
    end = start._replace(daq_time=start.daq_time + 200_000)
    numbers = event["run"], 0, event["event"], 20, event["sub_event"]
    direction = {"zenith": event["reco_zenith"], "azimuth": event["reco_azimuth"]}
    neutrino = I3Particle(energy=event["reco_energy"], fit_status=0, type_code=14, time=10_000.0, **direction)
    return {
        "I3EventHeader": I3EventHeader(*numbers, "InIceSplit", start, end),
        **_SELECTION,
        f"{_PEGLEG}_NumuCC": neutrino,
        f"{_PEGLEG}_Track": neutrino._replace(energy=0.6 * neutrino.energy, type_code=13, shape=70),
        f"{_PEGLEG}_HDCasc": neutrino._replace(energy=0.4 * neutrino.energy, type_code=-2000001006, shape=30),
    }


def _frames(events: pa.Table, kind: Kind, n_files: int) -> Iterator[bytes]:
    yield frame_bytes("I", {"TrayInfo": "synthetic"})
    yield frame_bytes("G", {"Detector": "IC86"})
    truths = _truths(events, n_files) if kind == "mc" else [{}] * events.num_rows
    for event, truth in zip(events.to_pylist(), truths, strict=True):
        yield frame_bytes("Q", {"I3MCTree": truth["I3MCTree"]} if truth else {})
        yield frame_bytes("P", dragon_objects(event) | {key: truth[key] for key in truth if key != "I3MCTree"})


def _truths(events: pa.Table, n_files: int) -> list[dict[str, Any]]:
    """Return the simulated objects of each event."""
    zenith, azimuth = equatorial_to_local(
        *(events[name].to_numpy() for name in ("true_ra", "true_dec", "mjd")),
    )
    code_of_interaction = {name: code for code, name in INTERACTION_OF_TYPE.items()}
    truths = []
    for index, event in enumerate(events.to_pylist()):
        pdg = PDG_CODES[event["flavour"]]
        fraction = DRAGON.neutrino_fraction if pdg > 0 else 1.0 - DRAGON.neutrino_fraction
        primary = I3Particle(
            minor_id=1,
            type_code=pdg,
            shape=10,
            zenith=float(zenith[index]),
            azimuth=float(azimuth[index]),
            energy=event["true_energy"],
        )
        hadrons = primary._replace(minor_id=2, type_code=-2000001006, energy=0.4 * primary.energy)
        oneweight = event["weight"] * N_GENERATED * n_files * fraction
        interaction = code_of_interaction.get(event["interaction"], 0.0)
        weights = {"NEvents": float(N_GENERATED), "OneWeight": oneweight, "InteractionType": interaction}
        rate = event["atmospheric_rate"]
        truths.append(
            {
                "I3MCTree": I3MCTree([primary, hadrons], [0, 1]),
                "I3MCWeightDict": weights,
                "NeutrinoWeights": {} if rate is None else {"OscillatedRate": rate * n_files},
            }
        )
    return truths
