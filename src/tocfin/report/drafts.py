"""What a drafted profile makes of an export: where every column went, and what a person has to settle."""

from __future__ import annotations

from typing import Any

from tocfin.dataset.imports.draft import Draft
from tocfin.report.forms import Page
from tocfin.report.grid import Grid

NAMES = ("list", "column", "placed_as")


def page(made: Draft) -> Page:
    """The columns of the export and their places, in every form."""
    return Page(lambda: _document(made), lambda: _records(made), NAMES, lambda: [_grid(made)])


def _document(made: Draft) -> dict[str, Any]:
    return {
        "schema": 1,
        "extends": made.extends,
        "placed": made.share,
        "columns": _records(made),
        "open": list(made.questions),
        "profile": made.text,
    }


def _records(made: Draft) -> list[dict[str, Any]]:
    return [{"list": place.file, "column": place.title, "placed_as": place.role} for place in made.places]


def _grid(made: Draft) -> Grid:
    rows = tuple((place.file, place.title, place.role or "not placed") for place in made.places)
    notes = (f"{made.share:.0%} of the columns are placed.", *(f"Open: {question}." for question in made.questions))
    return Grid(f"Draft of a profile that extends {made.extends}", NAMES, rows, notes=notes)
