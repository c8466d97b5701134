"""frePPLe records that no mapping can flatten: demands exploded over the bill of material, calendars combined."""

from __future__ import annotations

import polars as pl

from tocfin.errors import Finding

Frames = dict[str, pl.DataFrame]


def prepare(frames: Frames, zone: str) -> list[Finding]:
    """Placeholder."""
    return []
