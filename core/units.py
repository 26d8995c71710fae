"""The one page of units.

Inside the package energies are in GeV, lengths in cm, times in s, angles in rad, solid angles in sr, and names carry
no unit. Any other unit stands in the name (`opening_angle_deg`, `livetime_days`). These factors turn the other units
into ours: `30 * DEGREE` is an angle in rad.
"""

import math

DEGREE: float = math.pi / 180.0
ARCMINUTE: float = DEGREE / 60.0
DAY: float = 86400.0
YEAR: float = 365.0 * DAY
METRE: float = 100.0
SQUARE_METRE: float = METRE**2
KILOPARSEC: float = 3.0856775814913673e21
FULL_SKY: float = 4.0 * math.pi
