"""How an export writes its rows, numbers and times, and what its columns are called: [format] and the columns.

``[format]`` of a profile holds for every source, ``[sources.NAME.format]`` for one. What is not declared is what
a data set itself is written in: UTF-8, comma, decimal point, ISO times. Nothing is guessed: a cell that is not
written as declared is refused.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, cast, get_args

from tocfin.catalogue import Column, Kind, Table
from tocfin.dataset.findings import nearest, quoted
from tocfin.dataset.imports.verbs import ProfileError, only

#: Units of time in hours; any other unit is a factor: a number, or a fraction such as "1/12".
HOURS = {
    "h": Fraction(1),
    "min": Fraction(1, 60),
    "s": Fraction(1, 3600),
    "d": Fraction(24),
    "h/100": Fraction(1, 100),
    "min/100": Fraction(1, 6000),
}
CLOCK_HOURS = "h:mm"
#: What the parts of a time are called (as in strftime), and how they may be written.
_DIRECTIVES = {"Y": r"\d{4}", "y": r"\d{2}", "m": r"\d{1,2}", "d": r"\d{1,2}"}
_DIRECTIVES |= {"H": r"\d{1,2}", "I": r"\d{1,2}", "M": r"\d{2}", "S": r"\d{2}", "p": r"[AaPp][Mm]", "b": r"[A-Za-z]{3}"}
_KEYS = (
    "encoding", "delimiter", "decimal", "thousands", "trailing_minus", "times", "true", "false", "empty",
    "skip_head", "head_rows", "drop_rows", "sheet", "trim",
)  # fmt: skip
_COLUMN = ("kind", "title", "unit", "units", "unit_from", "clock", "values", "blank", "times")


@dataclass(frozen=True)
class Format:
    """How one export writes.

    ``skip_head`` counts the lines above the header; "auto" looks for the first that has every column needed. A
    header of two ``head_rows`` is joined by blanks, merged cells above reaching to the right. Rows whose first
    cell that is not empty matches one of ``drop_rows`` (``*`` and ``?`` stand for anything) are totals.
    """

    encoding: str = "utf-8"
    delimiter: str = ","
    decimal: str = "."
    thousands: str = ""
    trailing_minus: bool = False
    times: tuple[str, ...] = ()
    true: tuple[str, ...] = ()
    false: tuple[str, ...] = ()
    empty: tuple[str, ...] = ()
    skip_head: int | str = 0
    head_rows: int = 1
    drop_rows: tuple[str, ...] = ()
    sheet: str = ""
    trim: bool = True


@dataclass(frozen=True)
class Field:
    """One column of a source: ``name`` in the profile, ``titles`` it may have in the file, the first found wins.

    ``need``: ``?`` the column may be missing, ``!`` no cell may be empty. ``unit`` of the numbers, ``units`` what
    the unit words in the cells (or in the column ``unit_from``) stand for. ``clock`` is the column with the time
    of a day. ``values`` says what each word stands for, ``blank`` what an empty cell does.
    """

    name: str
    kind: Kind
    need: str
    titles: tuple[str, ...]
    unit: str = ""
    units: Mapping[str, str] = field(default_factory=dict)
    unit_from: str = ""
    clock: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    blank: str = ""
    times: tuple[str, ...] = ()

    def title(self, header: Collection[str]) -> str | None:
        """What the column is called in ``header``; None when it is not there."""
        return next((title for title in self.titles if title in header), None)


def format_of(content: Mapping[str, Any], spec: Mapping[str, Any], place: str) -> Format | None:
    """The format of one source; None where the profile declares none, so that files must be as a data set's."""
    both = (content.get("format"), spec.get("format"))
    if both == (None, None):
        return None
    declared: dict[str, Any] = {}
    for one in both:
        if not isinstance(one, Mapping | None):
            raise ProfileError(f"{place}.format: is a value; it should be a table")
        declared |= one or {}
    only(declared, _KEYS, f"{place}.format")
    if declared.get("thousands") == declared.get("decimal", "."):
        raise ProfileError(f"{place}.format: the marks of thousands and of decimals are the same")
    return Format(**{key: _setting(key, value, f"{place}.format.{key}") for key, value in declared.items()})


