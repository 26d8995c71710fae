"""The log of unblindings: written before anything is opened, and only added to."""

from pathlib import Path

from core.products.store import ProductStore
from core.products.unblinding import LOG_NAME, Opening, record_end, record_opening, unblindings


def test_an_opening_is_on_record_once_it_is_made(tmp_path: Path) -> None:
    store = ProductStore(tmp_path)
    opening = record_opening(store, "abc", "ana", "measured", {"settings": {"seed": 1}})
    assert opening.is_on_record(store)
    (line,) = unblindings(store)
    assert (line["event"], line["digest"], line["who"]) == ("opened", "abc", "ana")
    assert line["settings"] == {"seed": 1}


def test_another_opening_is_not(tmp_path: Path) -> None:
    store = ProductStore(tmp_path)
    opening = record_opening(store, "abc", "ana", "measured", {})
    assert not Opening("abd", opening.who, opening.when, opening.sky).is_on_record(store)
    assert not opening.is_on_record(ProductStore(tmp_path, "other"))


def test_lines_are_added_and_one_cut_off_hides_no_other(tmp_path: Path) -> None:
    store = ProductStore(tmp_path)
    first = record_opening(store, "abc", "ana", "measured", {})
    path = tmp_path / store.analysis / LOG_NAME
    before = path.read_bytes()
    record_end(store, first)
    assert path.read_bytes().startswith(before)
    path.write_bytes(path.read_bytes() + b'{"event": "ope\n')
    record_opening(store, "abd", "ben", "measured", {})
    assert [line["event"] for line in unblindings(store)] == ["opened", "finished", "opened"]
