"""Exports of one known plant in sixty messy shapes: the text, the profile that declares it, and what it must become."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import xlsxwriter

Row = dict[str, Any]
BEGIN = datetime(2026, 6, 1, 6, tzinfo=UTC)
HEAD = {
    "plant": "Werk", "order": "Auftrag", "operation": "Vorgang", "resource": "Arbeitsplatz", "start": "Start Termin",
    "end": "Ende Termin", "hours": "Dauer", "unit": "Einheit", "quantity": "Menge", "revenue": "Auftragswert",
    "due": "Liefertermin", "product": "Material", "cancelled": "Storno",
}  # fmt: skip
CONFIRMED = {
    "plant": "Werk", "order": "Auftrag", "operation": "Vorgang", "started": "Ist Start", "ended": "Ist Ende",
    "good": "Gutmenge", "scrap": "Ausschuss", "final": "Endr\N{LATIN SMALL LETTER U WITH DIAERESIS}ckmeldung",
}  # fmt: skip


def orders() -> list[Row]:
    """The rows of the list, one per operation; two plants have orders of the same numbers."""
    luck, rows = Random(5), []
    for number in range(12):
        plant, order = ("1000", "2000")[number % 2], f"{4711 + number // 2:06}"
        quantity, revenue = luck.randrange(1, 4000) / 4, luck.randrange(-20_000, 900_000_000) / 100
        for step in range(luck.randrange(1, 4)):
            start = BEGIN + timedelta(minutes=15 * luck.randrange(2000))
            rows.append(
                {
                    "plant": plant, "order": order, "operation": f"{10 * step + 10:04}",
                    "resource": f"S\N{LATIN SMALL LETTER A WITH DIAERESIS}ge; {plant}/{luck.randrange(3)}",
                    "start": start, "end": start + timedelta(minutes=15 * luck.randrange(1, 60)),
                    "minutes": 3 * luck.randrange(1, 900), "quantity": quantity, "revenue": revenue,
                    "due": datetime(2026, 6, 1 + number * 2, tzinfo=UTC), "product": f"00{number % 5}-A",
                    "cancelled": number == 7,
                }
            )  # fmt: skip
    return rows


def confirmations() -> list[Row]:
    """What was confirmed of every third row, some of it in two parts."""
    luck, rows = Random(6), []
    for place, row in enumerate(orders()):
        for part in range(place % 3):
            begun = row["start"] + timedelta(minutes=5 + part)
            rows.append(
                {key: row[key] for key in ("plant", "order", "operation")}
                | {"started": begun, "ended": begun + timedelta(minutes=90), "final": part == 1}
                | {"good": float(luck.randrange(1, 5000)) / 8, "scrap": float(luck.randrange(3))}
            )
    return rows


@dataclass
class Shape:
    """How one export writes; ``damage`` changes its lines of cells, and then ``refused`` says where."""

    encoding: str = "utf-8"
    delimiter: str = ";"
    decimal: str = ","
    thousands: str = "."
    minus: str = "-{}"
    times: str = "%d.%m.%Y %H:%M"
    days: str = "%d.%m.%Y"
    clock: str = ""  # a column of its own for the time of day
    unit: str = "h"
    unit_in: str = ""  # "cell" or "column"
    titles: int = 0
    merged: bool = False
    totals: bool = False
    repeated: bool = False
    form: str = "csv"
    yes: str = "X"
    no: str = ""
    damage: Callable[[list[list[Any]]], None] | None = None
    declared: dict[str, str] = field(default_factory=dict)

    def number(self, value: float) -> str:
        text = f"{Decimal(repr(abs(value))):,f}".removesuffix(".0")
        marks = {",": self.thousands, ".": self.decimal}
        text = "".join(marks.get(sign, sign) for sign in text)
        return self.minus.format(text) if value < 0 else text

    def hours(self, minutes: int) -> str:
        if self.unit == "h:mm":
            return f"{minutes // 60}:{minutes % 60:02}"
        return self.number(minutes / {"h": 60, "min": 1, "h/100": 0.6, "s": 1 / 60, "d": 1440}[self.unit])

    def lines(self, head: dict[str, str], rows: list[Row]) -> list[list[Any]]:
        names = [name for name in head if self._has(name)]
        body = [[self.cell(name, row) for name in names] for row in rows]
        top = [[head[name] for name in names]]
        for name in ("start", "end"):
            if self.clock and name in names:
                place = names.index(name) + 1
                names.insert(place, f"{name} clock")
                top[0].insert(place, f"{head[name]} Uhr")
                for line, row in zip(body, rows, strict=True):
                    line.insert(place, row[name].strftime(self.clock))
        if self.merged:
            top = merged_head(top[0])
        if self.repeated:
            body[len(body) // 2 : len(body) // 2] = [[], *top]
        if self.totals:
            body.append(["Summe"] + ["" for _ in names[1:]])
            if "hours" in names and not self.unit_in:
                body[-1][names.index("hours")] = self.hours(sum(row["minutes"] for row in rows))
        width = len(top[-1])
        heading = [["Auftragsliste " + str(at)] for at in range(self.titles)]
        return [*heading, *top, *[line or [""] * width for line in body]]

    def _has(self, name: str) -> bool:
        return name != "unit" or self.unit_in == "column"

    def cell(self, name: str, row: Row) -> Any:
        if name == "unit":
            return UNIT_WORDS[self.unit]
        if name == "hours":
            told = self.hours(row["minutes"])
            return f"{told} {UNIT_WORDS[self.unit]}" if self.unit_in == "cell" else told
        value = row[name]
        if isinstance(value, bool):
            return self.yes if value else self.no
        if isinstance(value, float):
            return value if self.form == "xlsx" else self.number(value)
        if isinstance(value, datetime):
            if self.form == "xlsx" and not (self.clock and name in ("start", "end")):
                return value.replace(tzinfo=None)
            whole = name == "due" or (bool(self.clock) and name in ("start", "end"))
            return value.strftime(self.days if whole else self.times)
        return value

    def write(self, folder: Path) -> Path:
        """The two files (or the workbook of two sheets) and mine.toml; the place to import from."""
        lists = {"orders": self.lines(HEAD, orders()), "confirmations": self.lines(CONFIRMED, confirmations())}
        if self.damage is not None:
            self.damage(lists["orders"])
        (folder / "mine.toml").write_text(self.profile(), "utf-8")
        source = folder / "export"
        source.mkdir()
        if self.form == "xlsx":
            return write_book(source / "export.xlsx", lists)
        for name, lines in lists.items():
            text = io.StringIO()
            csv.writer(text, delimiter=self.delimiter, lineterminator="\r\n").writerows(lines)
            (source / f"{name}.csv").write_bytes(text.getvalue().encode(self.encoding))
        return source

    def profile(self) -> str:
        said = {
            "encoding": f'"{self.encoding}"', "delimiter": '"\\t"' if self.delimiter == "\t" else f'"{self.delimiter}"',
            "decimal": f'"{self.decimal}"', "thousands": f'"{self.thousands}"',
            "trailing_minus": str(self.minus.endswith("-")).lower(),
            "times": f'["{self.times}", "{self.days}"]' if not self.clock
            else f'["{self.times}", "{self.days}", "{self.days} {self.clock}"]',
            "true": f'["{self.yes}"]', "false": f'["{self.no}"]', "skip_head": str(self.titles),
            "head_rows": "2" if self.merged else "1", "drop_rows": '["Summe*"]' if self.totals else "[]",
        } | self.declared  # fmt: skip
        lines = ['extends = "orderlist"', "[format]", *(f"{key} = {value}" for key, value in said.items()), "[columns]"]
        titles = {**CONFIRMED, **HEAD}
        named = {name: " ".join(merged_pair(title)) if self.merged else title for name, title in titles.items()}
        lines += [f'{name} = "{title}"' for name, title in named.items() if name != "unit"]
        lines += ["[sources.orders.columns.hours]", 'kind = "number?"']
        if self.unit_in:
            words = ", ".join(f'"{word}" = "{unit}"' for unit, word in UNIT_WORDS.items() if unit != "h:mm")
            lines += [f"units = {{ {words} }}"]
            lines += [f'unit_from = "{named["unit"]}"'] if self.unit_in == "column" else []
        else:
            lines += [f'unit = "{self.unit}"']
        if not self.no:
            for place in ("orders.columns.cancelled", "confirmations.columns.final"):
                lines += [f"[sources.{place}]", 'kind = "boolean?"', 'blank = "false"']
        for name in ("start", "end") if self.clock else ():
            lines += [f"[sources.orders.columns.{name}]", 'kind = "time"', f'clock = "{named[name]} Uhr"']
        return "\n".join(lines) + "\n"


UNIT_WORDS = {"h": "Std", "min": "MIN", "h/100": "HH", "s": "sek", "d": "Tag", "h:mm": ""}


def merged_pair(title: str) -> tuple[str, ...]:
    return tuple(title.split(" ", 1))


def merged_head(titles: list[str]) -> list[list[str]]:
    """Two lines: a word above that reaches over its columns, and what stands below it."""
    above, below, last = [], [], ""
    for title in titles:
        top, *rest = merged_pair(title)
        above.append("" if rest and top == last else top)
        below.append(" ".join(rest))
        last = top if rest else ""
    return [above, below]


def write_book(path: Path, lists: dict[str, list[list[Any]]]) -> Path:
    with xlsxwriter.Workbook(path, {"default_date_format": "dd.mm.yyyy hh:mm:ss"}) as book:
        for name, lines in lists.items():
            page = book.add_worksheet(name)
            for number, line in enumerate(lines):
                for place, cell in enumerate(line):
                    if isinstance(cell, datetime):
                        page.write_datetime(number, place, cell)
                    elif isinstance(cell, float):
                        page.write_number(number, place, cell)
                    elif cell == "=NA()":
                        page.write_formula(number, place, cell, None, "#N/A")
                    elif cell != "":
                        page.write_string(number, place, cell)
    return path


#: (decimal, thousands, minus) as they are written in some places of the world.
NUMBERS = [
    (",", ".", "-{}"),
    (",", ".", "{}-"),
    (".", ",", "-{}"),
    (".", "'", "{}-"),
    (",", " ", "-{}"),
    (".", "", "-{}"),
]
TIMES = [
    ("%d.%m.%Y %H:%M", "%d.%m.%Y", ""), ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d", ""), ("%m/%d/%Y %I:%M %p", "%m/%d/%Y", ""),
    ("%d/%m/%y %H:%M", "%d/%m/%y", ""), ("%d.%m.%Y %H:%M", "%d.%m.%Y", "%H:%M:%S"), ("%Y%m%d %H%M%S", "%Y%m%d", "%H%M"),
]  # fmt: skip
ENCODINGS = ["utf-8", "utf-8-sig", "cp1252", "iso8859-15", "utf-16"]


def right_shape(number: int) -> Shape:
    """The ``number``-th export that is written as its profile says."""
    luck = Random(number)
    decimal, thousands, minus = NUMBERS[number % len(NUMBERS)]
    times, days, clock = TIMES[(number // 2) % len(TIMES)]
    unit_in = ("", "", "cell", "column")[luck.randrange(4)]
    units = ["h", "min", "h/100", "s", "d"] + ([] if unit_in else ["h:mm"])
    merged = luck.randrange(4) == 0
    return Shape(
        encoding=ENCODINGS[number % len(ENCODINGS)],
        delimiter=";\t|,"[luck.randrange(4)],
        decimal=decimal, thousands=thousands, minus=minus, times=times, days=days, clock=clock,
        unit=units[number % len(units)], unit_in=unit_in,
        titles=luck.randrange(4), merged=merged,
        totals=luck.randrange(2) == 0, repeated=not merged and luck.randrange(3) == 0,
        form="xlsx" if number % 8 == 7 else "csv",
        yes=("X", "ja")[number % 2], no=("", "nein")[number % 2],
    )  # fmt: skip