def field_of(name: str, spec: Any, titles: Mapping[str, Any], place: str) -> Field:
    """The column ``name`` of a source as its profile declares it: a kind, or a table with a kind and more."""
    place = f"{place}.{name}"
    given = {"kind": spec} if isinstance(spec, str) else spec
    if not isinstance(given, Mapping) or "kind" not in given:
        raise ProfileError(f'{place}: {quoted(spec)} is not a kind of column such as "number!"')
    only(given, _COLUMN, place)
    words = str(given["kind"])
    need = words[-1:] if words[-1:] in ("?", "!") else ""
    kind = words.removesuffix(need)
    if kind not in get_args(Kind) or kind == "choice":
        raise ProfileError(f"{place}: {quoted(words)} is not a kind of column{nearest(kind, get_args(Kind))}")
    named = given.get("title", titles.get(name, name))
    column = Field(
        name=name,
        kind=cast(Kind, kind),
        need=need,
        titles=_words(named, place),
        unit=str(given.get("unit", "")),
        units={str(word): str(unit) for word, unit in _table(given, "units", place).items()},
        unit_from=str(given.get("unit_from", "")),
        clock=str(given.get("clock", "")),
        values={str(word): str(value) for word, value in _table(given, "values", place).items()},
        blank=str(given.get("blank", "")),
        times=tuple(_time_format(one, place) for one in _words(given.get("times", []), place)),
    )
    for unit in (column.unit, *column.units.values()):
        if unit not in ("", CLOCK_HOURS):
            factor(unit, place)
    return column


def table_of(name: str, fields: Sequence[Field], header: Collection[str]) -> Table:
    """The source as a table whose columns are called as they are in ``header``."""
    return Table(
        name,
        "",
        tuple(
            Column(
                one.title(header) or one.titles[0], one.kind, "always" if one.need == "!" else "optional", "", low=None
            )
            for one in fields
        ),
    )


def factor(unit: str, place: str = "unit") -> Fraction:
    """What one of ``unit`` is in hours or pieces."""
    try:
        found = HOURS.get(unit) or Fraction(unit)
    except (ValueError, ZeroDivisionError):
        found = Fraction(0)
    if found <= 0:
        known = ", ".join((*HOURS, CLOCK_HOURS))
        raise ProfileError(f'{place}: {quoted(unit)} is neither one of {known} nor a factor such as "1/12"')
    return found


def time_pattern(written: str) -> str:
    """The regular expression of cells written like ``written``, so that nothing is read that only looks alike."""
    parts = re.split(r"(%.)", written)
    return "".join(_DIRECTIVES[part[1]] if part.startswith("%") else re.escape(part) for part in parts)


def _setting(key: str, value: Any, place: str) -> Any:
    if key == "times":
        return tuple(_time_format(one, place) for one in _words(value, place))
    if key in ("true", "false", "empty", "drop_rows"):
        return _words(value, place)
    if key in ("trailing_minus", "trim") and isinstance(value, bool):
        return value
    if key == "skip_head" and (value == "auto" or _is_count(value, 0)):
        return value
    if key == "head_rows" and _is_count(value, 1):
        return value
    if key == "encoding" and isinstance(value, str) and _is_encoding(value):
        return value
    if key == "sheet" and isinstance(value, str):
        return value
    if key == "thousands" and isinstance(value, str) and not re.search(r"[0-9+\-]", value):
        return value
    if key == "decimal" and value in (".", ","):
        return value
    if key == "delimiter" and isinstance(value, str) and len(value) == 1 and value not in '"\r\n':
        return value
    raise ProfileError(f"{place}: {quoted(value)} cannot be used; {_WANTED.get(key, 'write true or false')}")


_WANTED = {
    "encoding": 'write a name of Python\'s such as "cp1252"',
    "delimiter": 'write one character such as ";"',
    "decimal": 'look at the numbers of the export and write "." or ","',
    "thousands": 'write the mark between thousands, e.g. "."',
    "skip_head": 'write the number of lines above the header, or "auto"',
    "head_rows": "write the number of lines of the header",
    "sheet": "write the name of the sheet",
}


def _time_format(written: Any, place: str) -> str:
    parts = re.findall(r"%(.?)", str(written))
    if not isinstance(written, str) or not parts or any(part not in _DIRECTIVES for part in parts):
        known = ", ".join(f"%{part}" for part in _DIRECTIVES)
        raise ProfileError(f'{place}: {quoted(written)} is not a form of time such as "%d.%m.%Y %H:%M" ({known})')
    return written


def _is_count(value: Any, low: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= 1_000


def _is_encoding(name: str) -> bool:
    try:
        return bool(codecs.lookup(name)._is_text_encoding)  # base64 and zip are codecs too
    except LookupError:
        return False


def _words(value: Any, place: str) -> tuple[str, ...]:
    given = [value] if isinstance(value, str) else value
    if not isinstance(given, list) or not all(isinstance(one, str) for one in given):
        raise ProfileError(f"{place}: {quoted(value)} should be a text or a list of texts")
    return tuple(given)


def _table(given: Mapping[str, Any], key: str, place: str) -> Mapping[str, Any]:
    found = given.get(key, {})
    if not isinstance(found, Mapping):
        raise ProfileError(f"{place}.{key}: is a value; it should be a table")
    return found
