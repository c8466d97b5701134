"""Open a data set: read it, and check the one thing the reader cannot know, the names of KPIs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import tocfin.dataset
from tocfin.dataset import Dataset
from tocfin.dataset.findings import quoted
from tocfin.dataset.listing import Tables
from tocfin.errors import Finding
from tocfin.kernels.slots import TERM_NAMES
from tocfin.kpi import KPIS

#: What targets, actuals and adjustments may be about.
NAMES = frozenset(KPIS) | frozenset(TERM_NAMES)
#: As much of a name as is compared with those.
LONGEST_NAME = 60


def read(source: str | Path | Mapping[str, Any]) -> Dataset:
    """Read and check a data set: a folder, an ``.xlsx`` workbook, or a mapping of data frames.

    Never raises for bad content: everything wrong is in ``findings``; ``require`` raises it as a DatasetError.
    """
    return tocfin.dataset.read(source, also=_unknown_names)


def _unknown_names(tables: Tables) -> Iterator[Finding]:
    for table in ("targets", "actuals", "adjustments"):
        for row, name in tables[table]["row", "kpi"].iter_rows():
            if name is not None and name not in NAMES:
                near = get_close_matches(name[:LONGEST_NAME], NAMES, 1)
                hint = f"; did you mean '{near[0]}'?" if near else "; `tocfin kpis` lists them"
                message = f"{quoted(name)} is not a KPI or a term{hint}"
                yield Finding("error", "unknown-kpi", table, row, "kpi", message, value=name)
