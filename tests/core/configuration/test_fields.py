"""Numbers are numbers, paths are paths, and a setting that is not known is refused."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from core.configuration.fields import PathOrUrl, Real, Settings, Whole, number, written_path


class Toy(Settings):
    """Some settings."""

    width: Real = 1.0
    """A width."""
    count: Whole = 1
    """A count."""
    folder: PathOrUrl = "here"
    """A folder."""


@pytest.mark.parametrize("value", ["10", True, False])
def test_neither_text_nor_truth_is_a_number(value: object) -> None:
    with pytest.raises(ValueError, match="should be a number"):
        number(value)
    with pytest.raises(ValidationError):
        Toy(width=value)
    with pytest.raises(ValidationError):
        Toy(count=value)


def test_whole_numbers_do_for_real_ones_and_not_the_other_way_round() -> None:
    assert Toy(width=3).width == 3.0
    assert Toy(count=3.0).count == 3
    for bad in ({"count": 2.5}, {"width": float("nan")}, {"width": float("inf")}):
        with pytest.raises(ValidationError):
            Toy(**bad)


def test_settings_do_not_change_and_know_their_keys() -> None:
    toy = Toy()
    with pytest.raises(ValidationError, match="frozen"):
        toy.width = 2.0  # type: ignore[misc]
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        Toy(height=1.0)
    assert Toy.model_fields["width"].description == "A width."


def test_a_home_folder_is_written_out(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert written_path("~/products") == str(tmp_path / "products")
    assert written_path("s3://bucket/x") == "s3://bucket/x"
    with pytest.raises(ValueError, match="there is no home folder for ~nobody-of-that-name"):
        written_path("~nobody-of-that-name/x")
    with pytest.raises(ValueError, match="not an empty text"):
        written_path("  ")
