"""Imports go downwards only, and each third party stays in the rooms that were given to it (CONTRIBUTING.md)."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

SOURCE = Path(__file__).parents[1] / "src" / "tocfin"

FLOORS = {
    "errors": 0,
    "catalogue": 0,
    "glossary": 0,
    "rules": 0,
    "specimen": 0,
    "kernels": 1,
    "workers": 1,
    "zones": 1,
    "dataset": 2,
    "model": 3,
    "events": 3,
    "kpi": 4,
    "bridge": 4,
    "scorecard": 5,
    "targets": 5,
    "assumptions": 5,
    "earned": 5,
    "opening": 5,
    "measure": 5,
    "tracing": 5,
    "unconfirmed": 5,
    "scenarios": 5,
    "reschedule": 5,
    "examples": 6,
    "frames": 6,
    "forecast": 6,
    "bench": 7,
    "report": 7,
    "cli": 8,
    "__main__": 9,
}

#: Third party -> the rooms that may import it; one that is not listed here may be imported nowhere.
GUESTS = {
    "numpy": {room for room, floor in FLOORS.items() if 0 < floor < 7} | {"bench"},
    "numba": {"kernels"},
    "llvmlite": {"kernels"},
    "polars": {"dataset", "events", "model", "scenarios", "reschedule", "examples", "forecast", "bench", "report"},
    "narwhals": {"dataset"},
    "python_calamine": {"dataset", "report"},
    "xlsxwriter": {"dataset", "report"},
    "xarray": {"frames"},
    "zarr": {"scenarios"},
    "distributed": {"scenarios"},
    "rich": {"report"},
    "jinja2": {"report"},
    "plotly": {"report"},
    "simpy": {"bench"},
    "click": {"cli"},
    "ortools": {"reschedule"},
    "ruptures": {"forecast"},
}

#: Third party -> the one module that may import it.
ALONE = {"zarr": "scenarios/chunks.py", "distributed": "scenarios/cluster.py", "jinja2": "report/hypertext.py"}

STANDARD = sys.stdlib_module_names


def breaches(room: str, source: str) -> Iterator[str]:
    """Sentences about the imports of ``source``, a module of ``room``, that break the house rules."""
    for name in imported(ast.parse(source)):
        top, _, rest = name.partition(".")
        if top == "tocfin":
            below = rest.partition(".")[0]
            if below == "__version__":
                continue
            if FLOORS.get(below, 99) > FLOORS[room]:
                yield f"{room} must not import tocfin.{below}".rstrip(".")
        elif top not in STANDARD and room not in GUESTS.get(top, set()):
            yield f"{room} must not import {top}"


def imported(tree: ast.AST) -> Iterator[str]:
    """Full names of everything that ``tree`` imports, inside functions too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            stem = "." * node.level + (node.module or "")
            yield from (f"{stem}.{alias.name}" for alias in node.names)


def rooms() -> Iterator[tuple[str, Path]]:
    """Every module under a room, with the room's name; the front door (``tocfin/__init__.py``) may import all."""
    for path in sorted(SOURCE.rglob("*.py")):
        room = path.relative_to(SOURCE).parts[0].removesuffix(".py")
        if room != "__init__":
            yield room, path


def test_every_module_is_in_a_room_with_a_floor() -> None:
    assert {room for room, _ in rooms()} <= set(FLOORS)


def test_imports_go_downwards_and_guests_stay_in_their_rooms() -> None:
    found = [
        f"{path.relative_to(SOURCE)}: {sentence}"
        for room, path in rooms()
        for sentence in breaches(room, path.read_text("utf-8"))
    ]
    assert not found, "\n".join(found)


def test_some_guests_are_known_to_one_module_only() -> None:
    knowing = {
        (guest, str(path.relative_to(SOURCE)))
        for _, path in rooms()
        for name in imported(ast.parse(path.read_text("utf-8")))
        if (guest := name.partition(".")[0]) in ALONE
    }
    assert knowing == set(ALONE.items())


def test_a_breach_is_said_in_a_sentence() -> None:
    assert list(breaches("kernels", "def f():\n    from tocfin.dataset import read")) == [
        "kernels must not import tocfin.dataset"
    ]
    assert list(breaches("dataset", "import click.testing")) == ["dataset must not import click"]
    assert list(breaches("report", "from tocfin import cli")) == ["report must not import tocfin.cli"]
    assert list(breaches("cli", "import duckdb")) == ["cli must not import duckdb"]


def test_lower_floors_and_the_standard_library_may_be_imported() -> None:
    assert not list(
        breaches("cli", "import click, json\nfrom tocfin.report.grid import Grid\nfrom tocfin import zones")
    )
    assert not list(breaches("kernels", "import numba\nfrom tocfin import __version__"))


def test_no_module_is_named_like_one_of_the_standard_library() -> None:
    assert not {path.stem for _, path in rooms() if path.stem.strip("_") == path.stem} & STANDARD
