"""How far every activity was at an instant: done, begun with so much left, or still to come (rulings R31).

*Known* is what was recorded by then. Done work has its actual times. Begun work has its actual start, and what is left
of it: the remaining hours that were reported, else its planned work by the share of good quantity, else its planned
work less the available time since it began. Work that should have begun or ended by then and is not confirmed follows
a rule: ``not_done`` (it waits, as of that instant) or ``as_planned`` (it went as planned).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocfin.dataset.plan import Unconfirmed
from tocfin.dataset.wanted import wanted
from tocfin.model.arrange import frozen
from tocfin.model.build import Model
from tocfin.model.columns import Bytes, Instants, Ints, Schedule
from tocfin.model.edges import HOUR
from tocfin.model.openings import Openings, Planned, Work, openings, planned_work

TO_COME, BEGUN, DONE = range(3)


class Standing(NamedTuple):
    """State of every row of the schedule at ``as_of``; rows of cancelled jobs have one too, and nobody reads it."""

    as_of: int  # [s]
    unconfirmed: Unconfirmed
    state: Bytes  # (activities) TO_COME, BEGUN, DONE
    start: Instants  # (activities) [s] when it really began; planned where it has not
    end: Instants  # (activities) [s] when it was done; planned where it is not
    left: Instants  # (activities) [s] begun: available seconds that remain, elapsed ones where nothing covers it
    timeline: Ints  # (activities) begun: into opening_first; 0 where elapsed time counts
    tail: Instants  # (activities) [s] begun: from the last second of work to the end
    expected: Instants  # (activities) [s] begun: its end if nothing holds it up
    share: NDArray[np.float64]  # (activities) of its work, what is left: 1 to come, 0 done
    missing: Ints  # rows that should have begun or ended by then, without a confirmation
    missing_since: Instants  # (missing) [s] the planned instant that passed
    unused: Ints  # rows whose confirmation was recorded later

    @property
    def begun(self) -> NDArray[np.bool_]:
        """Rows that have begun and are not done."""
        return np.asarray(self.state == BEGUN)

    @property
    def done(self) -> NDArray[np.bool_]:
        """Rows that are done."""
        return np.asarray(self.state == DONE)


def standing(
    model: Model,
    frames: Mapping[str, pl.DataFrame],
    as_of: int,
    unconfirmed: Unconfirmed = "not_done",
    planned: Planned | None = None,
) -> Standing:
    """State of the schedule of ``model`` as its tables (``tocfin.model.build.arranged``) tell it at ``as_of`` [s].

    ``planned`` is what the hours of a base make of the work (``tocfin.model.network.planned_in``).
    """
    told = _told(frames["activities"], as_of)
    start, end = model.schedule.activity_start, model.schedule.activity_end
    begun_at, ended_at = (told[name].to_numpy() for name in ("began", "ended"))
    done, begun = told["ended"].is_not_null().to_numpy(), told["began"].is_not_null().to_numpy()
    begun &= ~done
    done, begun, ended_at = _closed(frames, as_of, done, begun, begun_at, ended_at)
    remaining, good = (
        np.where(begun, share, np.nan)
        for share in (told["remaining_hours"].to_numpy(), _good_share(frames, told, done))
    )
    stated = ~np.isnan(remaining) | ~np.isnan(good)
    overdue = begun & ~stated & (end <= as_of)
    missing = np.flatnonzero(((~done & ~begun & (start < as_of)) | overdue) & ~_cancelled(frames))
    if unconfirmed == "as_planned":
        late = ~done & ~begun & (start < as_of)
        begun_at = np.where(late, start, begun_at)
        begun = begun | late
        over = begun & ~stated & (end <= as_of)
        ended_at = np.where(over, np.maximum(end, np.nan_to_num(begun_at)), ended_at)
        done, begun = done | over, begun & ~over
    began = np.where(np.isnan(begun_at), np.nan_to_num(ended_at), np.nan_to_num(begun_at))
    known_start = np.where(done | begun, began, start).astype(np.int64)
    known_end = np.where(done, np.nan_to_num(ended_at), end).astype(np.int64)
    hours = openings(model.enterprise)
    whole = planned_work(model.enterprise, model.schedule, hours, _rows(start.size), planned)
    left = _left(model, hours, whole, known_start, begun, as_of, remaining, good)
    timeline, left, tail = _with_tail(whole, left, end, as_of, stated)
    share = np.divide(left, whole.seconds, out=np.zeros(start.size), where=whole.seconds > 0)
    return Standing(
        as_of=as_of,
        unconfirmed=unconfirmed,
        state=frozen(np.where(done, DONE, np.where(begun, BEGUN, TO_COME)).astype(np.uint8)),
        start=frozen(known_start),
        end=frozen(known_end),
        left=frozen(left),
        timeline=frozen(timeline),
        tail=frozen(tail),
        expected=frozen(_expected(hours, begun, timeline, left, tail, as_of)),
        share=frozen(np.where(done, 0.0, np.where(begun, np.minimum(share, 1.0), 1.0))),
        missing=frozen(missing.astype(np.int32)),
        missing_since=frozen(np.where(overdue, end, start)[missing]),
        unused=frozen(np.flatnonzero(told["unused"].to_numpy()).astype(np.int32)),
    )


def _rows(n: int) -> Ints:
    return np.arange(n, dtype=np.int32)


def _cancelled(frames: Mapping[str, pl.DataFrame]) -> NDArray[np.bool_]:
    return np.asarray(frames["activities"]["cancelled"].to_numpy(), np.bool_)


def _closed(
    frames: Mapping[str, pl.DataFrame],
    as_of: int,
    done: NDArray[np.bool_],
    begun: NDArray[np.bool_],
    begun_at: NDArray[np.float64],
    ended_at: NDArray[np.float64],
) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.float64]]:
    """A job that is closed short ends with what it delivered (R32): what is left of its work is not done any more.

    It ends when it was last worked on or shipped; where neither is known, now.
    """
    jobs, job = frames["jobs"], frames["activities"]["job_row"].to_numpy()
    shipped = jobs["shipped_at"].cast(pl.Float64).fill_null(-np.inf).to_numpy()
    closed = jobs["closed_short"].fill_null(False).to_numpy() & (shipped <= as_of)
    last = shipped.copy()
    np.maximum.at(last, job[done], ended_at[done])
    over = closed[job] & ~done
    until = np.where(np.isfinite(last), last, as_of)[job]
    until = np.where(begun, np.maximum(until, begun_at), until)
    return done | over, begun & ~over, np.where(over, until, ended_at)


def _told(activities: pl.DataFrame, as_of: int) -> pl.DataFrame:
    """What each row was known to be at ``as_of``: when it ``began`` and ``ended``, and its remaining hours.

    A status without its time takes the planned one, no later than ``as_of``.
    """
    times = (pl.col(name).is_not_null() for name in ("actual_start", "actual_end"))
    confirmed = pl.any_horizontal(pl.col("status").is_in(["Started", "Finished"]), *times)
    late = confirmed.fill_null(False) & (pl.col("recorded_at") > as_of).fill_null(False)
    status = pl.when(~late).then("status")
    first, last, hours = (pl.when(~late).then(name) for name in ("actual_start", "actual_end", "remaining_hours"))
    said = activities.select(
        "start", "end", "operation_row", "quantity", status=status, first=first, last=last, remaining_hours=hours,
        unused=late,
    )  # fmt: skip
    finished = (pl.col("status") == "Finished").fill_null(False) & pl.col("last").is_null()
    began = pl.coalesce(
        pl.when(pl.col("first") <= as_of).then("first"),
        pl.when(pl.col("first").is_null() & (pl.col("status") == "Started")).then(
            pl.min_horizontal("start", pl.lit(as_of))
        ),
    )
    said = said.with_columns(began=began)
    ended = pl.coalesce(
        pl.when(pl.col("last") <= as_of).then("last"),
        pl.when(finished & (pl.col("first").is_null() | (pl.col("first") <= as_of))).then(
            pl.max_horizontal(pl.min_horizontal("end", pl.lit(as_of)), "began")
        ),
    )
    said = said.with_columns(ended=ended)
    began = pl.when(pl.col("ended").is_not_null()).then(
        pl.min_horizontal(pl.coalesce("began", "start"), "ended")
    ).otherwise("began")  # fmt: skip
    hours = pl.when(pl.col("last").is_null()).then("remaining_hours")
    return said.with_columns(began=began, remaining_hours=hours)


def _good_share(frames: Mapping[str, pl.DataFrame], told: pl.DataFrame, done: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Share of each row's quantity that is good; NaN where nobody says how much is, or how much is needed.

    The good quantity of an operation that is split goes to its activities that are done, then to the others in planned
    order, each up to its own quantity; where they have none the operation's share is that of each.
    """
    needed = wanted(frames).select("operation_row", "good_qty", "wanted")
    rows = told.with_columns(frames["activities"]["activity"], done=pl.Series(done))
    rows = rows.join(needed, on="operation_row", how="left", maintain_order="left")
    own = rows.group_by("operation_row", "activity").agg(
        pl.col("quantity").max(), pl.col("done").all(), pl.col("start").min(), pl.col("good_qty").first()
    )
    own = own.sort("operation_row", ~pl.col("done"), "start", "activity")
    before = (pl.col("quantity").cum_sum() - pl.col("quantity")).over("operation_row")
    mine = (pl.col("good_qty") - before).clip(0.0, pl.col("quantity")) / pl.col("quantity")
    own = own.select("operation_row", "activity", mine=pl.when(pl.col("quantity") > 0).then(mine))
    rows = rows.join(own, on=["operation_row", "activity"], how="left", maintain_order="left")
    share = pl.coalesce("mine", pl.when(pl.col("wanted") > 0).then(pl.col("good_qty") / pl.col("wanted")))
    found = rows.select(share.clip(0.0, 1.0).alias("share"))["share"].fill_null(np.nan).to_numpy()
    return np.where(told["last"].is_null().to_numpy(), found, np.nan)


