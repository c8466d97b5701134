"""Functions without a way in from Python are called by compiled functions only: from Python the call would crash."""

import ast
from collections.abc import Iterator
from pathlib import Path

import tocfin

SOURCES = Path(tocfin.__file__).parent
KERNELS = SOURCES / "kernels"
WITHOUT = {"inner", "inlined"}
COMPILED = WITHOUT | {"kernel", "lean", "instead_of", "emitted"}


def decorators(function: ast.FunctionDef) -> set[str]:
    calls = [one.func if isinstance(one, ast.Call) else one for one in function.decorator_list]
    return {one.id for one in calls if isinstance(one, ast.Name)}


def calls_from_python(tree: ast.AST) -> Iterator[str]:
    """Names that code which is not compiled calls, by themselves or as a module's attribute."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef) and decorators(node) & COMPILED:
            continue
        if isinstance(node, ast.Call):
            called = node.func
            yield called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
        yield from calls_from_python(node)


def imported(tree: ast.AST) -> set[str]:
    """Names that come from the kernels."""
    found = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module]
    return {name.name for node in found if str(node.module).startswith("tocfin.kernels.") for name in node.names}


def test_no_function_without_a_way_in_is_called_from_python():
    without, faults = {}, []
    trees = {path: ast.parse(path.read_text("utf-8")) for path in SOURCES.rglob("*.py")}
    for path, tree in trees.items():
        names = {n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef) and decorators(n) & WITHOUT}
        without[path] = names
    everywhere = set().union(*without.values())
    assert {"philox", "lane_exp", "put"} <= everywhere
    for path, tree in trees.items():
        near = without[path] | (imported(tree) & everywhere)
        faults += [(path.name, name) for name in calls_from_python(tree) if name in near]
    assert faults == []


def test_the_test_sees_such_a_call():
    tree = ast.parse("@inner\ndef f(): g()\n@numba.njit\ndef h(): f()\ndef i(): m.f()\nx = f()")
    assert list(calls_from_python(tree)) == ["f", "f", "f"]
