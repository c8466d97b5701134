"""The times of a window as CP-SAT is told them.

Time is what each resource's own calendar counts as open, so that work is an interval of its length and pauses are
nothing; wall clock is tied to it segment by segment, where precedences and money ask for it. Potential overtime is one
boolean a segment: what is not bought is an interval in the way of all work, as the kernels have it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocfin.kernels.search_loads import Decision, Loads, Times

Longs = NDArray[np.int64]


class Window(NamedTuple):
    """Loads that may move (`movable`), and between when; columns are (loads of the window)."""

    load: Longs
    earliest: Longs  # [s] does not start sooner
    latest: Longs  # [s] has ended by then
    tail: Longs  # [s] from its end to the end of its job that follows from it
    job_end: Longs  # (jobs) [s] end of what else the job has; less than the clock for nothing
    carries: bool  # carrying cost counts: not where only a part of what it hangs on is known


class _Hours(NamedTuple):
    """What a resource's calendar counts: nothing else than time itself where it has none."""

    start: Longs  # (segments) [s]
    done: Longs  # (segments + 1) [s] of open time before each

    def opened(self, at: Any) -> Any:
        """Open time before ``at``."""
        if not self.start.size:
            return np.asarray(at, np.int64)
        k = np.maximum(np.searchsorted(self.start, at, side="right") - 1, 0)
        return np.clip(self.done[k] + at - self.start[k], self.done[k], self.done[k + 1])

    def segment(self, opened: int, *, ending: bool) -> int:
        """The segment in which a start at this open time lies, or an end, which may be at its close."""
        return int(np.searchsorted(self.done[1:], opened, side="left" if ending else "right"))


class Cost(NamedTuple):
    """``rate`` [money] for each unit of ``what``, of which there are at most ``most``."""

    rate: float
    what: Any
    most: float


