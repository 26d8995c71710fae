"""What can go wrong in a user's hands, one small family.

Each message names the value that was wrong, what is allowed, and the way out; the command line prints it as one line
and ends with exit code 2.
"""


class DwarfnuError(Exception):
    """Anything that a user can mend."""


class ConfigError(DwarfnuError):
    """A configuration names something unknown or asks for the impossible."""


class InputError(DwarfnuError):
    """A file that came from outside is missing, torn or not what it should be."""


class ProductError(DwarfnuError):
    """A data product is missing, torn, lacks a column or cannot be written."""


class PhysicsError(DwarfnuError):
    """A question without an answer: a closed channel, a mass outside a table, a pair that the sample cannot serve."""
