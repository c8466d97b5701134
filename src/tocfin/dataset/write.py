"""A data set as a folder of CSV or Parquet files, or as one workbook; what is written reads back as it was."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal

import polars as pl

from tocfin.catalogue import BY_NAME, TABLES, Column, Table
from tocfin.dataset import sheets
from tocfin.dataset.atomic import appearing
from tocfin.dataset.listing import Tables
from tocfin.dataset.plan import CONTROL_TOLERANCE, Plan
from tocfin.dataset.tables import empty_frame, stored
from tocfin.dataset.text import instant, spelled
from tocfin.errors import UsageError

Form = Literal["csv", "parquet", "xlsx"]
WORKBOOK = ".xlsx"
#: Beside the policy in plan.toml, for who opens the file.
_POLICIES = '"published": the literal formulas; "reconciled": nothing counted twice; see `tocfin kpis`'


def write(tables: Tables, plan: Plan, target: str | Path, *, form: Form | None = None, force: bool = False) -> Path:
    """Write the typed ``tables`` (columns of the catalogue; further columns such as ``row`` are left out).

    A target that ends in ``.xlsx`` becomes a workbook, any other a folder of ``form`` files (csv unless said).
    Instants are written in UTC with a ``Z``, numbers so that they read back bit by bit. Optional columns and
    tables without content are left out. It appears whole or not at all; the same tables give the same bytes.
    Raises UsageError for an unknown table, a target that exists (unless ``force``) or cannot be written, and
    a table with more rows than a sheet holds.
    """
    place = Path(target)
    form = form or ("xlsx" if place.suffix.lower() == WORKBOOK else "csv")
    if (form == "xlsx") != (place.suffix.lower() == WORKBOOK):
        raise UsageError(f"{place}: a workbook is named *{WORKBOOK} and a folder is not")
    if unknown := sorted(set(tables) - set(BY_NAME)):
        raise UsageError(f"{unknown[0]!r} is not a table of a data set")
    kept = dict(_kept(tables))
    with appearing(place, force=force) as part:
        if form == "xlsx":
            sheets.write_workbook(part, kept, plan_pairs(plan))
        else:
            part.mkdir()
            (part / "plan.toml").write_text(plan_toml(plan), encoding="utf-8", newline="\n")
            for name, frame in kept.items():
                _write_file(part / f"{name}.{form}", BY_NAME[name], frame)
    return place


def plan_toml(plan: Plan) -> str:
    """``plan`` as the text of plan.toml."""
    lines = [
        "[plan]",
        f"name = {_quoted(plan.name)}",
        f"clock = {instant(plan.clock)}",
        f"horizon_end = {instant(plan.horizon_end)}",
        f"currency = {_quoted(plan.currency)}",
        f"policy = {_quoted(plan.policy)}  # {_POLICIES}",
    ]
    if plan.boundaries:
        lines += ["", "[periods]", f"boundaries = [{', '.join(map(instant, plan.boundaries))}]"]
    for section, values in _sections(plan):
        lines += ["", f"[{section}]", *(f"{_key(key)} = {_value(value)}" for key, value in values.items())]
    return "\n".join(lines) + "\n"


def plan_pairs(plan: Plan) -> list[tuple[str, str | float]]:
    """``plan`` as the lines (key, value) of a workbook's ``plan`` sheet."""
    pairs: list[tuple[str, str | float]] = [
        ("name", plan.name),
        ("clock", instant(plan.clock)),
        ("horizon_end", instant(plan.horizon_end)),
        ("currency", plan.currency),
        ("policy", plan.policy),
    ]
    if plan.boundaries:
        pairs.append(("periods.boundaries", ", ".join(map(instant, plan.boundaries))))
    return pairs + [(f"{section}.{key}", value) for section, values in _sections(plan) for key, value in values.items()]


def _sections(plan: Plan) -> Iterator[tuple[str, Mapping[str, str | float]]]:
    rates = {currency: rate for currency, rate in plan.exchange_rates.items() if currency != plan.currency}
    given: list[tuple[str, Mapping[str, str | float]]] = [
        ("exchange_rates", rates),
        ("policy", plan.flags),
        ("reschedule", plan.reschedule),
        ("basis", plan.basis),
        ("progress", _progress(plan)),
        ("recognition", plan.recognition),
    ]
    if plan.control_tolerance != CONTROL_TOLERANCE:
        given.append(("control_totals", {"tolerance": plan.control_tolerance}))
    for table, totals in plan.control_totals.items():
        whole = {key: total for key, total in totals.items() if not isinstance(total, Mapping)}
        given.append((f"control_totals.{table}", whole))
        for key, total in totals.items():
            if isinstance(total, Mapping):
                given.append((f"control_totals.{table}.{key}", total))
    for section, values in given:
        if values:
            yield section, values


def _progress(plan: Plan) -> dict[str, str | float]:
    if plan.progress is None:
        return {}
    as_of, unconfirmed = plan.progress
    said: dict[str, str | float] = {} if as_of is None else {"as_of": instant(as_of)}
    return said | {"unconfirmed": unconfirmed}


def _value(value: str | float) -> str:
    if isinstance(value, str):
        return _quoted(value)
    return str(int(value)) if value == int(value) else repr(value)


def _key(key: str) -> str:
    plain = key.isascii() and key.replace("_", "").replace("-", "").isalnum()
    return key if plain else _quoted(key)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")


def _kept(tables: Tables) -> Iterator[tuple[str, pl.DataFrame]]:
    """Tables with something to say, in the order of the catalogue, with the columns that are written."""
    for table in TABLES:
        frame = tables.get(table.name, empty_frame(table))
        if table.required or frame.height:
            yield table.name, pl.DataFrame([_typed(frame, column) for column in table.columns if _says(frame, column)])


def _says(frame: pl.DataFrame, column: Column) -> bool:
    has_values = column.name in frame.columns and frame[column.name].null_count() < frame.height
    return has_values or column.need != "optional"


def _typed(frame: pl.DataFrame, column: Column) -> pl.Series:
    kind = stored(column.kind)
    if column.name not in frame.columns:
        return pl.Series(column.name, [None], kind).new_from_index(0, frame.height)
    return frame[column.name].cast(kind)


def _write_file(path: Path, table: Table, frame: pl.DataFrame) -> None:
    columns = [table.column(name) for name in frame.columns]
    if path.suffix == ".parquet":
        frame.select(_native(column) for column in columns).write_parquet(path)
    else:
        frame.select(spelled(pl.col(column.name), column.kind) for column in columns).write_csv(path)


def _native(column: Column) -> pl.Expr:
    """A stored column as the type Parquet has for it; a time of day is text, as in CSV."""
    cells = pl.col(column.name)
    if column.kind == "time":
        return pl.from_epoch(cells, time_unit="s").dt.cast_time_unit("ms").dt.replace_time_zone("UTC")
    return cells.cast(pl.Int32).cast(pl.Date) if column.kind == "date" else spelled(cells, column.kind)
