"""The records of a JSON export, each a model and its fields, as source tables."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl

from tocfin.dataset.findings import quoted
from tocfin.dataset.imports.formats import Field, table_of
from tocfin.dataset.listing import LIMITS
from tocfin.dataset.tables import Raw
from tocfin.errors import Finding


def read_records(source: Path) -> tuple[dict[str, list[dict[str, Any]]], list[Finding]]:
    """Records of a JSON file, or of every one in a folder, by model, each with the row (place in its list).

    A record is ``{"model": .., "fields": {..}}``, or a document with its ``doctype`` and child tables inside: those
    are models of their own, ``Work Order.operations``, whose ``parent`` is the document's name.
    """
    models: dict[str, list[dict[str, Any]]] = {}
    findings: list[Finding] = []
    paths = sorted(source.glob("*.json")) if source.is_dir() else [source]
    if not paths:
        findings.append(_fault("missing-file", None, "holds no .json file", source.name))
    for path in paths:
        try:
            listed = json.loads(path.read_bytes(), object_pairs_hook=_object, parse_constant=_no_constant)
        except (OSError, RecursionError, ValueError) as error:
            reason = error if isinstance(error, ValueError) else "unreadable or nested too deeply"
            findings.append(_fault("unreadable", None, f"cannot be read as JSON: {reason}", path.name))
            continue
        for row, record in enumerate(listed if isinstance(listed, list) else [listed], 1):
            if not _sorted_in(models, record, row):
                message = 'is neither a record with "model" and "fields" nor a document with a "doctype"'
                findings.append(_fault("wrong-type", row, message, path.name))
    return models, findings[: LIMITS["error"]]


def _fault(rule: str, row: int | None, message: str, file: str) -> Finding:
    return Finding("error", rule, "source", row, None, message, file=file)


def _sorted_in(models: dict[str, list[dict[str, Any]]], record: Any, row: int) -> bool:
    if not isinstance(record, dict):
        return False
    if isinstance(record.get("fields"), dict) and isinstance(record.get("model"), str):
        models.setdefault(record["model"], []).append(record["fields"] | {"row": row})
        return True
    if not isinstance(record.get("doctype"), str):
        return False
    model, name = record["doctype"], record.get("name")
    models.setdefault(model, []).append({k: v for k, v in record.items() if not isinstance(v, list)} | {"row": row})
    for key, children in record.items():
        if isinstance(children, list) and all(isinstance(child, dict) for child in children):
            rows = models.setdefault(f"{model}.{key}", [])
            rows += [child | {"parent": child.get("parent") or name, "row": row} for child in children]
    return True


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError(f"a name is there twice in one object: {quoted(sorted(key for key, _ in pairs))}")
    return made


def _no_constant(word: str) -> Any:
    raise ValueError(f"{word} is not a number of JSON")


def of_records(name: str, fields: Sequence[Field], file: str, records: list[dict[str, Any]]) -> Raw:
    """Fields as cells of text, so that numbers written as text read like numbers (the export mixes both)."""
    table = table_of(name, fields, list(dict.fromkeys(key for record in records for key in record)))
    columns = {title: [_cell(record.get(title)) for record in records] for title in table.names}
    rows = pl.Series("row", [record["row"] for record in records], dtype=pl.Int64)
    frame = pl.DataFrame([rows, *(pl.Series(title, cells, dtype=pl.String) for title, cells in columns.items())])
    raw = Raw(table, file, frame)
    for one, title in zip(fields, table.names, strict=True):
        if one.need != "?" and records and not any(title in record for record in records):
            raw.fault("missing-column", f"no record of {name} has this field", column=title)
    return raw


def _cell(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else json.dumps(value)
