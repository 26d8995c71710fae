"""Products made in this process are those of a run, made when they are asked for and not again."""

from pathlib import Path

import pytest

from core.errors import ConfigError
from core.products.store import ProductStore
from core.stages import direct
from core.stages.direct import made_products
from core.stages.registry import stages_before
from tests.core.stages.analyses import small_config


def test_what_is_asked_for_is_made_with_what_it_needs_and_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = small_config(tmp_path)
    store = made_products(config, "energy_range")
    assert set(store.stages()) == {"energy_range", *stages_before(config, "energy_range")}
    monkeypatch.setattr(direct, "make_product", lambda *_: pytest.fail("it is made again"))
    made_products(config, "energy_range", "sources")


def test_what_a_run_does_not_make_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    for name in ("observed", "no_such_stage", "events"):
        with pytest.raises(ConfigError, match=rf"no stage {name} of a run of this analysis: it has sources, "):
            made_products(small_config(tmp_path), "sources", name)
    assert ProductStore(tmp_path).stages() == []
