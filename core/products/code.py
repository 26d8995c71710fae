"""The digest of the code that makes a product: all definitions that its maker can reach in core, and what carries it.

From a function the names that it uses are followed to the modules of core that define them, definition by definition,
through whatever a package's `__init__` passes on. Each definition counts by its syntax tree, without comments,
docstrings and the annotations of functions, so that only what can change a number changes the digest. The glossary and
the final states do not count: words and colours change no number, types of columns are compared by themselves, and
what of a final state enters a number stands among the parameters of its recipe.

Between a maker and the files of its inputs and of its product stand few functions: those that read and write tables.
They are methods, which cannot be followed from where they are called: they are named here and count for every product.
"""

import ast
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import RLock
from typing import Any

from core.errors import ProductError
from core.products.code_memory import remembered
from core.products.digests import digest_of_parameters

PACKAGE = "core"
CORE = Path(__file__).parents[1]
# Modules whose words and tables enter numbers through a recipe's parameters, or not at all.
DESCRIPTIONS_ONLY = ("core.glossary", "core.dark_matter.final_states")
# What carries tables from files to makers and from these to files, by their names here or as methods of their classes.
CARRIERS = (
    "core.stages.stage:make_product",
    "core.products.memory:Memory.read_table",
    "core.products.store:ProductStore._parts",
    "core.products.store:ProductStore.read_product",
    "core.products.store:ProductStore.scan_products",
    "core.products.store:ProductStore.write",
)
Definition = tuple[str, str]  # module, and the name of a definition in it
_PARSING = RLock()  # Python's parser is not safe in threads: "AST constructor recursion depth mismatch"


def code_name(maker: Callable[..., Any]) -> str:
    """Return what a recipe calls the function of core that makes its product: "core.stages.spectra:make"."""
    return f"{maker.__module__}:{maker.__qualname__}"


def digest_of_code(code: str) -> str:
    """Return the digest of a function and of all definitions of core that it reaches; of a whole module by its name.

    Raises ProductError if core has no such module, or the module no such function.
    """
    with _PARSING:
        return remembered(code, "digest", lambda: _digest(code))


def _digest(code: str) -> str:
    module, _, function = code.partition(":")
    if _source_path(module) is None:
        raise ProductError(f"core has no module {module}")
    if function and function not in _module(module).named:
        raise ProductError(f"{module} has no function {function}")
    digested = reached_definitions(code).union(*map(reached_definitions, CARRIERS))
    return digest_of_parameters({f"{module}:{name}": _syntax_digest(module, name) for module, name in digested})


def reached_definitions(code: str) -> set[Definition]:
    """Return the definitions, (module, name), that a function of core or all that a module defines can reach."""
    module, _, function = code.partition(":")
    waiting: list[Definition] = [(module, function)] if function else _whole(module)
    reached: set[Definition] = set()
    while waiting:
        definition = waiting.pop()
        if definition not in reached:
            reached.add(definition)
            waiting.extend(_used_by(*definition))
    return {(module, name) for module, name in reached if name in _module(module).named}


def numerical_libraries(code: str) -> frozenset[str]:
    """Return the distributions that compute for a function of core: imported by a module of what it reaches."""
    with _PARSING:
        return frozenset(remembered(code, "libraries", lambda: sorted(_libraries_of(code))))


def _libraries_of(code: str) -> set[str]:
    modules = {module for module, _ in reached_definitions(code)}
    return {library for module in modules for library in _module(module).libraries}


@dataclass(frozen=True)
class _Module:
    """A module's statements by the names that they bind, its imports from core, and what runs whenever it is used."""

    named: dict[str, list[ast.stmt]]
    imports: dict[str, tuple[str, str]]  # name here: (module of core, name there; "" for the module itself)
    libraries: frozenset[str]


ALWAYS = "<statements>"  # what a module does beside binding names, such as filling a table
# Distributions whose release can change a number, by the name under which they are imported.
NUMERICAL = {
    "numpy": "numpy",
    "scipy": "scipy",
    "numba": "numba",
    "healpy": "healpy",
    "erfa": "pyerfa",
    "pandas": "pandas",
}


@cache
def _module(name: str) -> _Module:
    """Return a module of core taken apart, each statement under the names that it binds."""
    path = _source_path(name)
    tree = ast.Module([], []) if path is None else _bare(ast.parse(path.read_text(encoding="utf-8")))
    named: dict[str, list[ast.stmt]] = {}
    imports: dict[str, tuple[str, str]] = {}
    for statement in tree.body:
        if isinstance(statement, ast.Import | ast.ImportFrom):
            imports |= _imported(statement)
        elif not _is_for_types(statement) and not _is_docstring(statement):
            for bound in _bound_names(statement) or [ALWAYS]:
                named.setdefault(bound, []).append(statement)
            named |= _methods(statement)
    return _Module(named, imports, _libraries(tree))


@cache
def _syntax_digest(module: str, name: str) -> str:
    """Return the digest of the syntax of what a name of a module is bound to."""
    trees = "\n".join(ast.dump(statement) for statement in _module(module).named[name])
    return hashlib.blake2b(trees.encode(), digest_size=16).hexdigest()


