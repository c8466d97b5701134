"""The lists that an export holds, found without a profile: files, sheets or models, with their headers and cells."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from tocfin.dataset.imports import sniff
from tocfin.dataset.imports.books import lines_of
from tocfin.dataset.imports.exports import DEEPEST_HEADER, titles_of
from tocfin.dataset.imports.formats import Format
from tocfin.dataset.imports.records import read_records
from tocfin.errors import UsageError


@dataclass
class Listed:
    """One file (or sheet, or model) of the export, as its header tells."""

    file: str
    header: list[str]
    columns: Mapping[str, Sequence[Any]]
    form: dict[str, Any] = field(default_factory=dict)
    sheet: str = ""
    model: str = ""

    def texts(self, title: str) -> list[str]:
        """The text cells of a column that are not words for nothing."""
        cells = [cell.strip() for cell in self.columns[title] if isinstance(cell, str) and cell.strip()]
        empty = set(sniff.nothing_words(cells))
        return [cell for cell in cells if cell not in empty]

    def beside(self, title: str) -> str | None:
        """The column after that one."""
        at = self.header.index(title) + 1
        return self.header[at] if at < len(self.header) else None


def plain(title: str) -> str:
    """A title for comparing: without case, accents, brackets and what is neither letter nor digit."""
    bare = re.sub(r"\s*[\[(][^\])]*[\])]\s*$", "", title)
    spread = unicodedata.normalize("NFKD", bare.casefold())
    return "".join(sign for sign in spread if sign.isalnum())


#: What a record of JSON says of itself beside its fields.
_MARKS = ("row", "doctype", "docstatus")


def lists_of(source: Path, known: set[str]) -> list[Listed]:
    """Every list at ``source``; its header is the line with most of the ``known`` titles."""
    if not source.exists():
        raise UsageError(f"{source}: there is no such file or folder")
    found: list[Listed] = []
    for path in sorted(source.iterdir()) if source.is_dir() else [source]:
        match path.suffix.lower():
            case ".csv" | ".txt" | ".tsv":
                found += _of_text(path, known)
            case ".xlsx":
                found += _of_book(path, known)
            case ".parquet":
                frame = pl.read_parquet(path, glob=False, hive_partitioning=False)
                found.append(Listed(path.name, frame.columns, frame.to_dict(as_series=False)))
            case ".json":
                found += _of_json(path)
    return found


def _of_text(path: Path, known: set[str]) -> list[Listed]:
    data = path.read_bytes()
    form: dict[str, Any] = {"encoding": sniff.encoding_of(data)}
    text = data.decode("utf-8-sig" if form["encoding"] == "utf-8" else form["encoding"], errors="replace")
    offers = [(mark, lines) for mark in sniff.DELIMITERS if (lines := sniff.cut(text, mark)) is not None]
    if not offers:
        return []
    best = max(offers, key=lambda offer: (_header(offer[1], known)[0], max(map(len, offer[1]))))
    form["delimiter"] = best[0]
    return [_under(path.name, best[1], known, form)]


def _of_book(path: Path, known: set[str]) -> list[Listed]:
    sheets = lines_of(path)
    if isinstance(sheets, str):
        return []
    found = []
    for name, lines in sheets.items():
        cells = [["" if cell is None else cell for cell in line] for _, line in lines]
        if cells:
            found.append(_under(path.name, cells, known, {}))
            found[-1].sheet = name
    return found


def _of_json(path: Path) -> list[Listed]:
    models, _ = read_records(path)
    found = []
    for model, records in models.items():
        names = list(dict.fromkeys(key for record in records for key in record if key not in _MARKS))
        columns = {name: [record.get(name) for record in records] for name in names}
        found.append(Listed(path.name, names, columns, model=model))
    return found


def _header(lines: Sequence[Sequence[Any]], known: set[str]) -> tuple[int, int, int]:
    """How many titles are known in the best header, its line (from 0) and how many lines it takes."""
    best, most = (0, 0, 1), (0, False)
    for at in range(min(len(lines), DEEPEST_HEADER)):
        for rows in (1, 2):
            titles = titles_of(lines[at : at + rows], Format(head_rows=rows))
            hits = sum(plain(title) in known for title in titles)
            rest = lines[at + rows] if at + rows < len(lines) else []
            score = hits, any(sign.isdigit() for cell in rest for sign in str(cell))
            if hits and score > most:  # rows of a list have figures in them, the lower half of a header has none
                best, most = (hits, at, rows), score
    return best


def _under(file: str, lines: Sequence[Sequence[Any]], known: set[str], form: dict[str, Any]) -> Listed:
    _, at, rows = _header(lines, known)
    header = titles_of(lines[at : at + rows], Format(head_rows=rows))
    body = [line for line in lines[at + rows :] if len(line) >= len(header)]
    form["skip_head"], form["head_rows"] = at, rows
    if words := sniff.total_words(_as_text(line) for line in lines[at + rows :]):
        form["drop_rows"] = words
        body = [line for line in body if not sniff.total_words([_as_text(line)])]
    head = [_as_text(line) for line in lines[at : at + rows]]
    body = [line for line in body if any(_as_text(line)) and _as_text(line) not in head]
    columns = {title: [line[place] for line in body] for place, title in enumerate(header) if title}
    return Listed(file, [title for title in header if title], columns, form)


def _as_text(line: Sequence[Any]) -> list[str]:
    return [str(cell) for cell in line]
