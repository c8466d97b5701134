"""A folder as a source: one file per table, and plan.toml; other files are ignored (R22)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tocfin.catalogue import BY_NAME, Table
from tocfin.dataset.columnar import read_parquet
from tocfin.dataset.delimited import read_delimited
from tocfin.dataset.findings import nearest, quoted
from tocfin.dataset.sources import PLAN_FILE, Source, not_a_file, read_plan_file
from tocfin.dataset.tables import Raw, unread


def read_folder(source: Source, folder: Path) -> None:
    """Fill ``source`` from the files of ``folder``."""
    readers: dict[str, Callable[[Table, str, Path], Raw]] = {".csv": _delimited, ".parquet": read_parquet}
    for path in sorted(folder.iterdir()):
        reader = readers.get(path.suffix.lower())
        if reader is None:
            continue
        table = BY_NAME.get(path.stem)
        shown = quoted(path.name)[1:-1]
        if table is None:
            hint = nearest(path.stem, tuple(BY_NAME))
            source.fault("unknown-table", shown, f"is not a table of a data set{hint or '; remove or rename it'}")
        elif table.name in source.raws:
            other = source.raws[table.name].file
            source.fault("table-twice", shown, f"holds the same table as {other}; keep one of them", table.name)
        elif (problem := not_a_file(path)) is not None:
            source.raws[table.name] = unread(table, shown)
            source.raws[table.name].fault("unreadable", problem)
        else:
            source.raws[table.name] = reader(table, shown, path)
    read_plan_file(source, folder / PLAN_FILE)


def _delimited(table: Table, file: str, path: Path) -> Raw:
    return read_delimited(table, file, path.read_bytes())
