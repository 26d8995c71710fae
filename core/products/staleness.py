"""Why a whole product is stale: its parameters, its code, a library, a column or an input is another one now."""

from collections.abc import Callable, Mapping
from functools import cache
from importlib.metadata import version
from platform import python_version
from typing import Any

from core.errors import ProductError
from core.glossary import GLOSSARY
from core.products.code import numerical_libraries
from core.products.recipe import ProductKey, Recipe, changed_parameters, input_in

VERSIONED_PACKAGES = ("dwarfnu", "numpy", "scipy", "numba", "healpy", "pandas", "pyarrow", "pyerfa")


def why_stale(metadata: Mapping[str, Any], recipe: Recipe, digest: Callable[[ProductKey], str]) -> str | None:
    """Return why the file with these metadata is not what a recipe asks for today, in words; None if it is.

    `digest` gives that of an input as it stands. Raises ProductError if the recipe's code is no more.
    """
    if metadata["recipe_digest"] != recipe.digest:
        return changed_parameters(metadata["recipe"], recipe.parameters)
    digest_of_code = recipe.code_digest
    if (function := metadata["code"]["function"]) != recipe.code:
        return f"it was made by {function}, now {recipe.code} makes it"
    if metadata["code"]["digest"] != digest_of_code:
        return f"the code of {recipe.code.partition(':')[0]} has changed"
    return (
        _outdated_libraries(metadata["versions"], recipe)
        or _retyped_columns(metadata["columns"])
        or _changed_inputs(metadata["inputs"], recipe, digest)
        or None
    )


def _changed_inputs(inputs: list[Mapping[str, Any]], recipe: Recipe, digest: Callable[[ProductKey], str]) -> str:
    """Return which input is another one now, in words; "" if none is."""
    made_from = {str(input_in(item)): item["digest"] for item in inputs}
    if set(made_from) != {str(product) for product in recipe.inputs}:
        return "it was made from other inputs"
    for product in recipe.inputs:
        try:
            current = digest(product)
        except ProductError:
            return f"its input {product} is missing or damaged"
        if made_from[str(product)] != current:
            return f"its input {product} has changed"
    return ""


def installed_releases() -> dict[str, str]:
    """Return the releases of Python and of what computes, reads or writes here, by name."""
    return {"python": python_version(), **{name: installed_release(name) for name in VERSIONED_PACKAGES}}


@cache
def installed_release(distribution: str) -> str:
    """Return the release of an installed distribution; looked up once, for it takes milliseconds."""
    return version(distribution)


def _outdated_libraries(made_with: Mapping[str, str], recipe: Recipe) -> str:
    """Return which library that computes for the recipe had another release, in words; "" if none had."""
    for name in sorted(numerical_libraries(recipe.code)):
        if (before := made_with.get(name)) != (now := installed_release(name)):
            return f"made with {name} {before or 'of unknown version'}, now {now}"
    return ""


def _retyped_columns(columns: Mapping[str, Mapping[str, str]]) -> str:
    """Return which column has another type in the glossary now, in words; "" if none has."""
    for name, said in columns.items():
        if name not in GLOSSARY or said.get("type") != str(GLOSSARY[name].dtype):
            return f"its column {name} is no longer what the glossary says"
    return ""
