"""Cells of an export as a data set writes them: numbers, times, words and units, each as its profile declares.

A cell that is not written as declared becomes a finding and is left empty; it is never read as something else.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any, NamedTuple

import polars as pl

from tocfin.dataset.findings import more, nearest, quoted
from tocfin.dataset.imports.formats import CLOCK_HOURS, Field, Format, factor, time_pattern
from tocfin.dataset.listing import LIMITS
from tocfin.dataset.tables import Raw
from tocfin.dataset.workbook import SPELLERS
from tocfin.errors import Finding

_ISO = {"time": "%Y-%m-%dT%H:%M:%S", "date": "%Y-%m-%d", "clock": "%H:%M"}
_NARROW = r"[\x{a0}\x{202f}\x{2009}]"  # blanks that do not break, which programs put between thousands
_UNIT_WORD = r"^(.*?[0-9.,\-+])\s*([^\d\s.,+\-][^\d]*|)$"


class _Read(NamedTuple):
    """A column on its way: its value, where it is not written as declared, and how it should be."""

    value: pl.Expr
    wrong: pl.Expr
    wanted: str


class Cells(NamedTuple):
    """The cells of one column, and of the columns beside it that say its unit or its time of day."""

    value: Sequence[Any]
    unit: Sequence[Any] | None = None
    clock: Sequence[Any] | None = None


def as_declared(raw: Raw, rows: Sequence[int], cells: Cells, told: Field, form: Format, title: str) -> pl.Series:
    """The cells of ``told`` as text that `checked` reads (numbers with a unit: as floats); faults go to ``raw``."""
    frame = _frame(cells, told, form)
    read = _read(told, form)
    found = frame.select(value=read.value, wrong=read.wrong.fill_null(False) | pl.col("odd"))
    if found["wrong"].any():
        at = found["wrong"].arg_true()
        raw.told[title] = [rows[index] for index in at]
        for index in at.head(LIMITS["error"]):
            shown = _shown(frame, index)
            message = f"{quoted(shown)} is not {read.wanted}{nearest(shown, tuple(told.values))}"
            raw.findings.append(
                Finding("error", _RULES.get(told.kind, "not-as-declared"), raw.table.name, rows[index], title, message,
                        file=raw.file, value=quoted(shown)[1:-1])
            )  # fmt: skip
        raw.findings.extend(more(raw.findings[-1], len(at) - LIMITS["error"]))
    value = pl.when(~pl.col("wrong")).then(pl.col("value"))
    return found.select(value.alias(title)).to_series()


_RULES = {"number": "not-a-number", "integer": "not-an-integer", "time": "not-a-time", "date": "not-a-date"}
_RULES |= {"clock": "not-a-clock", "boolean": "not-a-boolean", "text": "unknown-word"}


def _frame(cells: Cells, told: Field, form: Format) -> pl.DataFrame:
    """``text`` as it stands in the file, ``typed`` where a workbook typed the cell, and the columns beside it."""
    beside = cells.clock if cells.clock is not None else [None] * len(cells.value)
    read = [_cell(cell, other, told, form) for cell, other in zip(cells.value, beside, strict=True)]
    columns = {name: [one[place] for one in read] for place, name in enumerate(("text", "typed"))}
    if cells.unit is not None:
        columns["unit"] = [_text(cell, form) for cell in cells.unit]
    odd = [not isinstance(cell, str | None) and one[1] is None for cell, one in zip(cells.value, read, strict=True)]
    return pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String)).with_columns(
        odd=pl.Series(odd, dtype=pl.Boolean)
    )


def _cell(cell: Any, beside: Any, told: Field, form: Format) -> tuple[str | None, str | None]:
    if isinstance(cell, str) or cell is None:
        text = _text(cell, form)
        if beside is not None and text is not None and (of_day := _of_day(beside, form)) is not None:
            text = f"{text} {of_day}"
        return text, None
    if isinstance(beside, time | datetime) and isinstance(cell, date | datetime):
        cell = datetime.combine(cell, beside if isinstance(beside, time) else beside.time())
    typed = SPELLERS["text" if told.values else told.kind](cell)
    return (typed if told.values and typed is not None else str(cell)), typed


def _of_day(cell: Any, form: Format) -> str | None:
    return cell.isoformat() if isinstance(cell, time) else _text(cell, form)


def _text(cell: Any, form: Format) -> str | None:
    if cell is None:
        return None
    text = str(cell)
    text = text.strip() if form.trim else text
    return None if not text or text in form.empty else text


def _shown(frame: pl.DataFrame, index: int) -> str:
    row = frame.row(index, named=True)
    return f"{row['text']} {row['unit']}" if row.get("unit") else str(row["text"])


def _read(told: Field, form: Format) -> _Read:
    text = pl.col("text")
    if told.values:
        known = text.is_in(list(told.values))
        value = text.replace_strict(list(told.values), list(told.values.values()), default=None, return_dtype=pl.String)
        return _filled(told, _Read(value, text.is_not_null() & ~known, f"one of {', '.join(told.values)}"))
    match told.kind:
        case "number" | "integer":
            return _filled(told, _number(told, form))
        case "time" | "date" | "clock" if told.times or form.times:
            return _filled(told, _moment(told, told.times or form.times))
        case "boolean" if form.true or form.false:
            words = dict.fromkeys(form.true, "true") | dict.fromkeys(form.false, "false")
            value = text.replace_strict(list(words), list(words.values()), default=None, return_dtype=pl.String)
            wrong = text.is_not_null() & ~text.is_in(list(words)) & pl.col("typed").is_null()
            return _filled(told, _Read(pl.coalesce("typed", value), wrong, f"one of {', '.join(words)}"))
        case "text":
            return _filled(told, _Read(pl.coalesce("typed", text), pl.lit(False), "a text"))
        case _:
            return _filled(told, _Read(pl.coalesce("typed", text), pl.lit(False), f"a {told.kind}"))


def _filled(told: Field, read: _Read) -> _Read:
    """What an empty cell stands for, where the profile says so."""
    if not told.blank:
        return read
    empty = pl.col("text").is_null()
    return read._replace(value=pl.when(empty).then(pl.lit(told.blank)).otherwise(read.value))


def _number(told: Field, form: Format) -> _Read:
    """Digits with the declared marks, a minus before or (where declared) behind them, and the declared unit."""
    sep, point = re.escape(form.thousands), re.escape(form.decimal)
    whole = rf"(?:[0-9]{{1,3}}(?:{sep}[0-9]{{3}})+|[0-9]+)" if form.thousands else "[0-9]+"
    sign = r"(?:[+-]?{0}|{0}-)" if form.trailing_minus else "[+-]?{0}"
    grammar = f"^{sign.format(f'(?:{whole}(?:{point}[0-9]+)?|{point}[0-9]+)')}$"
    text = pl.col("text")
    written = text.str.extract(_UNIT_WORD, 1) if told.units and not told.unit_from else text
    if form.thousands == " ":
        written = written.str.replace_all(_NARROW, " ")
    digits = written.str.replace_all(form.thousands, "", literal=True) if form.thousands else written
    digits = digits.str.replace(form.decimal, ".", literal=True)
    trailing = digits.str.ends_with("-")
    plain = pl.when(trailing).then(pl.lit("-") + digits.str.strip_suffix("-")).otherwise(digits)
    value = pl.coalesce("typed", plain)
    missing = pl.col("typed").is_null() & text.is_not_null()
    example = f"1{form.thousands}234{form.decimal}5" + ("-" if form.trailing_minus else "")
    read = _Read(value, missing & ~written.str.contains(grammar).fill_null(False), f"a number written like {example}")
    return _measured(told, read) if told.unit or told.units else read


def _measured(told: Field, read: _Read) -> _Read:
    """The number in hours or pieces, whatever unit it was written in."""
    text, number = pl.col("text"), read.value.cast(pl.Float64, strict=False)
    if told.unit == CLOCK_HOURS:
        parts = text.str.extract_groups(r"^([0-9]+):([0-5][0-9])(?::([0-5][0-9]))?$")
        hours, minutes, seconds = (parts.struct.field(str(at)).cast(pl.Float64) for at in (1, 2, 3))
        value = (hours * 3600 + minutes * 60 + seconds.fill_null(0)) / 3600
        wrong = text.is_not_null() & (hours.is_null() | pl.col("typed").is_not_null())
        return _Read(value, wrong, "a duration written like 1:30")
    if not told.units:
        return read._replace(value=_times(number, told.unit))
    word = pl.col("unit") if told.unit_from else text.str.extract(_UNIT_WORD, 2).str.strip_chars()
    word = word.fill_null("")
    value = pl.lit(None, pl.Float64)
    known = {"": told.unit, **told.units} if told.unit else dict(told.units)
    for name, unit in known.items():
        value = pl.when(word == name).then(_times(number, unit)).otherwise(value)
    wrong = read.wrong | (text.is_not_null() & ~word.is_in(list(known)))
    return _Read(value, wrong, f"{read.wanted} with a unit of {', '.join(filter(None, known))}")


def _times(number: pl.Expr, unit: str) -> pl.Expr:
    ratio = factor(unit)
    return number * ratio.numerator / ratio.denominator


def _moment(told: Field, forms: Sequence[str]) -> _Read:
    """A date or time in one of the declared forms; a cell that two of them read differently is refused."""
    text = pl.col("text")
    iso = _ISO[told.kind]
    read = [_parsed(text, written, told.kind) for written in forms]
    found = pl.coalesce(*read)
    differing = pl.any_horizontal((one.is_not_null() & (one != found)) for one in read)
    value = pl.coalesce("typed", found.dt.strftime(iso))
    odd = (found.dt.second() != 0) if told.kind == "clock" else pl.lit(False)
    wrong = pl.col("typed").is_null() & text.is_not_null() & (found.is_null() | differing.fill_null(False) | odd)
    return _Read(value, wrong, f"a {told.kind} written like {' or '.join(_example(written) for written in forms)}")


def _parsed(text: pl.Expr, written: str, kind: str) -> pl.Expr:
    fits = pl.when(text.str.contains(f"^{time_pattern(written)}$")).then(text)
    has_day = "%d" in written
    has_clock = "%H" in written or "%I" in written
    if kind == "clock":
        return (
            (pl.lit("1970-01-01 ") + fits).str.to_datetime(f"%Y-%m-%d {written}", strict=False)
            if has_clock and not has_day
            else pl.lit(None, pl.Datetime("us"))
        )
    if not has_day or (kind == "date" and has_clock):
        return pl.lit(None, pl.Datetime("us"))
    if has_clock:
        return fits.str.to_datetime(written, strict=False, time_unit="us")
    return fits.str.to_date(written, strict=False).cast(pl.Datetime("us"))


def _example(written: str) -> str:
    return datetime(2026, 12, 31, 17, 30).strftime(written)
