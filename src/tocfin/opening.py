"""Open a data set: read it, and check the one thing the reader cannot know, the names of KPIs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import tocfin.dataset
from tocfin.dataset import Dataset
from tocfin.errors import Finding
from tocfin.kernels.slots import TERM_NAMES
from tocfin.kpi import KPIS

#: What targets, actuals and adjustments may be about.
NAMES = frozenset(KPIS) | frozenset(TERM_NAMES)


def read(source: str | Path | Mapping[str, Any]) -> Dataset:
    """Read and check a data set: a folder, an ``.xlsx`` workbook, or a mapping of data frames.

    Never raises for bad content: everything wrong is in ``findings``; ``require`` raises it as a DatasetError.
    """
    dataset = tocfin.dataset.read(source)
    unknown = [fault for table in ("targets", "actuals", "adjustments") for fault in _unknown_names(dataset, table)]
    return replace(dataset, findings=(*dataset.findings, *unknown)) if unknown else dataset


def _unknown_names(dataset: Dataset, table: str) -> list[Finding]:
    found = []
    for row, name in dataset.tables[table]["row", "kpi"].drop_nulls().iter_rows():
        if name not in NAMES:
            near = get_close_matches(name, NAMES, 1)
            hint = f"; did you mean '{near[0]}'?" if near else "; `tocfin kpis` lists them"
            message = f"'{name}' is not a KPI or a term{hint}"
            found.append(Finding("error", "unknown-kpi", table, row, "kpi", message, file=f"{table}.csv", value=name))
    return found
