"""The journal: events in any order, in any number of batches, some of them twice, as one set that is always the same.

An event is known by its id. What arrives again unchanged is counted and ignored; the same id with other content is
refused. A reversal takes back exactly one event, and may itself be taken back.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import polars as pl

from tocfin.catalogue import BY_NAME
from tocfin.dataset.findings import quoted
from tocfin.dataset.tables import empty_frame
from tocfin.errors import DatasetError, Finding

EVENTS = BY_NAME["events"]
#: What a reversal takes over from the event that it takes back.
_TAKEN_OVER = tuple(name for name in EVENTS.names if name not in ("event_id", "recorded_at", "reason", "reverses"))


@dataclass
class Journal:
    """Every event once, in the order of their ids; ``repeated`` counts what arrived again unchanged."""

    frame: pl.DataFrame = field(default_factory=lambda: empty_frame(EVENTS))
    repeated: int = 0

    def add(self, batch: pl.DataFrame) -> None:
        """Take in the rows of an ``events`` table; which batch an event comes with changes nothing.

        Raises DatasetError, and takes in nothing, when an id is there with two contents.
        """
        whole = pl.concat([self.frame, batch.select(self.frame.columns)])
        once = whole.unique(subset=list(EVENTS.names), keep="first", maintain_order=True)
        if faults := tuple(conflicts(once)):
            raise DatasetError(faults)
        self.repeated += whole.height - once.height
        self.frame = once.sort("event_id")

    def effective(self) -> tuple[pl.DataFrame, pl.DataFrame]:
        """The events with what they stand for, and those reversals that take back nothing.

        ``sign`` is −1 for a reversal: it stands for the event taken back (``root``), at the time of that event. Of two
        reversals of one event the one recorded first counts (the lower id where they are equal).
        """
        plain = self.frame.filter(pl.col("reverses").is_null()).with_columns(sign=pl.lit(1), root=pl.col("event_id"))
        done, rest = [plain], self.frame.filter(pl.col("reverses").is_not_null())
        known = plain
        orphans = []
        while rest.height and known.height:
            here = rest.join(known.select(pl.col("event_id").alias("reverses")), on="reverses", how="semi")
            here = here.sort("recorded_at", "event_id")
            first = here.filter(pl.col("reverses").is_first_distinct())
            orphans.append(here.filter(~pl.col("reverses").is_first_distinct()))
            rest = rest.join(here.select("event_id"), on="event_id", how="anti")
            known = _mirrored(first, known)
            done.append(known)
        return pl.concat(done).sort("event_id"), pl.concat([*orphans, rest]).sort("event_id")


def conflicts(events: pl.DataFrame) -> Iterator[Finding]:
    """An error for every id that has several contents; ``events`` hold each content once."""
    again = events.filter(~pl.col("event_id").is_first_distinct()).drop_nulls("event_id")
    for row, value in again["row", "event_id"].rows():
        message = f"{quoted(value)} is there before with other content; an event is never changed, but reversed"
        yield Finding("error", "event-conflict", "events", row, "event_id", message, value=value)


def _mirrored(reversals: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """``reversals`` as what they take back, with the sign turned."""
    own = reversals.drop(_TAKEN_OVER)
    taken = known.select(pl.col("event_id").alias("reverses"), *_TAKEN_OVER, "sign", "root")
    found = own.join(taken, on="reverses").with_columns(-pl.col("sign"))
    return found.select(known.columns)
