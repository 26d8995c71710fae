"""Particle codes of old files, and the PDG codes that stand for them.

I3Particle has held a PDG code since version 5. Versions 3 and 4 held IceCube's own codes, versions 0 to 2 those of
RDMC. Facts of icetray's I3Particle.cxx (BSD-2); a code that is in neither table is `unknown`, PDG code 0, as there.
"""

from collections.abc import Mapping

UNKNOWN = 0

# Particles that both old numberings have under the same code.
_COMMON: Mapping[int, int] = {
    1: 22,
    2: -11,
    3: 11,
    5: -13,
    6: 13,
    7: 111,
    8: 211,
    9: -211,
    11: 321,
    12: -321,
    14: 2212,
    15: -2212,
}

# Losses, light sources and exotics have no PDG code: the code of IceCube's own, -c, becomes -(2000000000 + c).
_OWN_CODES: tuple[int, ...] = (4, 41, 1001, 1002, 1003, 1004, 1005, 1006, 2100, 2101, 2201)
_NEWER_OWN_CODES: tuple[int, ...] = (1111, 9131, 9132, 9500, 9501)

_ICECUBE_NUCLEI: tuple[int, ...] = (
    *(302, 402, 502, 602, 603, 703, 904, 1005, 1105, 1206, 1306, 1407, 1507, 1608, 1708, 1808, 1909, 2010, 2110, 2210),
    *(2311, 2412, 2512, 2612, 2613, 2713, 2814, 2914, 3014, 3114, 3214, 3115, 3215, 3315, 3216, 3316, 3416, 3516, 3616),
    *(3517, 3617, 3717, 3618, 3718, 3818, 3918, 4018, 4118, 4218, 3919, 4019, 4119, 4020, 4120, 4220, 4320, 4420, 4520),
    *(4620, 4720, 4820, 4421, 4521, 4621, 4721, 4821, 4422, 4522, 4622, 4722, 4822, 4922, 5022, 4823, 4923, 5023, 5123),
    *(5024, 5124, 5224, 5324, 5424, 5225, 5325, 5425, 5525, 5426, 5526, 5626, 5726, 5826),
)

# Nuclei of RDMC by code: (mass number, charge).
_RDMC_NUCLEI: Mapping[int, tuple[int, int]] = {
    3002: (4, 2),
    3003: (7, 3),
    3004: (9, 4),
    3005: (11, 5),
    3006: (12, 6),
    3007: (14, 7),
    3008: (16, 8),
    3009: (19, 9),
    3010: (20, 10),
    3011: (23, 11),
    3012: (24, 12),
    3013: (27, 13),
    3014: (28, 14),
    3015: (31, 15),
    3016: (32, 16),
    3017: (35, 17),
    3018: (40, 18),
    3019: (39, 19),
    3020: (40, 20),
    3021: (45, 21),
    3022: (48, 22),
    3023: (51, 23),
    3024: (52, 24),
    3025: (55, 25),
    3026: (56, 26),
}


def _nucleus(mass_number: int, charge: int) -> int:
    """Return the PDG code 10LZZZAAAI of a nucleus in its ground state."""
    return 1_000_000_000 + 10_000 * charge + 10 * mass_number


# Codes of versions 3 and 4: mass number and charge of a nucleus make its code 100 A + Z.
ICECUBE_CODES: Mapping[int, int] = {
    **_COMMON,
    **{code: _nucleus(*divmod(code, 100)) for code in _ICECUBE_NUCLEI},
    **{-code: -2_000_000_000 - code for code in _OWN_CODES + _NEWER_OWN_CODES},
    0: UNKNOWN,
    10: 130,
    13: 2112,
    16: 310,
    17: 221,
    18: 3122,
    19: 3222,
    20: 3212,
    21: 3112,
    22: 3322,
    23: 3312,
    24: 3334,
    25: -2112,
    26: -3122,
    27: -3222,
    28: -3212,
    29: -3112,
    30: -3322,
    31: -3312,
    32: -3334,
    35: 411,
    36: -411,
    37: 421,
    38: -421,
    39: 431,
    40: -431,
    41: 4122,
    42: 24,
    43: -24,
    44: 23,
    66: 12,
    67: -12,
    68: 14,
    69: -14,
    131: -15,
    132: 15,
    133: 16,
    134: -16,
    9900: 2000009900,
}

# Codes of versions 0 to 2.
RDMC_CODES: Mapping[int, int] = {
    **_COMMON,
    **{code: _nucleus(*nucleus) for code, nucleus in _RDMC_NUCLEI.items()},
    **{code: -2_000_000_000 - code for code in _OWN_CODES},
    -100: UNKNOWN,
    33: -15,
    34: 15,
    201: 12,
    202: 14,
    203: 16,
    204: -12,
    205: -14,
    206: -16,
}


def pdg_code(code: int, version: int) -> int:
    """Return the PDG code of a particle code in version `version` of I3Particle."""
    if version >= 5:
        return code
    return (ICECUBE_CODES if version >= 3 else RDMC_CODES).get(code, UNKNOWN)
