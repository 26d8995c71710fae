"""Where a sample keeps what the analysis needs: the names of the keys in its frames, and the cuts on them.

`DRAGON` is the sample of the published analysis (arXiv:2511.19385), `OSCNEXT` the verification sample of IceCube's
oscillation analyses. Any other sample is one of these with some names replaced.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from core.dark_matter.channels import listed
from core.errors import ConfigError
from core.events.cuts import Cut
from core.events.quantities import quantity

_PEGLEG = "IC86_Dunkman_L6_PegLeg_MultiNest8D"

# The selection of the published analysis, in its order.
LEVEL5P_CUTS: tuple[Cut, ...] = (
    Cut("PegLeg track fit", f"{_PEGLEG}_Track", "present"),
    Cut("PegLeg cascade fit", f"{_PEGLEG}_HDCasc", "present"),
    Cut("PegLeg neutrino fit", f"{_PEGLEG}_NumuCC", "present"),
    Cut("Level 1", "IC86_Dunkman_L1", "true where present"),
    Cut("Level 2", "IC86_Dunkman_L2", "true where present"),
    Cut("Level 3", "IC86_Dunkman_L3", "true where present"),
    Cut("Level 3 without radio trigger", "IC2011_LE_L3_NORT", "true where present"),
    Cut("direct modules", "IC86_Dunkman_L6_SANTA_DirectDOMs", ">=", 3),
    Cut("Level 4", "IC86_Dunkman_L4[result]", "==", 1),
    Cut("Level 5 boosted trees", "IC86_Dunkman_L5[bdt_score]", ">", 0.1),
    Cut("starts inside", "IC86_Dunkman_L6[mn_start_contained]", "!=", 0),
    Cut("corridor modules", "IC86_Dunkman_L6_CorridorDOMs", "<=", 1),
)

OSCNEXT_CUTS: tuple[Cut, ...] = tuple(
    Cut(f"oscNext level {level}", f"L{level}_oscNext_bool", "==", 1) for level in range(3, 8)
)


@dataclass(frozen=True)
class KeyProfile:
    """The keys of a sample. Quantities are "Key", "Key.attribute" or "Key[entry]"; None where a sample has none.

    `track_score` above `track_threshold` makes an event a track, else a cascade; without a score events have no class.
    `generated_fraction` is the share of the simulated events that are of the event's own kind, neutrino or
    antineutrino; where no quantity tells, `neutrino_fraction` and its complement are taken.
    """

    name: str
    reco_zenith: str
    reco_azimuth: str
    reco_energy: str
    cuts: tuple[Cut, ...] = ()
    header: str = "I3EventHeader"
    track_score: str | None = None
    track_threshold: float = 0.5
    tree: str = "I3MCTree"
    oneweight: str = "I3MCWeightDict[OneWeight]"
    n_generated: str = "I3MCWeightDict[NEvents]"
    interaction: str | None = "I3MCWeightDict[InteractionType]"
    generated_fraction: str | None = None
    neutrino_fraction: float = 0.7
    atmospheric_rate: str | None = None

    def __post_init__(self) -> None:
        for text in self.quantities:
            quantity(text)
        if not 0.0 < self.neutrino_fraction < 1.0:
            raise ConfigError(f"neutrino_fraction is {self.neutrino_fraction}, it must lie between 0 and 1")

    @property
    def quantities(self) -> tuple[str, ...]:
        """All quantities that the profile names."""
        reconstructed = (self.reco_zenith, self.reco_azimuth, self.reco_energy, self.track_score)
        simulated = (self.oneweight, self.n_generated, self.interaction)
        weights = (self.generated_fraction, self.atmospheric_rate)
        return tuple(text for text in reconstructed + simulated + weights if text is not None)

    @property
    def keys(self) -> frozenset[str]:
        """All keys of a frame that a conversion looks at."""
        texts = (*self.quantities, *(cut.quantity for cut in self.cuts))
        return frozenset({self.header, self.tree, *(quantity(text).key for text in texts)})

    def changed(self, **names: Any) -> "KeyProfile":
        """Return the profile with other keys or cuts; ConfigError for a field that a profile does not have."""
        known = {field.name for field in fields(self)}
        if unknown := sorted(names.keys() - known):
            raise ConfigError(f"a key profile has no {listed(unknown)}: it has {listed(sorted(known))}")
        return replace(self, **names)


DRAGON = KeyProfile(
    name="dragon",
    reco_zenith=f"{_PEGLEG}_NumuCC.zenith",
    reco_azimuth=f"{_PEGLEG}_NumuCC.azimuth",
    reco_energy=f"{_PEGLEG}_NumuCC.energy",
    cuts=LEVEL5P_CUTS,
    atmospheric_rate="NeutrinoWeights[OscillatedRate]",
)

OSCNEXT = KeyProfile(
    name="oscnext",
    reco_zenith="L7_reconstructed_zenith",
    reco_azimuth="L7_reconstructed_azimuth",
    reco_energy="L7_reconstructed_total_energy",
    cuts=OSCNEXT_CUTS,
    track_score="L7_PIDClassifier_FullSky_ProbTrack",
    generated_fraction="I3MCWeightDict[gen_ratio]",
    atmospheric_rate="I3MCWeightDict[weight]",
)

PROFILES: Mapping[str, KeyProfile] = {profile.name: profile for profile in (DRAGON, OSCNEXT)}


def key_profile(name: str) -> KeyProfile:
    """Return a shipped profile by name; ConfigError if there is none of it."""
    if name not in PROFILES:
        raise ConfigError(f"unknown key profile {name!r}: shipped are {listed(PROFILES)}")
    return PROFILES[name]


def configured_profile(table: Mapping[str, Any]) -> KeyProfile:
    """Return the profile that a table of a configuration describes: the fields of KeyProfile that differ from `base`.

    `base` names a shipped profile; `cuts` is a list of tables with name, quantity, relation and threshold. Raises
    ConfigError for a field that does not exist, InputError for a cut or a quantity that means nothing.
    """
    changes = dict(table)
    base = key_profile(str(changes.pop("base", "dragon")))
    if "cuts" in changes:
        known = {field.name for field in fields(Cut)}
        for cut in changes["cuts"]:
            if unknown := sorted(cut.keys() - known):
                raise ConfigError(f"a cut has no {listed(unknown)}: it has {listed(sorted(known))}")
            if missing := sorted({"name", "quantity", "relation"} - cut.keys()):
                raise ConfigError(f"the cut {dict(cut)} lacks {listed(missing)}")
        changes["cuts"] = tuple(Cut(**cut) for cut in changes["cuts"])
    return base.changed(**changes)
