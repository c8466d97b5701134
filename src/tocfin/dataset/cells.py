"""What one cell may say, per kind of column, and what it then means (rulings R13, R19, R20).

Every column becomes a value expression and a few checks; polars runs those of a table together: first the values, then
the checks, which find them under `read_as`. An empty text is null before either. A value is never null, rounded or
changed without a finding. Integers are written without point or exponent in text; a source with typed cells may hold
them as floats without a fraction.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import polars as pl

from tocfin.catalogue import LARGEST, Column
from tocfin.errors import Grade
from tocfin.zones import is_zone

LONGEST_TEXT = 131_072
NUMBER = r"^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$"
INTEGER = r"^[+-]?[0-9]+$"
DATE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
CLOCK = r"^(?:[01][0-9]|2[0-3]):[0-5][0-9]$"
TIME = (
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ](?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9])?"
    r"(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])?$"
)
_DAY = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
WEEKDAYS = rf"^{_DAY}(?:-{_DAY})?(?:,{_DAY}(?:-{_DAY})?)*$"
#: Control and bidirectional characters: kept as they are, with a warning, because nobody can see them.
INVISIBLE = r"[\x01-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"
_FIRST_DAY, _LAST_DAY = -719_162, 2_932_896  # years 1 to 9999
_ABOVE_ZERO = ("rate",)  # of exchange_rates: the one number that may not be 0 (R20)


class Check(NamedTuple):
    """A rule, the expression that is true where a cell breaks it, and what to tell (``{}`` is the value)."""

    rule: str
    broken: pl.Expr
    message: str
    grade: Grade = "error"


class Reading(NamedTuple):
    """How a column is read: its value, its checks in order of precedence, and (times) what is local in it."""

    value: pl.Expr
    checks: Sequence[Check]
    local: pl.Expr | None = None


def read_as(name: str) -> str:
    """Column of the values of ``name`` beside its cells."""
    return f"{name} as read"


def reading(column: Column, dtype: pl.DataType) -> Reading | None:
    """How cells of ``dtype`` become ``column``; None when that type cannot hold it."""
    cell, value = pl.col(column.name), pl.col(read_as(column.name))
    if dtype == pl.String:
        return _of_text(column, cell)
    if isinstance(dtype, pl.Null | pl.Categorical | pl.Enum) or (
        isinstance(dtype, pl.Decimal) and column.kind == "number"
    ):
        return _of_text(column, cell.cast(pl.String))
    if column.kind == "number" and dtype.is_numeric():
        return Reading(cell.cast(pl.Float64), _in_range(column, value))
    if column.kind == "integer" and dtype.is_integer():
        overflows = Check("out-of-range", cell.is_not_null() & value.is_null(), "{} is beyond 1e15")
        return Reading(cell.cast(pl.Int64, strict=False), [overflows, *_in_range(column, value)])
    if column.kind == "integer" and dtype.is_float():
        fraction = Check("not-an-integer", cell.is_finite() & (cell != cell.round()), "{} is not a whole number")
        return Reading(cell.cast(pl.Int64, strict=False), [fraction, *_in_range(column, cell)])
    if column.kind == "boolean" and dtype == pl.Boolean:
        return Reading(cell, [])
    if column.kind == "date" and dtype == pl.Date:
        return Reading(cell.cast(pl.Int32).cast(pl.Int64), [])
    if column.kind == "time" and isinstance(dtype, pl.Datetime):
        return _of_datetime(cell, value, dtype)
    return None


def _of_text(column: Column, text: pl.Expr) -> Reading:
    value = pl.col(read_as(column.name))
    match column.kind:
        case "number":
            grammar = Check("not-a-number", ~text.str.contains(NUMBER), _NOT_A_NUMBER)
            return Reading(text.cast(pl.Float64, strict=False), [grammar, *_in_range(column, value)])
        case "integer":
            grammar = Check("not-an-integer", ~text.str.contains(INTEGER), "{} is not a whole number")
            overflows = Check("out-of-range", text.is_not_null() & value.is_null(), "{} is beyond 1e15")
            return Reading(text.cast(pl.Int64, strict=False), [grammar, overflows, *_in_range(column, value)])
        case "boolean":
            lower = text.str.to_lowercase()
            strange = text.is_not_null() & ~text.str.contains("^(?i-u:true|false)$")
            return Reading(lower == "true", [Check("not-a-boolean", strange, "{} is neither true nor false")])
        case "time":
            return _of_time(text)
        case "date":
            day = text.str.to_date("%Y-%m-%d", strict=False).cast(pl.Int32).cast(pl.Int64)
            strange = ~text.str.contains(DATE) | (text.is_not_null() & ~_real(value))
            return Reading(day, [Check("not-a-date", strange, "{} is not a date; write YYYY-MM-DD")])
        case "clock":
            seconds = _part(text, 0, 2) * 3600 + _part(text, 3, 2) * 60
            strange = ~text.str.contains(CLOCK)
            return Reading(seconds, [Check("not-a-clock", strange, "{} is not a time of day; write HH:MM")])
        case "weekdays":
            strange = ~text.str.contains(WEEKDAYS)
            message = "{} does not name weekdays; write e.g. Mon-Fri or Sat,Sun"
            return Reading(text, [Check("not-weekdays", strange, message)])
        case "choice":
            strange = text.is_not_null() & ~text.is_in(column.choices)
            return Reading(text, [Check("unknown-word", strange, f"{{}} is not one of {', '.join(column.choices)}")])
        case "text":
            return Reading(text, _text_checks(column, text))


_NOT_A_NUMBER = "{} is not a number; write digits, with . before decimals and no unit or separator"


def _text_checks(column: Column, text: pl.Expr) -> list[Check]:
    checks = [
        Check("text-too-long", text.str.len_chars() > LONGEST_TEXT, f"has more than {LONGEST_TEXT:,} characters"),
        Check("nul-byte", text.str.contains("\0", literal=True), "{} holds a NUL character; remove it"),
        Check("control-character", text.str.contains(INVISIBLE), "{} holds characters nobody sees", "warning"),
    ]
    if column.name == "timezone":
        known = text.map_batches(_are_zones, return_dtype=pl.Boolean)
        message = "{} is not an IANA time zone; write e.g. Europe/Berlin"
        checks.insert(2, Check("unknown-zone", text.is_not_null() & ~known, message))
    return checks


def _are_zones(names: pl.Series) -> pl.Series:
    return pl.Series([name is not None and "\0" not in name and is_zone(name) for name in names], dtype=pl.Boolean)


def _in_range(column: Column, value: pl.Expr) -> list[Check]:
    value = value.cast(pl.Float64)
    checks = [
        Check("not-finite", value.is_nan() | (value.is_infinite()), "{} is not a finite number of at most 1e15"),
        Check("out-of-range", value.abs() > LARGEST, "{} is beyond 1e15"),
    ]
    if column.name in _ABOVE_ZERO:
        checks.append(Check("out-of-range", value <= 0, "{} is not above 0"))
    elif column.low is not None:
        checks.append(Check("out-of-range", value < column.low, f"{{}} is below {column.low:g}"))
    if column.high is not None:
        checks.append(Check("out-of-range", value > column.high, f"{{}} is above {column.high:g}"))
    return checks


def _part(text: pl.Expr, start: int, length: int) -> pl.Expr:
    return text.str.slice(start, length).cast(pl.Int64, strict=False)


def _real(day: pl.Expr) -> pl.Expr:
    return day.is_between(_FIRST_DAY, _LAST_DAY).fill_null(False)


def _of_time(text: pl.Expr) -> Reading:
    """What is no time by the grammar may get any value here: the first check empties it."""
    day = text.str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False).cast(pl.Int32).cast(pl.Int64)
    second = pl.when(text.str.slice(16, 1) == ":").then(_part(text, 17, 2)).otherwise(0)
    east = pl.when(text.str.slice(-6, 1) == "-").then(-1).otherwise(1)
    offset = east * (_part(text, -5, 2) * 3600 + _part(text, -2, 2) * 60)
    offset = pl.when(text.str.len_bytes() >= len("2026-06-01T08:00+02:00")).then(offset).otherwise(0)
    value = day * 86_400 + _part(text, 11, 2) * 3600 + _part(text, 14, 2) * 60 + second - offset
    strange = ~text.str.contains(TIME)
    unreal = text.is_not_null() & ~_real(day)
    checks = [
        Check("not-a-time", strange, "{} is not a time; write YYYY-MM-DDTHH:MM, and Z or an offset such as +02:00"),
        Check("not-a-time", unreal, "{} is not a date of the calendar"),
    ]
    length = text.str.len_bytes()
    local = (length == len("2026-06-01T08:00")) | (length == len("2026-06-01T08:00:00"))
    return Reading(value, checks, local)


def _of_datetime(cell: pl.Expr, value: pl.Expr, dtype: pl.Datetime) -> Reading:
    ticks = {"ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}[dtype.time_unit]
    count = cell.to_physical()
    checks = [
        Check("not-a-time", count % ticks != 0, "{} is not a whole second"),
        Check("not-a-time", cell.is_not_null() & ~_real(value // 86_400), "{} is not a date of the calendar"),
    ]
    return Reading(count // ticks, checks, pl.lit(dtype.time_zone is None) & cell.is_not_null())