@cache
def _used_by(module: str, name: str) -> frozenset[Definition]:
    """Return the definitions that one names, and the statements that its module runs by itself."""
    here = _module(module)
    if name in here.imports:
        return frozenset(_resolved(*here.imports[name]))
    used = {definition for statement in here.named.get(name, ()) for definition in _named_in(statement, module, here)}
    return frozenset(used | {(module, ALWAYS)} if ALWAYS in here.named else used)


def _named_in(statement: ast.stmt, module: str, here: _Module) -> Iterator[Definition]:
    """Yield what a statement names: definitions beside it, and what it uses of other modules."""
    local: dict[str, tuple[str, str]] = {}
    for node in ast.walk(statement):
        if isinstance(node, ast.Import | ast.ImportFrom):
            local |= _imported(node)
    imports = here.imports | local
    for imported in local.values():
        yield from _resolved(*imported)
    for node in ast.walk(statement):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in imports:
            target, name = imports[node.value.id]
            if _source_path(_joined(target, name)) is not None:
                yield from _resolved(_joined(target, name), node.attr)
        elif isinstance(node, ast.Name):
            if node.id in here.named:
                yield module, node.id
            elif node.id in imports and _source_path(_joined(*imports[node.id])) is None:
                yield from _resolved(*imports[node.id])


def _resolved(module: str, name: str) -> Iterator[Definition]:
    """Yield what a name of a module stands for: a definition, or all that the module of that name defines."""
    if _describes_only(module) or not _is_ours(module):
        return
    if not name or _source_path(_joined(module, name)) is not None:
        yield from _whole(_joined(module, name))
    else:
        yield module, name


def _whole(module: str) -> list[Definition]:
    """Return all that a module defines or imports."""
    here = _module(module)
    return [] if _describes_only(module) else [(module, name) for name in (*here.named, *here.imports)]


def _imported(statement: ast.Import | ast.ImportFrom) -> dict[str, tuple[str, str]]:
    """Return what an import binds of core; a dotted `import` binds the package, of which any module may be meant."""
    if isinstance(statement, ast.ImportFrom):
        module = statement.module or ""
        return {alias.asname or alias.name: (module, alias.name) for alias in statement.names if _is_ours(module)}
    ours = [alias for alias in statement.names if _is_ours(alias.name)]
    return {alias.asname or alias.name: (alias.name, "") for alias in ours}


def _libraries(tree: ast.Module) -> frozenset[str]:
    """Return the numerical distributions that a module imports anywhere; what is compiled needs numba."""
    tops = {
        name.partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names])
    }
    return frozenset(NUMERICAL[top] for top in tops & NUMERICAL.keys())


def _bound_names(statement: ast.stmt) -> list[str]:
    """Return the names that a statement at the top of a module binds."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [statement.name]
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    targets = [statement.target] if isinstance(statement, ast.AnnAssign) else targets
    return [node.id for target in targets for node in ast.walk(target) if isinstance(node, ast.Name)]


def _methods(statement: ast.stmt) -> dict[str, list[ast.stmt]]:
    """Return the methods of a class by names such as ProductStore.write; of anything else none."""
    if not isinstance(statement, ast.ClassDef):
        return {}
    body = statement.body
    return {f"{statement.name}.{node.name}": [node] for node in body if isinstance(node, ast.FunctionDef)}


def _bare(tree: ast.Module) -> ast.Module:
    """Return a module without docstrings and the annotations of functions, which change no number."""
    bare: ast.Module = _Bare().visit(tree)
    return bare


class _Bare(ast.NodeTransformer):
    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        arguments = node.args
        rest = [argument for argument in (arguments.vararg, arguments.kwarg) if argument is not None]
        for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, *rest):
            argument.annotation = None
        node.returns = None
        return self._without_docstring(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        return self._without_docstring(node)

    def _without_docstring(self, node: ast.FunctionDef | ast.ClassDef) -> ast.AST:
        node.body = [statement for statement in node.body if not _is_docstring(statement)] or [ast.Pass()]
        return self.generic_visit(node)


def _is_docstring(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _is_for_types(statement: ast.stmt) -> bool:
    return (
        isinstance(statement, ast.If) and isinstance(statement.test, ast.Name) and statement.test.id == "TYPE_CHECKING"
    )


def _describes_only(module: str) -> bool:
    return any(module == name or module.startswith(f"{name}.") for name in DESCRIPTIONS_ONLY)


def _is_ours(module: str) -> bool:
    return module == PACKAGE or module.startswith(f"{PACKAGE}.")


def _joined(module: str, name: str) -> str:
    return f"{module}.{name}" if name else module


@cache
def _source_path(module: str) -> Path | None:
    """Return the file of a module of core, None if it has no such module."""
    if not _is_ours(module):
        return None
    path = CORE.joinpath(*module.split(".")[1:])
    for candidate in (path.with_suffix(".py"), path / "__init__.py"):
        if candidate.is_file():
            return candidate
    return None
