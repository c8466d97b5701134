"""Which rows are meant: conditions on columns of a table and of what its rows belong to, with wildcards."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import polars as pl

from tocfin.catalogue import BY_NAME, Kind
from tocfin.dataset.findings import nearest, quoted
from tocfin.dataset.listing import Tables
from tocfin.dataset.page import Page, cell
from tocfin.dataset.text import spelled

#: A condition: column -> values, one of which its cell has. ``*`` and ``?`` in a text stand for anything.
Where = Mapping[str, tuple[Any, ...]]

#: Columns that rows have through what they belong to: table -> column -> kind. `widened` joins them.
BORROWED: dict[str, dict[str, Kind]] = {
    "manufacturing_orders": {"plant": "text", "customer": "text", "commitment": "text"},
    "operations": {
        "job": "text", "product": "text", "plant": "text", "customer": "text", "commitment": "text",
        "resource": "text", "department": "text",
    },
    "activities": {
        "job": "text", "product": "text", "plant": "text", "customer": "text", "commitment": "text",
        "department": "text",
        "resource_type": "text", "drum": "boolean", "manufacturing_order": "text",
    },
    "material_requirements": {
        "job": "text", "product": "text", "plant": "text", "customer": "text", "commitment": "text",
        "manufacturing_order": "text",
        "supplier": "text",
    },
    "capacity_intervals": {"plant": "text", "department": "text", "drum": "boolean"},
    "inventories": {"plant": "text"},
}  # fmt: skip


def selectable(table: str) -> dict[str, Kind]:
    """Columns by which rows of ``table`` can be chosen, with their kinds."""
    return {column.name: column.kind for column in BY_NAME[table].columns} | BORROWED.get(table, {})


def conditions(page: Page, given: Mapping[str, Any], place: str, columns: Mapping[str, Kind]) -> dict[str, Any]:
    """``given`` (column = value, or a list of values) as a `Where`; what is not possible is noted on ``page``."""
    page.keys(given, columns, place)
    found: dict[str, Any] = {}
    for column, wanted in given.items():
        if column in columns:
            values = wanted if isinstance(wanted, list) else [wanted]
            read = [_value(page, value, f"{place}.{column}", columns[column]) for value in values]
            if not values:
                page.fault("wrong-type", f"{place}.{column}", "is an empty list, which no row can match")
            found[column] = tuple(value for value in read if value is not None)
    return found


def _value(page: Page, value: Any, place: str, kind: Kind) -> Any:
    """``value`` as it is compared with cells of ``kind``: numbers and booleans as they are, all else as text."""
    if kind == "boolean":
        fits, example = isinstance(value, bool), "true or false"
    elif kind in ("number", "integer"):
        fits, example = isinstance(value, int | float) and not isinstance(value, bool), "a number"
    elif isinstance(value, datetime):
        fits, example = value.utcoffset() is not None and kind == "time", "a time with an offset"
        value = value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if fits else value
    elif isinstance(value, date):
        fits, example = kind == "date", "a text in quotes"
        value = cell(value)
    else:
        fits, example = isinstance(value, str), "a text in quotes"
    if not fits:
        page.fault("wrong-type", place, f"{quoted(value)} cannot be compared with this column; write {example}")
        return None
    return value


def matching(frame: pl.DataFrame, column: str, kind: Kind, wanted: tuple[Any, ...]) -> pl.Series:
    """True where the cell of ``column`` is one of ``wanted``; an empty text matches an empty cell."""
    cells = frame[column]
    if kind in ("number", "integer", "boolean"):
        return cells.is_in(list(wanted)).fill_null(False)
    text = frame.select(spelled(pl.col(column), kind).fill_null("").alias(column)).to_series()
    plain = [value for value in wanted if not _is_pattern(value)]
    found = text.is_in(plain)
    for pattern in (value for value in wanted if _is_pattern(value)):
        found = found | (text.str.contains(_regex(pattern)) & (text != ""))
    return found


def chosen(frame: pl.DataFrame, where: Where, kinds: Mapping[str, Kind]) -> pl.Series:
    """True where every condition of ``where`` holds."""
    found = pl.repeat(True, frame.height, dtype=pl.Boolean, eager=True)
    for column, wanted in where.items():
        found = found & matching(frame, column, kinds[column], wanted)
    return found


def unmatched(frame: pl.DataFrame, where: Where, kinds: Mapping[str, Kind], rows: str) -> tuple[str, str]:
    """Where in ``where`` and why no row is chosen: ``(".resource", "matches no row of resources")``."""
    for column, wanted in where.items():
        if not matching(frame, column, kinds[column], wanted).any():
            shown = ", ".join(quoted(value) for value in wanted)
            hint = ""
            if frame.schema[column] == pl.String and isinstance(wanted[0], str) and not _is_pattern(wanted[0]):
                hint = nearest(wanted[0], frame[column].drop_nulls().unique().sort().to_list()[:5_000])
            return f".{column}", f"{shown} matches no row of {rows}{hint}"
    return "", f"no row of {rows} meets all of its conditions"


def _is_pattern(value: str) -> bool:
    return "*" in value or "?" in value


def _regex(pattern: str) -> str:
    inner = "".join({"*": ".*", "?": "."}.get(letter, re.escape(letter)) for letter in pattern)
    return f"(?s)^{inner}$"


def widened(tables: Tables, table: str) -> pl.DataFrame:
    """Rows of ``table`` with the columns they have through what they belong to, in the same order.

    An order's product is its own, else its job's; a row of a job without plant has the only plant there is. An
    operation has the resource of its first activity. Material comes from the first supplier of its item.
    """
    frame = tables[table]
    match table:
        case "jobs":
            return frame.with_columns(pl.coalesce("plant", pl.lit(_only_plant(tables), pl.String)).alias("plant"))
        case "manufacturing_orders":
            return _joined(frame, _jobs(tables), "job", product=True).drop("job_product")
        case "operations":
            first = widened(tables, "activities").unique("operation", keep="first", maintain_order=True)
            found = _joined(frame, _orders(tables), "manufacturing_order")
            return _joined(found, first.select("operation", "resource", "department"), "operation")
        case "activities":
            found = _joined(frame, _operations(tables).drop("plant"), "operation")
            return _joined(found, _resources(tables), "resource")
        case "material_requirements":
            found = _joined(frame, _operations(tables), "operation")
            return _joined(found, suppliers(tables), "item")
        case "capacity_intervals":
            return _joined(frame, _resources(tables).drop("resource_type"), "resource")
        case "inventories":
            return _joined(frame, tables["warehouses"].select("warehouse", "plant"), "warehouse")
        case _:
            return frame


def suppliers(tables: Tables) -> pl.DataFrame:
    """The first supplier of each item that has one."""
    return tables["supplies"].select("item", "supplier").drop_nulls().unique("item", keep="first", maintain_order=True)


def _only_plant(tables: Tables) -> str | None:
    plants = tables["plants"]["plant"]
    return plants[0] if plants.len() == 1 else None


def _jobs(tables: Tables) -> pl.DataFrame:
    return widened(tables, "jobs").select(
        "job", pl.col("product").alias("job_product"), "plant", "customer", "commitment"
    )


def _orders(tables: Tables) -> pl.DataFrame:
    return widened(tables, "manufacturing_orders").select(
        "manufacturing_order", "job", "product", "plant", "customer", "commitment"
    )


def _operations(tables: Tables) -> pl.DataFrame:
    found = _joined(tables["operations"], _orders(tables), "manufacturing_order")
    return found.select("operation", "manufacturing_order", "job", "product", "plant", "customer", "commitment")


def _resources(tables: Tables) -> pl.DataFrame:
    return tables["resources"].select("resource", "plant", "department", "resource_type", "drum")


def _joined(frame: pl.DataFrame, owner: pl.DataFrame, key: str, *, product: bool = False) -> pl.DataFrame:
    owner = owner.unique(key, keep="first", maintain_order=True)
    found = frame.join(owner, on=key, how="left", maintain_order="left")
    return found.with_columns(pl.coalesce("product", "job_product").alias("product")) if product else found
