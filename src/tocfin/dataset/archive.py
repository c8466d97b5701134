"""Is an .xlsx file safe to open, and which of its cells would be lost on the way (S12)?

The zip directory is judged first, then every member is unpacked in pieces, which proves the declared sizes, and
the sheets are scanned without being kept: how far their cells reach, and which cells hold an error or a formula
without a value. Only then does a reader that loads whole sheets see the file.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, NamedTuple
from xml.parsers import expat

MOST_MEMBERS = 200
MOST_UNPACKED = 200 << 20
MOST_RATIO = 200
#: Cells of the smallest rectangle around a sheet's content; a million rows of 25 columns fit.
MOST_CELLS = 30_000_000
_PIECE = 1 << 18
_LETTERS = re.compile(r"[A-Za-z]{1,3}")
_ROW = re.compile(r"[0-9]{1,7}")


class UnsafeArchiveError(Exception):
    """The file must not be opened; the text says why, for the finding."""


class SheetScan(NamedTuple):
    """Cells (as ``E3``) that hold an Excel error, and those whose formula should give a value that is no text.

    If such a formula reads as empty, its value was never stored.
    """

    errors: frozenset[str]
    formulas: frozenset[str]


def scan(path: Path) -> dict[str, SheetScan]:
    """What is to know of each sheet of the workbook at ``path``; UnsafeArchiveError when it must not be opened."""
    try:
        with zipfile.ZipFile(path) as archive:
            _judge(archive.infolist())
            targets = _targets(archive)
            scans: dict[str, SheetScan] = {}
            for member in archive.infolist():
                with archive.open(member) as file:
                    if _member(member.filename) in targets.values():
                        scans[_member(member.filename)] = _scan_sheet(file)
                    else:
                        for _ in _pieces(file):
                            pass
            return {name: scans[part] for name, part in targets.items() if part in scans}
    except UnsafeArchiveError:
        raise
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise UnsafeArchiveError(
            "is not a readable .xlsx workbook; it is damaged, encrypted or of another format"
        ) from error
    except (expat.ExpatError, LookupError) as error:
        raise UnsafeArchiveError("is not a readable .xlsx workbook; a part of it is not well-formed XML") from error


def _judge(members: list[zipfile.ZipInfo]) -> None:
    if len(members) > MOST_MEMBERS:
        raise UnsafeArchiveError(f"holds {len(members)} parts; a workbook of at most {MOST_MEMBERS} parts is read")
    if sum(member.file_size for member in members) > MOST_UNPACKED:
        raise UnsafeArchiveError(f"unpacks to more than {MOST_UNPACKED >> 20} MiB; save the tables as Parquet or CSV")
    for member in members:
        if member.file_size > MOST_RATIO * max(member.compress_size, 1):
            raise UnsafeArchiveError(f"is packed more than {MOST_RATIO} times; that is a zip bomb, not a workbook")


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    while piece := file.read(_PIECE):
        yield piece


def _targets(archive: zipfile.ZipFile) -> dict[str, str]:
    """Archive member of each sheet, by sheet name, in the form of `_member`."""
    parts: dict[str, str] = {}
    for tag, attributes in _elements(archive, "xl/_rels/workbook.xml.rels"):
        if tag == "Relationship":
            target = _member(attributes.get("Target", "")).removeprefix("/")
            parts[attributes.get("Id", "")] = target if target.startswith("xl/") else f"xl/{target}"
    sheets: dict[str, str] = {}
    for tag, attributes in _elements(archive, "xl/workbook.xml"):
        if tag == "sheet":
            link = next((value for key, value in attributes.items() if _local(key) == "id"), "")
            sheets[attributes.get("name", "")] = parts.get(link, "")
    return sheets


def _member(name: str) -> str:
    """How the reader of values finds a member: letter case and the kind of slash do not matter."""
    return name.replace("\\", "/").lower()


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _elements(archive: zipfile.ZipFile, member: str) -> list[tuple[str, dict[str, str]]]:
    try:
        data = archive.read(member)
    except KeyError:
        return []
    found: list[tuple[str, dict[str, str]]] = []
    parser = _parser()
    parser.StartElementHandler = lambda tag, attributes: found.append((_local(tag), attributes))
    parser.Parse(data, True)
    return found


def _parser() -> expat.XMLParserType:
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse_doctype
    return parser


def _refuse_doctype(*_: object) -> None:
    raise UnsafeArchiveError("declares an XML document type, which no workbook needs")


class _SheetReader:
    """Follows the cells of one sheet and remembers only what the reader of values would lose."""

    def __init__(self) -> None:
        self.errors: set[str] = set()
        self.formulas: set[str] = set()
        self.cell = self.type = ""
        self.row = ""  # digits of the row that was measured last
        self.columns: dict[str, int] = {}  # letters that were measured
        self.column = 0
        self.first_row = self.last_row = self.last_column = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag if ":" not in tag else _local(tag)
        if name == "c":
            self._enter(attributes.get("r", ""))
            self.type = attributes.get("t", "n")
            if self.type == "e":
                self.errors.add(self.cell)
        elif name == "f" and self.type != "str":
            self.formulas.add(self.cell)
        elif name == "row":
            self.column = 0
            if row := attributes.get("r", ""):
                self._reach_row(row)

    def _enter(self, cell: str) -> None:
        """Note the place of a cell; one without an address stands to the right of the one before."""
        self.cell = cell
        letters = cell.rstrip("0123456789")
        self.column = self.columns.get(letters) or (_column_number(letters) if cell else self.column + 1)
        if cell:
            self.columns[letters] = self.column
        self.last_column = max(self.last_column, self.column)
        if cell and cell[len(letters) :] != self.row:
            self._reach_row(cell[len(letters) :])

    def _reach_row(self, digits: str) -> None:
        if not _ROW.fullmatch(digits):
            raise UnsafeArchiveError("has a sheet with a cell at an impossible address")
        self.row = digits
        self.first_row = min(self.first_row or int(digits), int(digits))
        self.last_row = max(self.last_row, int(digits))
        self.judge()

    def judge(self) -> None:
        """Refuse a sheet whose cells span more than a table could."""
        if (self.last_row - self.first_row + 1) * self.last_column > MOST_CELLS:
            raise UnsafeArchiveError(
                f"has a sheet with cells so far apart that it spans more than {MOST_CELLS:,} cells"
            )


def _column_number(letters: str) -> int:
    if not _LETTERS.fullmatch(letters):
        raise UnsafeArchiveError("has a sheet with a cell at an impossible address")
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


def _scan_sheet(file: IO[bytes]) -> SheetScan:
    reader = _SheetReader()
    parser = _parser()
    parser.StartElementHandler = reader.start
    for piece in _pieces(file):
        parser.Parse(piece)
    parser.Parse(b"", True)
    reader.judge()
    return SheetScan(frozenset(reader.errors), frozenset(reader.formulas))
