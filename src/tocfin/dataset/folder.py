"""A folder as a source: one file per table, and plan.toml; other files are ignored (R22)."""

from __future__ import annotations

from pathlib import Path

from tocfin.catalogue import BY_NAME
from tocfin.dataset.aside import ASIDE, read_aside
from tocfin.dataset.columnar import read_parquet
from tocfin.dataset.delimited import read_delimited
from tocfin.dataset.findings import nearest, quoted
from tocfin.dataset.jsonlines import read_lines
from tocfin.dataset.page import not_a_file
from tocfin.dataset.probe import MOST_ROWS, sound
from tocfin.dataset.sources import PLAN_FILE, Source, read_plan_file
from tocfin.dataset.tables import unread

#: How a stream of events is kept; other files of that kind are no tables (R22).
LINES = ".jsonl"


def _is_table(path: Path) -> bool:
    suffix = path.suffix.lower()
    return suffix in (".csv", ".parquet") or (suffix == LINES and path.stem in BY_NAME and BY_NAME[path.stem].journal)


def read_folder(source: Source, folder: Path) -> None:
    """Fill ``source`` from the files of ``folder``."""
    paths = sorted(path for path in folder.iterdir() if _is_table(path))
    sound_ones = sound([path for path in paths if path.suffix.lower() == ".parquet" and not_a_file(path) is None])
    for path in paths:
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
        elif path.suffix.lower() == ".csv":
            source.raws[table.name] = read_delimited(table, shown, path.read_bytes())
        elif path.suffix.lower() == LINES:
            source.raws[table.name] = read_lines(table, shown, path.read_bytes())
        elif path in sound_ones:
            source.raws[table.name] = read_parquet(table, shown, path)
        else:
            source.raws[table.name] = unread(table, shown)
            message = f"is not a readable Parquet file: it is damaged, or has more than {MOST_ROWS:,} rows"
            source.raws[table.name].fault("unreadable", message)
    read_plan_file(source, folder / PLAN_FILE, "" if source.raws else _inside(folder))
    try:
        source.aside = read_aside(folder)
    except ValueError as fault:
        source.fault("unreadable", ASIDE, str(fault))


def _inside(folder: Path) -> str:
    """Words on a data set one folder further down, which is often what was meant."""
    found = sorted(path.name for path in folder.iterdir() if (path / PLAN_FILE).is_file())
    return f"; there is one in {quoted(found[0])}: name that folder" if found else ""
