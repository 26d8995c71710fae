"""What all groups of settings share: frozen, with known keys, and with numbers only where numbers are meant."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field


def number(value: object) -> object:
    """Return what may be a number; ValueError for text, true and false."""
    if isinstance(value, str | bool):
        raise ValueError("input should be a number, not text, true or false")
    return value


def written_path(text: str) -> str:
    """Return a path or URL with the home folder written out; ValueError if it is empty or there is no such home."""
    if "\0" in text:
        raise ValueError("input should be a path, which holds no zero bytes")
    if not text.strip():
        raise ValueError("input should be a path, not an empty text")
    if not text.startswith("~"):
        return text
    try:
        return str(Path(text).expanduser())
    except RuntimeError as error:
        raise ValueError(f"there is no home folder for {Path(text).parts[0]}; write the whole path") from error


# Whole numbers do for Real, but neither "10" nor true is a number.
Real = Annotated[float, BeforeValidator(number), Field(allow_inf_nan=False)]
Whole = Annotated[int, BeforeValidator(number)]
PathOrUrl = Annotated[str, AfterValidator(written_path)]


class Settings(BaseModel):
    """A group of settings: frozen, and without keys that it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)
