"""Results for other programs: JSON and CSV, numbers in full."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

from tocfin.dataset.text import escape_text


def json_text(document: Any) -> str:
    """JSON that any parser takes: ASCII, and never NaN or infinity."""
    return json.dumps(document, indent=2, allow_nan=False)


def csv_text(records: Sequence[Mapping[str, Any]], names: Sequence[str]) -> str:
    """CSV with a header; a text that a spreadsheet would run as a formula is escaped, a number stays a number."""
    paper = io.StringIO()
    writer = csv.writer(paper, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([_cell(record.get(name)) for name in names] for record in records)
    return paper.getvalue().rstrip("\n")


def _cell(value: Any) -> Any:
    return escape_text(value) if isinstance(value, str) else value
