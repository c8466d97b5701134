"""The header of a table: every column known, none twice, none missing."""

from __future__ import annotations

from collections.abc import Sequence

from tocfin.dataset.findings import nearest, quoted
from tocfin.dataset.listing import LIMITS
from tocfin.dataset.tables import Raw

#: More columns than this is not a table of a data set but something else.
MOST_COLUMNS = 1_000


def places(raw: Raw, header: Sequence[str]) -> dict[str, int]:
    """Position of each known column in ``header``; the faults of the header go to ``raw``, on row 1."""
    if len(header) > MOST_COLUMNS:
        raw.fault("unknown-column", f"has {len(header)} columns; this is not a table of a data set", row=1)
        return {}
    known = raw.table.names
    found: dict[str, int] = {}
    strange = []
    for place, name in enumerate(header):
        if name in found:
            raw.fault("duplicate-column", "is there twice; remove or rename one", row=1, column=name)
        elif name in known:
            found[name] = place
        else:
            strange.append((place, name))
    missing = [c.name for c in raw.table.columns if c.need != "optional" and c.name not in found]
    if len(header) == 1 and missing and (separator := next((s for s in ";\t|" if s in header[0]), "")):
        raw.fault("unknown-column", f"is separated by {quoted(separator)}; save it with commas", row=1)
        return {}
    for place, name in strange[: LIMITS["error"]]:
        told = f"is not a column of {raw.table.name}{nearest(name, known)}" if name else "has no name"
        shown = quoted(name)[1:-1] if name else f"column {place + 1}"
        raw.fault("unknown-column", told, row=1, column=shown)
    if len(strange) > LIMITS["error"]:
        raw.fault("unknown-column", f"and {len(strange) - LIMITS['error']} more unknown columns", row=1)
    for name in missing:
        raw.fault("missing-column", "is missing; the table needs this column", row=1, column=name)
    return found
