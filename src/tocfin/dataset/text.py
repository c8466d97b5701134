"""Text on its way in and out: instants as people write them, and cells that no spreadsheet takes for a formula."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl

from tocfin.catalogue import Kind

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: First characters that make a spreadsheet read a formula, with their full-width forms; ``'`` is our own mark.
_RISKY = "=+-@\t\r\n\0'＝＋－＠"


def escape_text(text: str) -> str:
    """``text`` for a CSV export that a spreadsheet will open: a risky first character gets a ``'`` in front.

    A leading ``'`` is escaped too, so that `unescape_text` gives back exactly what went in. Only for exports
    of results: a data set is written as it is, because the reader takes every text literally.
    """
    return f"'{text}" if text and text[0] in _RISKY else text


def unescape_text(text: str) -> str:
    """The inverse of `escape_text`; only for files that carry our export mark."""
    return text[1:] if len(text) > 1 and text[0] == "'" and text[1] in _RISKY else text


def instant(seconds: int) -> str:
    """Seconds UTC as ``2026-06-01T08:00:00Z``."""
    return (_EPOCH + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ").rjust(20, "0")


def day(days: int) -> str:
    """Days since 1970-01-01 as ``2026-06-01``."""
    return instant(days * 86_400)[:10]


def spelled(cells: pl.Expr, kind: Kind) -> pl.Expr:
    """A stored column as the cells of a CSV file: instants with ``Z``, dates, clock times; the rest unchanged."""
    if kind == "time":
        return pl.from_epoch(cells, time_unit="s").dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    if kind == "date":
        return cells.cast(pl.Int32).cast(pl.Date).dt.strftime("%Y-%m-%d")
    if kind == "clock":
        return pl.from_epoch(cells, time_unit="s").dt.strftime("%H:%M")
    return cells
