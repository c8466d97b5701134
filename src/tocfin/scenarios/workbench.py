"""Tables on the bench: overrides and additions change their cells as text, as a hand in a spreadsheet would."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import cast

import polars as pl

from tocfin.catalogue import BY_NAME, Column
from tocfin.dataset.cells import Reading, reading
from tocfin.dataset.page import Page
from tocfin.dataset.tables import stored
from tocfin.dataset.text import spelled
from tocfin.scenarios.moves import WORK
from tocfin.scenarios.provenance import BY, Step
from tocfin.scenarios.selection import chosen, selectable, unmatched, widened
from tocfin.scenarios.spec import Addition, Override

#: Column of changed activities: what their planned work is multiplied by.
WORKLOAD = "~work"

#: What goes when rows of a table are removed: table -> (table, the column that names the removed row).
_HANGS_ON: dict[str, tuple[tuple[str, str], ...]] = {
    "jobs": (("manufacturing_orders", "job"), ("demands", "job")),
    "manufacturing_orders": (("operations", "manufacturing_order"),),
    "operations": (
        ("activities", "operation"),
        ("material_requirements", "operation"),
        ("alternatives", "operation"),
        ("precedences", "predecessor"),
        ("precedences", "successor"),
    ),
    "resources": (("capacity_intervals", "resource"), ("alternatives", "resource")),
}


@dataclass
class Workbench:
    """``tables`` as they are by now, and those that were changed as text ``cells``, with the step that did it.

    The text is what counts in the end, because a cell may say what its column cannot hold; a table's values are
    taken from it after each step, so that the next one can choose by them and calculate with them.
    """

    page: Page
    tables: dict[str, pl.DataFrame]
    cells: dict[str, pl.DataFrame] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)

    def override(self, step: Override) -> None:
        """Carry out one override; one that matches nothing is a finding."""
        frame, kinds = widened(self.tables, step.table), selectable(step.table)
        at = chosen(frame, step.where, kinds)
        if not at.any():
            where, message = unmatched(frame, step.where, kinds, step.table)
            self.page.fault("selects-nothing", f"{step.place}.where{where}", message)
        elif step.verb == "remove":
            self._remove(step, at)
        else:
            self._change(step, at)

    def add(self, step: Addition) -> None:
        """Append one row."""
        cells = self._taken(step.table)
        number = cells["row"].max()
        row = 2 if not isinstance(number, int) else number + 1
        given = {"row": row, BY: len(self.steps), WORKLOAD: 1.0} | {k: v or None for k, v in step.cells.items()}
        new = pl.DataFrame({name: [given.get(name)] for name in cells.columns}, schema=cells.schema)
        self._put(step.table, pl.concat([cells, new]))
        self.steps.append(Step(step.place, "cells", frozenset(step.cells), frozenset([step.table])))

    def _change(self, step: Override, at: pl.Series) -> None:
        cells = self._taken(step.table)
        for name, amount in step.cells.items():
            if name == WORK:
                scaled = pl.when(at).then(pl.col(WORKLOAD) * amount).otherwise(pl.col(WORKLOAD))
                cells = cells.with_columns(scaled.alias(WORKLOAD))
                continue
            if step.verb == "set":
                new = pl.Series([amount or None], dtype=pl.String).new_from_index(0, cells.height)
            else:
                new = _moved(cells, BY_NAME[step.table].column(name), step.verb, amount)
                if not (new.is_not_null() & at).any():
                    message = f"changes nothing: {name} is empty in every row that where chooses; use set"
                    self.page.fault("selects-nothing", f"{step.place}.{step.verb}.{name}", message)
            cells = cells.with_columns(pl.when(at).then(new).otherwise(pl.col(name)).alias(name))
        by = pl.when(at).then(len(self.steps)).otherwise(pl.col(BY)).alias(BY)
        self._put(step.table, cells if set(step.cells) == {WORK} else cells.with_columns(by))
        self.steps.append(Step(step.place, step.verb, frozenset(step.cells), frozenset([step.table])))

    def _remove(self, step: Override, at: pl.Series) -> None:
        gone = {step.table: int(at.sum())}
        self._drop(step.table, at, gone)
        self.steps.append(Step(step.place, step.verb, frozenset(), frozenset(gone)))
        taken = [f"{count:,} of {name}" for name, count in gone.items() if name != step.table and count]
        if taken:
            message = f"{gone[step.table]:,} of {step.table}, and what hangs on them goes too: {', '.join(taken)}"
            self.page.fault("removed-with", f"{step.place}.remove", message, "warning", sum(gone.values()))

    def _drop(self, table: str, at: pl.Series, gone: dict[str, int]) -> None:
        cells, key = self._taken(table), BY_NAME[table].key
        keys = cells.filter(at)[key[0]] if key else None
        self._put(table, cells.filter(~at))
        for child, column in _HANGS_ON.get(table, ()):
            if keys is not None and self.tables[child].height:
                hangs = self.tables[child][column].is_in(keys.implode()).fill_null(False)
                gone[child] = gone.get(child, 0) + int(hangs.sum())
                if hangs.any():
                    self._drop(child, hangs, gone)

    def _taken(self, table: str) -> pl.DataFrame:
        """The table as text cells, with the columns that say what was done to its rows."""
        if table in self.cells:
            return self.cells[table]
        spelling = [
            spelled(pl.col(column.name), column.kind).cast(pl.String).alias(column.name)
            for column in BY_NAME[table].columns
        ]
        marks = [pl.lit(-1, pl.Int64).alias(BY), *([pl.lit(1.0).alias(WORKLOAD)] if table == "activities" else [])]
        return self.tables[table].select("row", *marks, *spelling)

    def _put(self, table: str, cells: pl.DataFrame) -> None:
        self.cells[table] = cells
        self.tables[table] = cells.select("row", *(_value(column) for column in BY_NAME[table].columns))


def _value(column: Column) -> pl.Expr:
    """What a text cell says, null where it says nothing that the column can hold."""
    return _read(column).value.cast(stored(column.kind), strict=False).alias(column.name)


def _moved(cells: pl.DataFrame, column: Column, verb: str, amount: float) -> pl.Series:
    """The column's cells scaled or added to; a time without an offset stays without one."""
    value = pl.col(column.name) * amount if verb == "scale" else pl.col(column.name) + amount
    if column.kind == "integer":
        value = value.round(mode="half_to_even") if verb == "scale" else value
    values = cells.select(_value(column)).select(value.cast(stored(column.kind)).alias(column.name))
    text = values.select(spelled(pl.col(column.name), column.kind).cast(pl.String)).to_series()
    if column.kind != "time":
        return text
    local = cells.select(cast(pl.Expr, _read(column).local)).to_series()
    return pl.select(pl.when(local).then(text.str.strip_chars_end("Z")).otherwise(text)).to_series()


def _read(column: Column) -> Reading:
    return cast(Reading, reading(column, pl.String()))  # every kind of column can be read from text
