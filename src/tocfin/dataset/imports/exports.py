"""An export as lines of cells under a header: decoded, titles and totals passed over, lines numbered as in the file.

A cell is text, or what a workbook typed it as. What stands between the header and the rows (pages, blank lines,
totals) is passed over only where it is declared, or cannot be a row; what is passed over is told.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from itertools import islice
from typing import Any

from tocfin.dataset.findings import more
from tocfin.dataset.imports.formats import Field, Format
from tocfin.dataset.listing import LIMITS
from tocfin.dataset.tables import Raw

#: How far down a header is looked for.
DEEPEST_HEADER = 60
#: Controls that no export writes: a sign of the wrong encoding.
_WRONG_ENCODING = re.compile("[\\0\\x80-\\x9f\\ufffd]")
Line = tuple[int, list[Any]]


@dataclass
class Sheet:
    """What was found under a header: rows with the line they start on, and the totals that were passed over."""

    header: list[str] = field(default_factory=list)
    rows: list[Line] = field(default_factory=list)
    totals: list[tuple[int, Line]] = field(default_factory=list)  # each with the number of rows above it


def decoded(raw: Raw, data: bytes, encoding: str) -> str | None:
    """The text of a file, or None and a finding: a text in another encoding is refused, not read as gibberish."""
    plain = encoding.lower().replace("_", "-") in ("utf-8", "utf8", "utf-8-sig")
    if not plain and not encoding.lower().startswith(("utf-16", "utf-32")) and _is_utf8(data):
        raw.fault("wrong-encoding", f'is UTF-8 text, not {encoding}; write encoding = "utf-8" in [format]', row=1)
        return None
    try:
        text = data.decode("utf-8-sig" if plain else encoding)
    except UnicodeDecodeError as error:
        hint = 'write its encoding in [format], e.g. encoding = "cp1252"' if plain else "look up how it was saved"
        line = data.count(b"\n", 0, error.start) + 1
        raw.fault("wrong-encoding", f"is not {encoding} text (byte 0x{data[error.start]:02x}); {hint}", row=line)
        return None
    if (strange := _WRONG_ENCODING.search(text)) is not None:
        line = text.count("\n", 0, strange.start()) + 1
        sign = f"U+{ord(strange[0]):04X}"
        raw.fault("wrong-encoding", f"holds the character {sign}; it is not {encoding} text", row=line)
        return None
    return text


def _is_utf8(data: bytes) -> bool:
    try:
        return not data.decode("utf-8").isascii()
    except UnicodeDecodeError:
        return False


def split(raw: Raw, text: str, form: Format) -> list[Line]:
    """Lines of cells, each with the line of the file it starts on; broken quotes are a finding."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=form.delimiter, strict=True)
    lines: list[Line] = []
    start = 1
    try:
        for cells in reader:
            lines.append((start, cells))
            start = reader.line_num + 1
    except csv.Error as error:
        raw.fault("quoting", f"cannot be cut into cells: {error}; quote whole fields only", row=start)
        return []
    return lines


def sheet(raw: Raw, lines: Sequence[Line], form: Format, fields: Sequence[Field]) -> Sheet | None:
    """The rows under the header of ``lines``; None, with findings, where a needed column is not in it."""
    place = _header_place(lines, form, fields)
    if place is None:
        raw.fault("missing-header", f"has no header in its first {DEEPEST_HEADER} lines that names {_needs(fields)}")
        return None
    found = Sheet(titles_of([cells for _, cells in lines[place : place + form.head_rows]], form))
    head = [[_told(cell) for cell in cells] for _, cells in lines[place : place + form.head_rows]]
    repeated, wrong = 0, []
    for number, cells in lines[place + form.head_rows :]:
        filled = [_told(cell) for cell in cells]
        first = next((cell for cell in filled if cell), "")
        if not first:
            continue
        if filled in head:
            repeated += 1
        elif any(fnmatchcase(first, pattern) for pattern in form.drop_rows):
            found.totals.append((len(found.rows), (number, cells)))
        elif any(filled[len(found.header) :]) or len(cells) < len(found.header):
            wrong.append((number, len(cells)))
        else:
            found.rows.append((number, cells[: len(found.header)]))
    _tell(raw, found, repeated, wrong)
    return found


def _tell(raw: Raw, found: Sheet, repeated: int, wrong: list[tuple[int, int]]) -> None:
    for number, count in wrong[: LIMITS["error"]]:
        raw.fault("ragged-row", f"has {count} field(s); the header has {len(found.header)}", row=number)
    if wrong:
        raw.findings.extend(more(raw.findings[-1], len(wrong) - LIMITS["error"]))
    for rule, count, what in (
        ("total-row", len(found.totals), "row(s) of totals, as drop_rows says"),
        ("repeated-header", repeated, "row(s) that repeat the header"),
    ):
        if count:
            raw.note(rule, f"{count:,} {what}, are passed over", count)


def _header_place(lines: Sequence[Line], form: Format, fields: Sequence[Field]) -> int | None:
    if isinstance(form.skip_head, int):
        return next((place for place, (number, _) in enumerate(lines) if number > form.skip_head), None)
    for place in range(min(len(lines), DEEPEST_HEADER)):
        titles = titles_of([cells for _, cells in lines[place : place + form.head_rows]], form)
        if all(column.title(titles) is not None for column in fields if column.need != "?"):
            return place
    return None


def _needs(fields: Sequence[Field]) -> str:
    return ", ".join(" or ".join(islice(column.titles, 3)) for column in fields if column.need != "?")


def titles_of(head: Sequence[Sequence[Any]], form: Format) -> list[str]:
    """Column titles: blanks and line breaks count once; a second column of one title is called ``Title [2]``."""
    joined: list[str] = []
    for depth, cells in enumerate(head):
        words = [_told(cell) for cell in cells]
        if depth < form.head_rows - 1:
            words = list(_reaching(words))
        joined += [""] * (len(words) - len(joined))
        joined = [f"{above} {words[at]}".strip() if at < len(words) else above for at, above in enumerate(joined)]
    while joined and not joined[-1]:
        joined.pop()
    seen: dict[str, int] = {}
    for at, title in enumerate(joined):
        seen[title] = seen.get(title, 0) + 1
        if title and seen[title] > 1:
            joined[at] = f"{title} [{seen[title]}]"
    return joined


def _reaching(words: Sequence[str]) -> Iterator[str]:
    """A merged cell of the upper header stands in its first column only; it is the title of those after it too."""
    last = ""
    for word in words:
        last = word or last
        yield last


def _told(cell: Any) -> str:
    return " ".join(str(cell).split()) if cell is not None else ""
