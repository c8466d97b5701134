"""Projected stock for a reader: by item with its first shortage, or day by day."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tocfin.dataset.projection import FLOWS
from tocfin.dataset.text import instant
from tocfin.report.forms import Page
from tocfin.report.grid import Grid

ITEM_NAMES = (
    "item", "plant", "opening", *FLOWS.values(), "closing", "owned", "lowest", "short_from", "short", "status",
    "reason",
)  # fmt: skip
DAY_NAMES = ("item", "plant", "date", *FLOWS.values(), "closing", "owned", "short")


def page(rows: Sequence[dict[str, Any]], by: str, name: str) -> Page:
    """Lines of `tocfin.dataset.projection` by ``item`` or ``day`` in every form."""
    records = [_told(row) for row in rows]
    names = DAY_NAMES if by == "day" else ITEM_NAMES
    document = {"schema": 1, "dataset": name, "by": by, "stock": records}
    return Page(lambda: document, lambda: records, names, lambda: [_grid(records, names, name)])


def _told(row: dict[str, Any]) -> dict[str, Any]:
    if "date" in row:
        return row
    status = "ok" if row["reason"] is None else "not_projected"
    short_from = None if row["short_from"] is None else instant(row["short_from"])
    return row | {"short_from": short_from, "status": status}


def _grid(records: list[dict[str, Any]], names: tuple[str, ...], name: str) -> Grid:
    shown = [column for column in names if column != "reason"]
    cells = tuple(tuple(_cell(row, column) for column in shown) for row in records)
    numeric = frozenset(k for k, column in enumerate(shown) if column in {*FLOWS.values(), *_QUANTITIES})
    short = sum(1 for row in records if row["short"])
    reasons = sorted({row["reason"] for row in records if row.get("reason")})
    notes = [f"{short:,} of {len(records):,} lines are short"]
    notes += [f"not projected: {reason} is missing" for reason in reasons]
    return Grid(f"Stock of {name}", tuple(column.replace("_", " ") for column in shown), cells, numeric, tuple(notes))


_QUANTITIES = ("opening", "closing", "owned", "lowest", "short")


def _cell(row: dict[str, Any], column: str) -> str:
    value = row[column]
    if isinstance(value, float):
        return f"{value:z,.6g}" if value or column != "short" else ""
    return "" if value is None else str(value).replace("_", " ") if column == "status" else str(value)
