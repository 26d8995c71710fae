"""Each kind of figure looks as its image that is kept, of the same small tables; a curve that moves is seen.

After a wanted change: `uv run python -m tests.core.figures.drawn_kinds KIND`, look at the image, commit it.
"""

import numpy as np
import pyarrow as pa
import pytest
from numpy.typing import NDArray
from PIL import Image

from core.figures.kinds import KINDS as ALL_KINDS
from core.figures.limits import channel_limits_figure
from core.figures.recovery import recovery_figure
from tests.core.figures.drawn_kinds import IMAGES, KINDS, even_trials, greys, signal_trials
from tests.small_analysis import sensitivity

TILE = 12  # pixels
# Mean difference in the worst tile, of 255. The same libraries draw the same to the last level; letters that are hinted
# otherwise differ by a few.
ALLOWED = 12.0


def worst_tile(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    """Return the greatest mean difference of any tile; of figures of two sizes, all that there is."""
    if one.shape != other.shape:
        return 255.0
    apart = np.abs(one.astype(float) - other.astype(float))
    rows, columns = (size // TILE for size in apart.shape)
    tiles = apart[: rows * TILE, : columns * TILE].reshape(rows, TILE, columns, TILE)
    return float(tiles.mean(axis=(1, 3)).max())


def test_every_kind_has_an_image_and_no_other_is_kept() -> None:
    assert set(KINDS) == set(ALL_KINDS) == {path.stem for path in IMAGES.glob("*.png")}
    assert sum(path.stat().st_size for path in IMAGES.glob("*.png")) < 600_000


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_a_figure_looks_as_its_image(kind: str) -> None:
    assert worst_tile(greys(KINDS[kind]()), np.asarray(Image.open(IMAGES / f"{kind}.png"))) < ALLOWED


@pytest.mark.slow
def test_a_curve_that_moves_by_a_twentieth_is_seen() -> None:
    """A sensitivity 5 % up, on an axis of ten decades; and fits 5 % too great."""
    moved = sensitivity().set_column(
        sensitivity().schema.names.index("sigma_v_sensitivity"),
        "sigma_v_sensitivity",
        pa.array(1.05 * sensitivity()["sigma_v_sensitivity"].to_numpy()),
    )
    one, other = (greys(channel_limits_figure(table, "bb")) for table in (sensitivity(), moved))
    assert worst_tile(one, other) > ALLOWED
    trials = signal_trials()
    greater = trials.set_column(
        trials.schema.names.index("n_s_signed"), "n_s_signed", pa.array(1.05 * trials["n_s_signed"].to_numpy())
    )
    kept = np.asarray(Image.open(IMAGES / "recovery.png"))
    assert worst_tile(greys(recovery_figure(greater, even_trials(0))), kept) > ALLOWED
