"""The data set as it was known at an instant: what happened before it and had been recorded by then, nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple, cast

import polars as pl

from tocfin.dataset import Dataset
from tocfin.dataset.text import instant
from tocfin.errors import Finding
from tocfin.events import Journal
from tocfin.events.state import applied, untold

Tables = Mapping[str, pl.DataFrame]


class Source(NamedTuple):
    """Where actuals come from: rows used, until when it has been posted, and rows that do not say when they were."""

    name: str
    rows: int
    posted_until: int | None
    undated: int


@dataclass(frozen=True)
class Known:
    """``dataset`` holds only what was known at ``as_of``; ``hindsight`` is True where some source cannot tell."""

    dataset: Dataset
    as_of: int
    sources: tuple[Source, ...]
    findings: tuple[Finding, ...]

    @property
    def hindsight(self) -> bool:
        """True when a row counts that may have been recorded, or corrected, after the instant."""
        return any(source.undated for source in self.sources)


def known(dataset: Dataset, as_of: int) -> Known:
    """``dataset`` at ``as_of`` [s UTC], with the state of the work that its events tell.

    What happened before it counts if it had been recorded by then; a row without ``recorded_at`` counts by when it
    happened. What lies later is left out and told: it is never an actual.
    """
    tables = dict(dataset.tables)
    findings: list[Finding] = []
    events = _events(tables["events"], as_of, findings)
    actuals = _dated(tables["actuals"], "actuals", "at", as_of, findings)
    tables |= untold(tables, dataset.tables["events"])  # what they told may have been told later than the instant
    tables["activities"] = _activities(tables["activities"], as_of)
    tables["jobs"] = _jobs(tables["jobs"], as_of)
    tables["adjustments"] = tables["adjustments"].filter(pl.col("at") <= as_of)
    tables |= {"events": events, "actuals": actuals}
    sources = [
        _source("activities", tables["activities"].drop_nulls("actual_start"), "recorded_at", as_of),
        _source("actuals", actuals, "recorded_at", as_of),
        _source("events", events, "recorded_at", as_of),
    ]
    if events.height:
        journal = Journal()
        journal.add(events)
        tables |= applied(journal, tables)
    kept = tuple(source for source in sources if source.rows)
    return Known(replace(dataset, tables=tables), as_of, kept, tuple(findings))


def _events(events: pl.DataFrame, as_of: int, findings: list[Finding]) -> pl.DataFrame:
    recorded = events.filter(pl.col("recorded_at") <= as_of)
    future = recorded.filter(pl.col("occurred_at") > pl.col("recorded_at"))
    if future.height:
        row = future["row"].min()
        findings.append(
            Finding(
                "warning", "recorded-before", "events", cast(int, row), "occurred_at",
                f"{future.height:,} events are recorded before they happened and count once they have: check clocks",
                count=future.height,
            )
        )  # fmt: skip
    return recorded.filter(pl.col("occurred_at") <= as_of)


def _dated(table: pl.DataFrame, name: str, at: str, as_of: int, findings: list[Finding]) -> pl.DataFrame:
    """Rows until ``as_of``; those after it are told, because no source can know them."""
    late = table.filter(pl.col(at) > as_of)
    if late.height:
        row = late["row"].min()
        findings.append(
            Finding(
                "warning", "after-as-of", name, cast(int, row), at,
                f"{late.height:,} rows lie after {instant(as_of)}, the instant of the forecast, and are not used: "
                "correct their time, or forecast as of a later one",
                count=late.height,
            )
        )  # fmt: skip
    negative = table.filter(pl.col("value") < 0)
    if negative.height:
        row = negative["row"].min()
        findings.append(
            Finding(
                "warning", "negative-actual", name, cast(int, row), "value",
                f"{negative.height:,} actual totals are below 0; they count as they are: check their sign",
                count=negative.height,
            )
        )  # fmt: skip
    return table.filter(pl.col(at) <= as_of).filter(pl.col("recorded_at").fill_null(as_of) <= as_of)


def _activities(table: pl.DataFrame, as_of: int) -> pl.DataFrame:
    """Actual times until ``as_of`` that had been recorded; what is not known any more is planned again."""
    seen = pl.col("recorded_at").fill_null(as_of) <= as_of
    begun = seen & (pl.col("actual_start") <= as_of)
    done = begun & (pl.col("actual_end") <= as_of)
    over = pl.col("actual_end").is_not_null() & ~done  # its last state was recorded later: how far it was is not known
    return table.with_columns(
        actual_start=pl.when(begun.fill_null(False)).then("actual_start"),
        actual_end=pl.when(done.fill_null(False)).then("actual_end"),
        remaining_hours=pl.when(begun.fill_null(False) & ~over).then("remaining_hours"),
        status=pl.when(done.fill_null(False)).then(pl.lit("Finished")).when(begun.fill_null(False))
        .then(pl.lit("Started")).otherwise(pl.lit("Planned")),
    )  # fmt: skip


def _jobs(table: pl.DataFrame, as_of: int) -> pl.DataFrame:
    later = (pl.col("shipped_at") > as_of).fill_null(False)
    return table.with_columns(
        shipped_at=pl.when(pl.col("shipped_at") <= as_of).then("shipped_at"),
        invoiced_at=pl.when(pl.col("invoiced_at") <= as_of).then("invoiced_at"),
        delivered_qty=pl.when(~later).then("delivered_qty"),
    )


def _source(name: str, rows: pl.DataFrame, column: str, as_of: int) -> Source:
    dated = rows[column].drop_nulls()
    last = cast(int, dated.max()) if dated.len() else None
    return Source(name, rows.height, None if last is None else min(last, as_of), rows.height - dated.len())
