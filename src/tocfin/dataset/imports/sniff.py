"""What the content of an export tells about how it is written; where it tells two things, nothing is chosen.

A guess is a `Format` value that reads every cell seen. ``OPEN`` stands where the content fits several readings that
differ: a profile with it is refused until a person has looked.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import product

from tocfin.dataset.imports.formats import time_pattern

OPEN = "?"
DELIMITERS = (",", ";", "\t", "|")
#: (decimal, thousands) as they are written in some places of the world.
MARKS = ((".", ""), (",", ""), (",", "."), (".", ","), (".", "'"), (",", " "), (".", " "))
_DAYS = (
    "%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y", "%d.%m.%y",
    "%d/%m/%y", "%m/%d/%y", "%d-%m-%y", "%d-%b-%Y", "%d %b %Y",
)  # fmt: skip
_CLOCKS = ("", " %H:%M", " %H:%M:%S", "T%H:%M", "T%H:%M:%S", " %I:%M %p", " %I:%M:%S %p", " %H%M%S", " %H%M")
_TRUE = ("x", "yes", "ja", "true", "wahr", "y", "j", "1")
_FALSE = ("", "no", "nein", "false", "falsch", "n", "0")
_NOTHING = ("-", "--", "n/a", "na", "null", "none", "#nv", "#n/a")
_TOTALS = re.compile(r"(?i)(\*+ *)?(grand total|sub-?total|total|gesamtsumme|zwischensumme|summe|gesamt|sum)\b")


def encoding_of(data: bytes) -> str:
    """The encoding that the bytes are in; single-byte texts are taken for Windows-1252."""
    if data.startswith(b"\xef\xbb\xbf"):
        return "utf-8"
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def cut(text: str, delimiter: str) -> list[list[str]] | None:
    """Lines of cells; None where ``delimiter`` cannot be it."""
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error:
        return None
    return lines if any(len(line) > 1 for line in lines) else None


def times_of(columns: Iterable[Sequence[str]]) -> list[str]:
    """The forms of time that read every cell of every column; ``[OPEN]`` where days and months could be swapped."""
    columns = [list(dict.fromkeys(cells)) for cells in columns]
    fitting: list[list[tuple[str, str]]] = []
    for cells in filter(None, columns):
        forms = [(day, clock) for day, clock in product(_DAYS, _CLOCKS) if _reads(cells, day + clock)]
        if not forms:
            mixed = [(day, "") for day in _DAYS if _reads_any(cells, [day + clock for clock in _CLOCKS])]
            forms = [
                (day, clock) for day, _ in mixed for clock in _CLOCKS if any(_at(one, day + clock) for one in cells)
            ]
        fitting.append(forms)
    if not fitting or not all(fitting):
        return []
    days = [day for day in _DAYS if all(any(day == one for one, _ in forms) for forms in fitting)]
    if len(days) > 1:
        return [OPEN]
    chosen = days or sorted({day for forms in fitting for day, _ in forms})
    if not days and any(len({day for day, _ in forms}) > 1 for forms in fitting):
        return [OPEN]
    return sorted({day + clock for forms in fitting for day, clock in forms if day in chosen}, key=len, reverse=True)


def _reads(cells: Sequence[str], form: str) -> bool:
    return all(_at(cell, form) is not None for cell in cells)


def _reads_any(cells: Sequence[str], forms: Sequence[str]) -> bool:
    return all(any(_at(cell, form) is not None for form in forms) for cell in cells)


def _at(cell: str, form: str) -> datetime | None:
    if re.fullmatch(time_pattern(form), cell) is None:
        return None
    try:
        return datetime.strptime(cell, form)  # which zone it is in, the profile says
    except ValueError:
        return None


def marks_of(cells: Iterable[str]) -> tuple[str, str, bool] | None:
    """Decimal mark, mark of thousands and whether a minus trails; OPEN for a mark that could be either.

    None where no pair of marks reads every cell.
    """
    known = list(dict.fromkeys(cells))
    trailing = any(cell.endswith("-") for cell in known)
    readings = {pair: [_number(cell, *pair, trailing) for cell in known] for pair in MARKS}
    fitting = {pair: values for pair, values in readings.items() if None not in values}
    if not fitting:
        return None
    first = next(iter(fitting))
    if any(values != fitting[first] for values in fitting.values()):
        return OPEN, "", trailing
    return *first, trailing


def _number(cell: str, decimal: str, thousands: str, trailing: bool) -> float | None:
    sep, point = re.escape(thousands), re.escape(decimal)
    whole = rf"(?:\d{{1,3}}(?:{sep}\d{{3}})+|\d+)" if thousands else r"\d+"
    cell = re.sub("[\xa0\u202f\u2009]", " ", cell)
    found = re.fullmatch(rf"([+-]?)({whole}(?:{point}\d+)?|{point}\d+)(-?)", cell, re.ASCII)
    if found is None or (found[3] and (found[1] or not trailing)):
        return None
    value = float(
        found[2].replace(thousands, "").replace(decimal, ".") if thousands else found[2].replace(decimal, ".")
    )
    return -value if "-" in (found[1], found[3]) else value


def flags_of(cells: Iterable[str]) -> tuple[list[str], list[str]] | None:
    """The words for true and for false in a column; None where another word is among them."""
    words = list(dict.fromkeys(cells))
    true = [word for word in words if word.casefold() in _TRUE]
    false = [word for word in words if word.casefold() in _FALSE]
    return (true, false) if len(true) + len(false) == len(words) else None


def nothing_words(cells: Iterable[str]) -> list[str]:
    """Words that stand for an empty cell."""
    return [word for word in dict.fromkeys(cells) if word.casefold() in _NOTHING]


def total_words(lines: Iterable[Sequence[str]]) -> list[str]:
    """Patterns of the rows that begin with a word for total."""
    first = [next((cell.strip() for cell in line if cell.strip()), "") for line in lines]
    found = {match[0].replace("*", "[*]") + "*" for cell in first if (match := _TOTALS.match(cell))}
    return sorted(found)
