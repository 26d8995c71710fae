"""Products of published files say from which files they are, and that they are not ours."""

from pathlib import Path

import pyarrow as pa

from core.products.digests import digest_of_file
from core.products.recipe import ProductKey
from core.published.imported import ORIGIN, ImportedFiles, ImportedProduct, is_imported


def read(folder: Path, content: str = "1 2\n", **options: object) -> ImportedFiles:
    path = folder / "limits.csv"
    path.write_text(content)
    products = tuple(
        ImportedProduct(
            ProductKey("sensitivity", {"channel": "bb", "mass": mass, "seed": 0}), pa.table({"mass": [mass]})
        )
        for mass in (10.0, 20.0)
    )
    return ImportedFiles("cross-sections", (path,), "core.published.cross_sections", products, 2, options=options)


def test_each_product_has_a_recipe_of_the_files(tmp_path: Path) -> None:
    (first, table), (second, _) = read(tmp_path, j_type="max").recipes()
    assert first.product.keys["mass"] == 10.0
    assert second.product.keys["mass"] == 20.0
    assert table["mass"].to_pylist() == [10.0]
    assert first.parameters == {
        "origin": ORIGIN,
        "kind": "cross-sections",
        "files": [{"name": "limits.csv", "digest": digest_of_file(tmp_path / "limits.csv")}],
        "j_type": "max",
    }
    assert first.code == "core.published.cross_sections"
    assert str(tmp_path) not in str(first.parameters)


def test_another_content_or_option_is_another_product(tmp_path: Path) -> None:
    recipes = [
        read(tmp_path).recipes()[0][0],
        read(tmp_path, "1 3\n").recipes()[0][0],
        read(tmp_path, a=1).recipes()[0][0],
    ]
    assert len({recipe.digest for recipe in recipes}) == 3


def test_only_their_origin_tells_imported_products(tmp_path: Path) -> None:
    assert is_imported(read(tmp_path).recipes()[0][0].parameters)
    assert not is_imported({"kind": "cross-sections"})
    assert not is_imported({})
