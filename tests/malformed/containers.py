"""Parquet files and workbooks: damaged, dangerous, or with cells of a type that their column cannot hold."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl

from malformed.base import Change, every, parquet, workbook
from malformed.case import Case, one

BOOK = "plant.xlsx"


def _frame(table: str, **columns: Any) -> Change:
    """The table is a Parquet file, with some of its columns replaced."""

    def change(folder: Path) -> None:
        path = folder / f"{table}.parquet"
        pl.read_parquet(path).with_columns(**{name: pl.lit(value) for name, value in columns.items()}).write_parquet(
            path
        )

    return every(parquet(table), change)


def _bytes(table: str, damage: Callable[[bytes], bytes]) -> Change:
    def change(folder: Path) -> None:
        path = folder / f"{table}.parquet"
        path.write_bytes(damage(path.read_bytes()))

    return every(parquet(table), change)


def _damaged(name: str, damage: Callable[[bytes], bytes]) -> Case:
    return one(name, _bytes("items", damage), "items.parquet", "unreadable", "Parquet", others=True)


PARQUET = (
    _damaged("half a Parquet file", lambda data: data[: len(data) // 2]),
    _damaged("a Parquet file without its end", lambda data: data[:-1]),
    _damaged("a Parquet file of 0 bytes", lambda data: b""),
    _damaged("only the mark of Parquet", lambda data: b"PAR1PAR1"),
    _damaged("a Parquet file that is CSV", lambda data: b"item,item_type,cost\nRM,RawMaterial,30\n"),
    _damaged("a Parquet file that is junk", lambda data: bytes(range(256)) * 8),
    _damaged("a Parquet file with junk for a footer", lambda data: data[:-40] + b"\xff" * 32 + data[-8:]),
    _damaged("a Parquet file with a giant footer length", lambda data: data[:-8] + b"\xff\xff\xff\x7fPAR1"),
    one("one table as CSV and as Parquet", every(parquet("items"), lambda folder: (folder / "items.csv").write_text(
        "item,item_type,cost\n", encoding="utf-8") and None), "items.parquet", "table-twice", "items.csv", others=True),
    one("NaN in Parquet", _frame("items", cost=pl.Series([1.0, float("nan")])), "items.parquet:3: cost", "not-finite",
        "finite"),
    one("infinity in Parquet", _frame("items", cost=pl.Series([float("-inf"), 1.0])), "items.parquet:2: cost",
        "not-finite", "finite"),
    one("1e16 in Parquet", _frame("items", cost=pl.Series([1.0, 1e16])), "items.parquet:3: cost", "out-of-range",
        "1e15"),
    one("a null key in Parquet", _frame("warehouses", plant=pl.Series(["P1", None])), "warehouses.parquet:3: plant",
        "empty-cell", "is empty", others=True),
    one("numbers as keys in Parquet", _frame("items", item=pl.Series([1, 2])), "items.parquet:1: item", "wrong-type",
        "text is expected", others=True),
    one("0 and 1 as booleans in Parquet", _frame("warehouses", owned=pl.Series([0, 1])), "warehouses.parquet:1: owned",
        "wrong-type", "boolean"),
    one("a date as time in Parquet", _frame("activities", end=datetime(2026, 6, 9, tzinfo=UTC).date()),
        "activities.parquet:1: end", "wrong-type", "time is expected", others=True),
    one("half seconds in Parquet", _frame("activities", actual_end=datetime(2026, 6, 9, 0, 0, 0, 500, tzinfo=UTC)),
        "activities.parquet:2: actual_end", "not-a-time", "whole second", others=True),
    one("half a sequence in Parquet", _frame("operations", sequence=pl.Series([10.0, 20.5, 10.0])),
        "operations.parquet:3: sequence", "not-an-integer", "20.5"),
    one("lists in Parquet", _frame("items", cost=pl.Series([[1.0], [2.0]])), "items.parquet:1: cost", "wrong-type",
        "number is expected", others=True),
    one("an unknown column in Parquet", _frame("items", colour="red"), "items.parquet:1: colour", "unknown-column",
        "not a column"),
)  # fmt: skip


def _book(change: Callable[[Any], None]) -> Change:
    """The data set is a workbook, opened and changed."""

    def made(folder: Path) -> None:
        path = workbook(folder.with_name(BOOK))
        book = openpyxl.load_workbook(path)
        change(book)
        book.save(path)

    return made


def _cell(sheet: str, at: str, value: Any) -> Change:
    def change(book: Any) -> None:
        book[sheet][at] = value

    return _book(change)


def _file(damage: Callable[[bytes], bytes]) -> Change:
    def change(folder: Path) -> None:
        path = workbook(folder.with_name(BOOK))
        path.write_bytes(damage(path.read_bytes()))

    return change


def _parts(change: Callable[[dict[str, bytes]], object], compression: int = zipfile.ZIP_DEFLATED) -> Change:
    """The parts inside of the workbook are changed."""

    def damage(data: bytes) -> bytes:
        with zipfile.ZipFile(io.BytesIO(data)) as given:
            parts = {name: given.read(name) for name in given.namelist()}
        change(parts)
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", compression) as packed:
            for name, part in parts.items():
                packed.writestr(name, part)
        return out.getvalue()

    return _file(damage)


def _is_dtd(parts: dict[str, bytes]) -> None:
    name = "xl/worksheets/sheet1.xml"
    entity = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    parts[name] = parts[name].replace(b"<worksheet", entity + b"<worksheet", 1)


def _is_strange(book: Any) -> None:
    for column, word in enumerate(("weight", "colour", "size"), 1):
        book["warehouses"].cell(1, column).value = word


def _sheet(name: str, change: Change, at: str, rule: str, word: str, *, others: bool = False) -> Case:
    return one(name, change, at, rule, word, opened=BOOK, others=others)


def _no_book(name: str, change: Change, word: str) -> Case:
    return _sheet(name, change, BOOK, "unreadable", word)


BOOKS = (
    _no_book("half a workbook", _file(lambda data: data[: len(data) // 2]), "readable"),
    _no_book("a workbook of 0 bytes", _file(lambda data: b""), "readable"),
    _no_book("a workbook that is junk", _file(lambda data: bytes(range(256)) * 40), "readable"),
    _no_book("a workbook that is CSV", _file(lambda data: b"job,revenue\nJ1,5\n"), "readable"),
    _no_book("an .xls file", _file(lambda data: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2_000)), "readable"),
    _no_book("an empty zip file", _file(lambda data: b"PK\5\6" + bytes(18)), "readable"),
    _no_book("a zip of something else", _parts(dict.clear), "readable"),
    _no_book("a bomb of 400 times", _parts(lambda parts: parts.update({"xl/media/a.bin": bytes(8 << 20)})), "bomb"),
    _no_book("a bomb in a sheet", _parts(lambda parts: parts.update({"xl/worksheets/sheet1.xml": b" " * (8 << 20)})),
             "bomb"),
    _no_book("too many parts", _parts(lambda parts: parts.update({f"xl/{n}": b"" for n in range(300)})), "parts"),
    _no_book("entities", _parts(_is_dtd), "document type"),
    _no_book("a sheet that is not XML", _parts(lambda parts: parts.update({"xl/worksheets/sheet1.xml": b"<a><b></a>"})),
             "XML"),
    _no_book("a byte of a part is wrong", _file(lambda data: data[:60] + bytes([data[60] ^ 255]) + data[61:]),
             "readable"),
    _sheet("no plan beside the workbook", every(_book(lambda book: None), lambda folder: (
        folder.with_name("plan.toml").unlink())), "plan.toml", "missing-table", "horizon"),
    _sheet("a sheet is missing", _book(lambda book: book.remove(book["items"])), "items", "missing-table", "missing",
           others=True),
    _sheet("a strange sheet", _book(lambda book: book.create_sheet("Tabelle1")), "Tabelle1", "unknown-table", "hide"),
    _sheet("a sheet of which no column is known", _book(lambda book: book["warehouses"].delete_cols(1, 2)),
           "warehouses:1: warehouse", "missing-column", "needs", others=True),
    _sheet("a sheet of rows without known columns", _book(_is_strange), "warehouses:1: weight", "unknown-column",
           "not a column", others=True),
    _sheet("a sheet without cells", _book(lambda book: book["items"].delete_rows(1, 9)), "items", "unreadable",
           "header", others=True),
)  # fmt: skip

CELLS = (
    _sheet("a quantity with its unit", _cell("jobs", "D2", "12,5 kg"), "jobs!D2: revenue", "not-a-number", "12,5 kg"),
    _sheet("a logical value as money", _cell("jobs", "D2", True), "jobs!D2: revenue", "wrong-type", "number"),
    _sheet("a date as money", _cell("jobs", "D2", datetime(2026, 6, 1)), "jobs!D2: revenue", "wrong-type", "a date"),
    _sheet("a number as time", _cell("activities", "E2", 46_174.5), "activities!E2: end", "wrong-type", "a number"),
    _sheet("a number as boolean", _cell("warehouses", "C2", 1), "warehouses!C2: owned", "wrong-type", "TRUE or FALSE"),
    _sheet("a date as key", _cell("items", "A2", datetime(2026, 6, 1)), "items!A2: item", "wrong-type", "a date",
           others=True),
    _sheet("a number as word", _cell("items", "B2", 5), "items!B2: item_type", "wrong-type", "text"),
    _sheet("half a sequence", _cell("operations", "C2", 10.5), "operations!C2: sequence", "not-an-integer", "10.5"),
    _sheet("1e300 as sequence", _cell("operations", "C2", 1e300), "operations!C2: sequence", "wrong-type", "1e+300"),
    _sheet("a fraction of a second", _cell("activities", "E2", datetime(2026, 6, 1, 12, 0, 0, 500_000)),
           "activities!E2: end", "not-a-time", "12:00:00.5"),
    _sheet("a time that does not exist", _cell("activities", "E2", datetime(2027, 3, 28, 2, 30)),
           "activities!E2: end", "no-such-time", "does not exist", others=True),
    _sheet("an Excel error", _cell("jobs", "D2", "#N/A"), "jobs!D2: revenue", "excel-error", "#N/A"),
    _sheet("a formula without value", _cell("jobs", "D2", "=A1+1"), "jobs!D2: revenue", "no-value", "formula"),
    _sheet("a cell beside the table", _cell("items", "H3", "check!"), "items!H3", "ragged-row", "check!"),
    _sheet("a column twice in a sheet", _cell("items", "D1", "cost"), "items!C1: cost", "duplicate-column",
           "twice"),
)  # fmt: skip


CASES: tuple[Case, ...] = (*PARQUET, *BOOKS, *CELLS)
