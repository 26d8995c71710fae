"""The figure of densities by source shows the products' numbers of the brightest sources."""

import numpy as np
import pyarrow as pa
import pytest

from core.errors import ProductError
from core.figures import style
from core.figures.source_pdf import N_SOURCES_SHOWN, source_pdf_figure
from core.pdfs.source_background import angle_bins, angle_table
from tests.small_analysis import sources

EDGES = angle_bins(12)


def densities(column: str, slope: float) -> pa.Table:
    names = sources()["source"].to_pylist()
    entries = np.exp(-slope * np.arange(12)) * np.arange(1, len(names) + 1)[:, None]
    table = angle_table(names, EDGES, entries, column)
    rows = table.num_rows
    return table.append_column("channel", pa.array(["tautau"] * rows)).append_column("mass", pa.array([20.0] * rows))


BACKGROUND, SIGNAL = densities("background_probability", 0.1), densities("signal_probability", 0.6)


def test_steps_are_the_products_probabilities() -> None:
    left, right = source_pdf_figure(BACKGROUND, SIGNAL, sources()).axes
    shown = {patch.get_label(): patch.get_data().values for patch in left.patches}
    brightest = sources()["source"].to_pylist()[int(np.argmax(sources()["j_factor"].to_numpy()))]
    expected = SIGNAL.filter(pa.array(np.array(SIGNAL["source"].to_pylist()) == brightest))
    assert shown[f"signal, {brightest}"] == pytest.approx(expected["signal_probability"].to_numpy())
    assert len(shown) == 2 * min(N_SOURCES_SHOWN, sources().num_rows)
    ratio = shown[f"signal, {brightest}"] / shown[f"background, {brightest}"]
    assert {p.get_label(): p.get_data().values for p in right.patches}[brightest] == pytest.approx(ratio)


def test_what_the_statistic_cannot_say_is_written() -> None:
    text = source_pdf_figure(BACKGROUND, SIGNAL, sources())._supxlabel.get_text()
    assert "no p-value or limit of one observed sky" in text
    rows = pa.table({"statistic": ["j_weighted"]})
    assert set(style.caveats_of(rows)) > set(style.caveats_of(pa.table({"statistic": ["joint"]})))


def test_missing_sources_and_rows_are_named() -> None:
    with pytest.raises(ProductError, match="source_signal_pdf has no rows"):
        source_pdf_figure(BACKGROUND, SIGNAL.slice(0, 0), sources())
    with pytest.raises(ProductError, match="hold no source"):
        source_pdf_figure(BACKGROUND, SIGNAL.slice(0, 12), sources())