@dataclass
class Timed:
    """Variables and what they must keep; columns are (loads of the window)."""

    cp: Any
    loads: Loads
    decision: Decision
    times: Times
    window: Window
    opened: list[Any] = field(default_factory=list)  # start in open time
    now: list[int] = field(default_factory=list)  # the same in the present plan
    begin: list[Any] = field(default_factory=list)  # [s] on the wall clock
    end: list[Any] = field(default_factory=list)
    hours: dict[tuple[int, bool], _Hours] = field(default_factory=dict)  # by resource, and whether it has a calendar
    buys: dict[int, Any] = field(default_factory=dict)  # potential segment -> whether it is bought
    cost: list[Cost] = field(default_factory=list)

    def built(self) -> bool:
        """False where a load has no room at all."""
        load, loads = self.window.load, self.loads
        self.member = loads.first_member[load]
        self.seconds, self.resource = loads.member_seconds[self.member], loads.member_resource[self.member]
        for i in np.flatnonzero(self.decision.choice[load]).tolist():
            c = loads.choice_first[load[i]] + self.decision.choice[load[i]]
            self.seconds[i], self.resource[i] = loads.choice_seconds[c], loads.choice_resource[c]
        if not all(self._timed(i) for i in range(load.size)):
            return False
        self._waits()
        for r in np.unique(self.resource).tolist():
            self._one_at_a_time(r, np.flatnonzero(self.resource == r))
        return True

    def number(self, low: int, high: int, now: Any) -> Any:
        """A variable, and what it is now: a search that is told of all of a plan begins there."""
        variable = self.cp.new_int_var(low, high, "")
        self.cp.add_hint(variable, int(now))
        return variable

    def yes(self, now: Any) -> Any:
        """A variable that is true or not, and what it is now."""
        variable = self.cp.new_bool_var("")
        self.cp.add_hint(variable, bool(now))
        return variable

    def _hours(self, i: int) -> _Hours:
        r, timed = int(self.resource[i]), bool(self.loads.member_timed[self.member[i]])
        if (r, timed) not in self.hours:
            some = slice(self.loads.segment_first[r], self.loads.segment_first[r + 1] if timed else 0)
            start, end = self.loads.segment_start[some], self.loads.segment_end[some]
            self.hours[r, timed] = _Hours(start, np.concatenate([[0], np.cumsum(end - start)]))
        return self.hours[r, timed]

    def _timed(self, i: int) -> bool:
        """Variables of a load; False where it has no room between its bounds."""
        hours, length = self._hours(i), int(self.seconds[i])
        low, high = (int(hours.opened(at[i])) for at in (self.window.earliest, self.window.latest))
        if high - length < low:
            return False
        now = int(hours.opened(self.times.load_start[self.window.load[i]]))
        at = self.number(low, high - length, now)
        self.now.append(now)
        self.opened.append(at)
        self.begin.append(self._wall(hours, at, (low, high - length, now), ending=False))
        self.end.append(self._wall(hours, at + length, (low + length, high, now + length), ending=True))
        return True

    def _wall(self, hours: _Hours, at: Any, bounds: tuple[int, int, int], *, ending: bool) -> Any:
        """Wall clock of the open time ``at``; bounds are its least, its greatest, and what it is now."""
        if not hours.start.size:
            return at
        low, high, now = bounds
        first, last, held = (hours.segment(bound, ending=ending) for bound in bounds)
        shift = (hours.start - hours.done[:-1]).tolist()
        if first == last:
            return at + shift[first]
        wall, inside = self.number(low + shift[first], high + shift[last], now + shift[held]), []
        for k in range(first, last + 1):
            here = self.yes(k == held)
            self.cp.add(at >= int(hours.done[k]) + ending).only_enforce_if(here)
            self.cp.add(at < int(hours.done[k + 1]) + ending).only_enforce_if(here)
            self.cp.add(wall == at + shift[k]).only_enforce_if(here)
            inside.append(here)
        self.cp.add_exactly_one(inside)
        return wall

    def _waits(self) -> None:
        """Precedences inside the window; those to what stays are in its bounds."""
        loads, place = self.loads, {x: i for i, x in enumerate(self.window.load.tolist())}
        for x, i in place.items():
            for e in range(loads.before_first[x], loads.before_first[x + 1]):
                j = place.get(int(loads.before_load[e]))
                if j is not None:
                    self.cp.add(self.begin[i] >= self.end[j] + int(loads.before_lag[e]))

    def _one_at_a_time(self, r: int, on: Longs) -> None:
        """Resource ``r`` does one thing at once: loads of the window, work that stays, and no overtime not bought."""
        loads, times, hours = self.loads, self.times, self._hours(int(on[0]))
        stays = (times.resource == r) & self.others
        blocks = slice(int(loads.block_first[r]), int(loads.block_first[r + 1]))
        start = np.concatenate([times.start[stays], loads.block_start[blocks]])
        end = np.concatenate([times.end[stays], loads.block_end[blocks]])
        family = np.concatenate([loads.member_family[stays], loads.block_family[blocks]])
        near = (end > self.window.earliest[on].min()) & (start < self.window.latest[on].max()) & (end > start)
        spans = np.stack([hours.opened(start[near]), hours.opened(end[near])], axis=1)
        ways = [self.cp.new_fixed_size_interval_var(self.opened[i], int(self.seconds[i]), "") for i in on]
        ways += [self.cp.new_fixed_size_interval_var(low, high - low, "") for low, high in _joined(spans)]
        ways += self._overtime(r, on, start[near], end[near], hours)
        self.cp.add_no_overlap(ways)
        if loads.resource_matrix[r] >= 0:
            self._set_up(r, on, spans, family[near])

    @cached_property
    def others(self) -> NDArray[np.bool_]:
        """(members) of loads that may move, but are not in the window; fixed work on a resource is in its blocks."""
        free = np.zeros(self.loads.release.size, np.bool_)
        free[self.decision.order] = True
        free[self.window.load] = False
        members: NDArray[np.bool_] = np.repeat(free, np.diff(self.loads.first_member))
        return members

    def _overtime(self, r: int, on: Longs, start: Longs, end: Longs, hours: _Hours) -> list[Any]:
        """Potential overtime between the window's bounds: in the way of work, or bought; what others use is bought."""
        loads, ways, first = self.loads, [], int(self.loads.segment_first[r])
        low, high = self.window.earliest[on].min(), self.window.latest[on].max()
        for k in range(hours.start.size):
            s = first + k
            if not loads.segment_potential[s] or loads.segment_end[s] <= low or loads.segment_start[s] >= high:
                continue
            if ((start < loads.segment_end[s]) & (end > loads.segment_start[s])).any():
                continue  # as it is: what stays is in the way, or has paid
            bought = self.buys[s] = self.yes(self.decision.bought[s])
            length = int(hours.done[k + 1] - hours.done[k])
            ways.append(self.cp.new_optional_fixed_size_interval_var(int(hours.done[k]), length, ~bought, ""))
            day = int(loads.segment_day[s])
            opens = float(loads.day_expense[day]) if day >= 0 and not self.times.day_uses[day] else 0.0
            self.cost.append(Cost(float(loads.segment_rate[s]) * length + opens, bought, 1.0))
        return ways

    def _set_up(self, r: int, on: Longs, spans: Longs, family: Any) -> None:
        """Time between families, of two loads one way or the other, and of loads with work that stays."""
        matrix, mine = self.loads.setup_seconds[self.loads.resource_matrix[r]], self.loads.member_family[self.member]
        for i, j in combinations(on.tolist(), 2):
            there, back = _between(matrix, mine[i], mine[j])
            if there or back:
                first = self.yes(self.now[i] < self.now[j])
                ends = [self.opened[k] + int(self.seconds[k]) for k in (i, j)]
                self.cp.add(self.opened[j] >= ends[0] + there).only_enforce_if(first)
                self.cp.add(self.opened[i] >= ends[1] + back).only_enforce_if(~first)
        for (low, high), other in zip(spans.tolist(), family.tolist(), strict=True):
            for i in on.tolist():
                there, back = _between(matrix, mine[i], other)
                if there or back:
                    first = self.yes(self.now[i] < low)
                    self.cp.add(self.opened[i] + int(self.seconds[i]) + there <= low).only_enforce_if(first)
                    self.cp.add(self.opened[i] >= high + back).only_enforce_if(~first)


def _between(matrix: Longs, one: int, other: int) -> tuple[int, int]:
    """Setup from one family to the other, and back; nothing where work has no family."""
    return (int(matrix[one, other]), int(matrix[other, one])) if one >= 0 and other >= 0 else (0, 0)


def _joined(spans: Longs) -> list[tuple[int, int]]:
    """Spans as they are when those that overlap are one."""
    out: list[tuple[int, int]] = []
    for low, high in sorted(spans.tolist()):
        if out and low < out[-1][1]:
            out[-1] = out[-1][0], max(high, out[-1][1])
        elif high > low:
            out.append((low, high))
    return out