def _left(
    model: Model,
    hours: Openings,
    whole: Work,
    start: Instants,
    begun: NDArray[np.bool_],
    as_of: int,
    remaining: NDArray[np.float64],
    good: NDArray[np.float64],
) -> Instants:
    """Seconds of work that remain, by the first of the three measures that is there; all of it where none began."""
    until = model.schedule._replace(
        activity_start=np.where(begun, start, as_of), activity_end=np.full(start.size, as_of)
    )
    spent = planned_work(model.enterprise, until, hours, _rows(start.size))
    elapsed = np.where(whole.timeline == 0, as_of - start, np.where(spent.timeline > 0, spent.seconds, 0))
    by_time = np.maximum(whole.seconds - elapsed, 0)
    by_good = np.rint(whole.seconds * (1.0 - np.nan_to_num(good))).astype(np.int64)
    by_hours = np.rint(np.nan_to_num(remaining) * HOUR).astype(np.int64)
    left = np.where(np.isnan(remaining), np.where(np.isnan(good), by_time, by_good), by_hours)
    return np.where(begun, left, whole.seconds)


def _with_tail(
    whole: Work, left: Instants, end: Instants, as_of: int, stated: NDArray[np.bool_]
) -> tuple[Ints, Instants, Instants]:
    """Timeline, work and tail of what remains. Without work left only a tail may be: time that passes anyway."""
    in_tail = ~stated & (end > as_of) & (as_of >= end - whole.tail)
    nothing = left == 0
    timeline = np.where(nothing, 0, whole.timeline).astype(np.int32)
    rest = np.where(nothing, np.where(in_tail, end - as_of, 0), left)
    return timeline, rest, np.where(nothing, 0, whole.tail)


def _expected(
    hours: Openings, begun: NDArray[np.bool_], timeline: Ints, left: Instants, tail: Instants, as_of: int
) -> Instants:
    """When begun work ends if it goes on at ``as_of`` and nothing holds it up."""
    out = as_of + left
    for row in np.flatnonzero(begun & (timeline > 0)).tolist():
        some = slice(hours.opening_first[timeline[row]], hours.opening_first[timeline[row] + 1])
        opens, closes = np.maximum(hours.opening_start[some], as_of), hours.opening_end[some]
        ahead = closes > opens
        room = np.cumsum(closes[ahead] - opens[ahead])
        at = int(np.searchsorted(room, left[row], side="left"))
        if at < room.size:
            out[row] = closes[ahead][at] - (room[at] - left[row]) + tail[row]
        elif room.size:
            out[row] = closes[ahead][-1] + left[row] - room[-1] + tail[row]
    return out


def known(schedule: Schedule, at: Standing) -> Schedule:
    """``schedule`` with the times that are known: actual ones of what is done, the expected end of what has begun."""
    end = np.where(at.begun, at.expected, at.end)
    return schedule._replace(activity_start=at.start, activity_end=frozen(end))
