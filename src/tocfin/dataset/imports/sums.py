"""The totals that an export prints itself, compared with the rows above them."""

from __future__ import annotations

from math import fsum

import polars as pl

from tocfin.dataset.findings import quoted
from tocfin.dataset.imports.exports import Sheet
from tocfin.dataset.imports.formats import Field, Format
from tocfin.dataset.imports.grammar import Cells, as_declared
from tocfin.dataset.tables import Raw, unread

#: A printed total is rounded: it agrees when it differs by less than this share, or by less than a cent.
_SHARE, _LEAST = 1e-9, 0.01


def disagreeing(raw: Raw, found: Sheet, one: Field, form: Format, title: str) -> None:
    """Notes the totals of a column of numbers that are neither the sum of all rows above nor of the last part."""
    if not found.totals or one.kind not in ("number", "integer") or one.unit_from:
        return
    place = found.header.index(title)
    lines = [(above, number, cells[place]) for above, (number, cells) in found.totals if place < len(cells)]
    numbers = [number for _, number, _ in lines]
    printed = as_declared(unread(raw.table, raw.file), numbers, Cells([cell for *_, cell in lines]), one, form, title)
    values = raw.frame[title].cast(pl.Float64, strict=False).fill_null(0.0).to_list()
    earlier = 0
    for (above, number, cell), total in zip(lines, printed.cast(pl.Float64, strict=False), strict=True):
        if total is not None and not any(_agree(total, fsum(values[start:above])) for start in {0, earlier}):
            told = f"the total printed in line {number} is {quoted(cell)}, and the rows above it sum to"
            raw.note("total-differs", f"{told} {fsum(values[:above]):,.2f}", column=title)
        earlier = above


def _agree(printed: float, summed: float) -> bool:
    return abs(printed - summed) <= max(_LEAST, _SHARE * abs(printed))
