"""JSON lines: one object per line, as event streams write them; cells are read like those of a CSV file."""

from __future__ import annotations

import json
from typing import Any

import polars as pl

from tocfin.catalogue import Table
from tocfin.dataset.findings import more, quoted
from tocfin.dataset.header import places
from tocfin.dataset.listing import LIMITS
from tocfin.dataset.tables import Raw, unread


def read_lines(table: Table, file: str, data: bytes) -> Raw:
    """One file of JSON lines as text columns; a field that a line lacks is an empty cell."""
    raw = unread(table, file)
    records: list[tuple[int, dict[str, Any]]] = []
    wrong: list[tuple[int, str]] = []
    for number, line in enumerate(data.removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line, object_pairs_hook=_object, parse_constant=_no_constant)
        except (ValueError, RecursionError) as fault:
            wrong.append((number, f"is not a line of JSON: {str(fault) or 'nested too deeply'}"))
            continue
        if isinstance(record, dict):
            records.append((number, record))
        else:
            wrong.append((number, f"is {quoted(record)}, not an object of columns and values"))
    for number, message in wrong[: LIMITS["error"]]:
        raw.fault("unreadable", message, row=number)
    if wrong:
        raw.findings.extend(more(raw.findings[-1], len(wrong) - LIMITS["error"]))
    names = list(dict.fromkeys(name for _, record in records for name in record))
    place = places(raw, names) if records else {}
    rows = pl.Series("row", [number for number, _ in records], dtype=pl.Int64)
    columns = {name: [_cell(record.get(name)) for _, record in records] for name in place}
    raw.frame = pl.DataFrame([rows, *(pl.Series(name, cells, dtype=pl.String) for name, cells in columns.items())])
    raw.whole = not wrong
    return raw


def _cell(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else json.dumps(value)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a name is there twice")
    return made


def _no_constant(word: str) -> Any:
    raise ValueError(f"{word} is not a number of JSON")
