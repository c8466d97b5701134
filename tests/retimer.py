"""One replication re-timed in plain Python, from the tables of a dataset alone: no arrays, no columns, no kernel.

Written from engine.md 1 and rulings R16, R31, R33 and R37. Instants are whole seconds, keys are (activity, resource).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from typing import Any

from allotted import Allotment
from tocfin.dataset import Dataset

HOUR = 3_600
Key = tuple[str, str]
Span = tuple[int, int]


@dataclass
class Row:
    """One activity on one resource."""

    key: Key
    operation: str
    job: str
    resource: str
    start: int
    end: int
    batch: str | None
    done: bool  # finished at the clock, or as of the instant asked for
    place: int  # in the order of keys: job, order, sequence, operation, activity, resource
    begun: bool = False
    known: Span = (0, 0)  # actual or expected times, planned ones where nothing is known
    left: int = 0  # [s] of a begun row
    covered: bool = True
    tail: int = 0


@dataclass
class Noise:
    """What one future draws: factors of work by row, extra work, earliest instants, jobs that do not take place."""

    factor: Mapping[Key, float] = field(default_factory=dict)
    not_before: Mapping[Key, int] = field(default_factory=dict)
    absent: frozenset[str] = frozenset()


@dataclass
class Retimed:
    times: dict[Key, Span]
    stuck: bool
    dropped: Counter[str]


class Retimer:
    """The plan of a dataset; ``openings`` are the available spans of each active resource, sorted and disjoint.

    With ``as_of`` the state of the work at that instant counts, and ``rule`` says what becomes of unconfirmed work.
    """

    def __init__(
        self,
        dataset: Dataset,
        openings: Mapping[str, list[Span]],
        policy: str = "as planned",
        as_of: int | None = None,
        rule: str = "not_done",
    ) -> None:
        plan = dataset.plan
        assert plan is not None
        self.clock, self.policy, self.openings = plan.clock, policy, openings
        self.as_of, self.rule = as_of, rule
        self.tables = {name: frame.to_dicts() for name, frame in dataset.tables.items()}
        self.rows = {row.key: row for row in self._rows()}
        for row in self.rows.values():
            row.known = (row.start, row.end)
        self.missing: set[Key] = set()
        if as_of is not None:
            self._stand(as_of)
        self.past = {key: row for key, row in self.rows.items() if row.done and as_of is not None}
        self.dropped: Counter[str] = Counter()
        self.group = self._groups()
        self.into: dict[Key, list[tuple[Key, int, str]]] = defaultdict(list)
        self.held = Allotment(self.tables, self.clock).allot()
        self.dropped["material"] += self.held.violated
        steps = [*self._operation_edges(), *self._material_edges()]
        if as_of is not None:
            steps += self._overtaken(steps)
            steps = [edge for edge in steps if not self.rows[edge[1]].begun]
        for before, after, lag, kind in [*steps, *self._resource_edges()]:
            if self.rows[after].done:
                continue
            if self.group.get(before) == self.group[after]:
                self.dropped["together"] += 1
            else:
                self.into[after].append((before, lag, kind))
        self.release = self._releases()
        self.order = self._order()

    # --- the plan

    def _rows(self) -> Iterable[Row]:
        jobs = {row["job"]: row for row in self.tables["jobs"]}
        orders = {row["manufacturing_order"]: row for row in self.tables["manufacturing_orders"]}
        operations = {row["operation"]: row for row in self.tables["operations"]}

        def rank(row: dict[str, Any]) -> tuple[Any, ...]:
            operation = operations[row["operation"]]
            order = orders[operation["manufacturing_order"]]
            return (
                order["job"], order["manufacturing_order"], operation["sequence"], row["operation"], row["activity"],
                row["resource"],
            )  # fmt: skip

        for place, row in enumerate(sorted(self.tables["activities"], key=rank)):
            job = orders[operations[row["operation"]]["manufacturing_order"]]["job"]
            if not jobs[job]["cancelled"]:
                key = (row["activity"], row["resource"])
                done = row["actual_end"] is not None and row["actual_end"] <= self.clock
                yield Row(
                    key, row["operation"], job, row["resource"], row["start"], row["end"], row["batch"], done, place
                )

    # --- the state of the work

    def _stand(self, as_of: int) -> None:
        told = {(row["activity"], row["resource"]): row for row in self.tables["activities"]}
        done = {key for key, row in self.rows.items() if self._is_done(row, told[key], as_of)}
        shares = self._shares(told, done)
        for key, row in self.rows.items():
            said = told[key]
            if said["recorded_at"] is not None and said["recorded_at"] > as_of:
                said = dict.fromkeys(said)
            first = self._first(row, said, as_of)
            row.done, row.begun, row.known = key in done, key not in done and first is not None, (row.start, row.end)
            if row.done:
                last = said["actual_end"] if said["actual_end"] is not None else max(min(row.end, as_of), first or 0)
                row.known = (min(row.start if first is None else first, last), last)
            hours = said["remaining_hours"] if said["actual_end"] is None else None
            share = shares[key] if said["actual_end"] is None else None
            if not row.begun:
                hours = share = None
            stated = hours is not None or share is not None
            if (not row.done and not row.begun and row.start < as_of) or (
                row.begun and not stated and row.end <= as_of
            ):
                self.missing.add(key)
                if self.rule == "as_planned":
                    begin = row.start if first is None else first
                    row.begun, row.done = row.end > as_of or stated, row.end <= as_of and not stated
                    row.known = (begin, max(row.end, begin))
                    first = begin
            if row.begun:
                assert first is not None
                self._remain(row, first, as_of, hours, share)

    def _is_done(self, row: Row, said: dict[str, Any], as_of: int) -> bool:
        if said["recorded_at"] is not None and said["recorded_at"] > as_of:
            return False
        if said["actual_end"] is not None:
            return bool(said["actual_end"] <= as_of)
        return said["status"] == "Finished" and (said["actual_start"] is None or said["actual_start"] <= as_of)

    @staticmethod
    def _first(row: Row, said: dict[str, Any], as_of: int) -> int | None:
        """When it really began, as far as that is known."""
        if said["actual_start"] is not None:
            return said["actual_start"] if said["actual_start"] <= as_of else None
        return min(row.start, as_of) if said["status"] == "Started" else None

    def _shares(self, told: Mapping[Key, dict[str, Any]], done: set[Key]) -> dict[Key, Fraction | None]:
        """Good share of each row: of its own quantity, filled up in turn, else of that of the operation."""
        orders = {row["manufacturing_order"]: row for row in self.tables["manufacturing_orders"]}
        jobs = {row["job"]: row for row in self.tables["jobs"]}
        found: dict[Key, Fraction | None] = dict.fromkeys(self.rows)
        for operation in self.tables["operations"]:
            order = orders[operation["manufacturing_order"]]
            wanted = next(
                (row["quantity"] for row in (operation, order, jobs[order["job"]]) if row["quantity"] is not None), None
            )
            good = operation["good_qty"]
            if good is None:
                continue
            parts: dict[str, list[Row]] = defaultdict(list)
            for row in self.rows.values():
                if row.operation == operation["operation"]:
                    parts[row.key[0]].append(row)

            def turn(name: str, parts: dict[str, list[Row]] = parts) -> tuple[bool, int, str]:
                return any(r.key not in done for r in parts[name]), min(r.start for r in parts[name]), name

            rest = Fraction(good)
            for rows in (parts[name] for name in sorted(parts, key=turn)):
                own = Fraction(max(told[r.key]["quantity"] or 0 for r in rows))
                keys = [r.key for r in rows]
                if own:
                    found |= dict.fromkeys(keys, max(Fraction(0), min(rest / own, Fraction(1))))
                    rest -= own
                elif wanted:
                    found |= dict.fromkeys(keys, min(Fraction(1), Fraction(good) / Fraction(wanted)))
        return found

    def _remain(self, row: Row, first: int, as_of: int, hours: float | None, share: Fraction | None) -> None:
        spans = self.openings.get(row.resource, [])
        whole = sum(max(0, min(end, row.end) - max(start, row.start)) for start, end in spans)
        row.covered = whole > 0
        spent = sum(max(0, min(end, as_of) - max(start, first)) for start, end in spans) if whole else as_of - first
        row.tail = row.end - _finish(spans, row.start, whole)[0] if whole else 0
        whole = whole or row.end - row.start
        if hours is not None:
            row.left = round(hours * HOUR)
        elif share is not None:
            row.left = round(whole * (1 - float(share)))
        else:
            row.left = max(0, whole - spent)
        if row.left == 0:
            waits = hours is None and share is None and as_of >= row.end - row.tail
            row.left, row.covered, row.tail = max(0, row.end - as_of) if waits else 0, False, 0
        row.known = (first, self._goes_on(row, as_of, row.left)[0])

    def _goes_on(self, row: Row, at: int, work: int) -> tuple[int, bool]:
        if not row.covered:
            return at + work, False
        end, late = _finish(self.openings[row.resource], at, work)
        return end + row.tail, late

    def _overtaken(self, steps: list[tuple[Key, Key, int, str]]) -> list[tuple[Key, Key, int, str]]:
        """What follows work that went ahead of its own predecessors waits for these too."""
        past = {key for key, row in self.rows.items() if row.begun or row.done}
        ahead = {edge for edge in steps if edge[1] in past and not self.rows[edge[0]].done}
        found = set()
        while ahead:
            passed = {
                (a, c, min(0, lag + more), kind)
                for a, b, lag, _ in ahead
                for other, c, more, kind in steps
                if other == b
            }
            found |= {edge for edge in passed if edge[1] not in past}
            ahead = {edge for edge in passed if edge[1] in past}
        return sorted(found)

    # --- what holds it together

    def _groups(self) -> dict[Key, int]:
        """Rows that move together, joined until nothing changes."""
        rows = {key: row for key, row in self.rows.items() if key not in self.past}
        group = {key: row.place for key, row in rows.items()}
        changed = True
        while changed:
            changed = False
            joint: dict[Any, int] = {}
            for name in ("activity", "batch"):
                for key, row in rows.items():
                    tie = self._tie(row, name)
                    joint[tie] = min(joint.get(tie, group[key]), group[key])
                for key, row in rows.items():
                    least = joint[self._tie(row, name)]
                    changed, group[key] = changed or group[key] != least, least
        return group

    @staticmethod
    def _tie(row: Row, name: str) -> tuple[Any, ...]:
        if name == "activity":
            return ("activity", row.operation, row.key[0], row.begun)
        return ("alone", row.key) if row.batch is None else ("batch", row.resource, row.batch, row.begun)

    def _operation_edges(self) -> Iterable[tuple[Key, Key, int, str]]:
        members: dict[str, list[Row]] = defaultdict(list)
        for row in self.rows.values():
            members[row.operation].append(row)
        steps: dict[str, dict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
        for operation in self.tables["operations"]:
            if operation["operation"] in members:
                steps[operation["manufacturing_order"]][operation["sequence"]].append(operation["operation"])
        links = []
        for order in steps.values():
            numbers = sorted(order)
            for previous, number in pairwise(numbers):
                links += [(a, b, 0, "sequence") for a in order[previous] for b in order[number]]
        for link in self.tables["precedences"]:
            if link["predecessor"] in members and link["successor"] in members:
                lag = round((link["lag_hours"] or 0.0) * HOUR)
                links.append((link["predecessor"], link["successor"], lag, "precedence"))
        for before, after, lag, kind in links:
            if min(r.start for r in members[after]) < max(r.end for r in members[before]) + lag:
                self.dropped[kind] += 1
                continue
            for a in members[before]:
                yield from ((a.key, b.key, lag, kind) for b in members[after])

    def _resource_edges(self) -> Iterable[tuple[Key, Key, int, str]]:
        resources = {row["resource"]: row for row in self.tables["resources"]}
        by_resource: dict[str, list[Row]] = defaultdict(list)
        waiting = [row for key, row in self.rows.items() if key not in self.past]
        for row in sorted(waiting, key=lambda r: (not r.begun, *r.known, r.place)):
            by_resource[row.resource].append(row)
        for name, rows in by_resource.items():
            if resources[name]["finite"] is False:
                continue
            blocks: dict[Any, list[Row]] = {}
            for row in rows:
                blocks.setdefault(self._tie(row, "batch"), []).append(row)
            units: list[tuple[int | float, int, list[Row]]] = [
                (float("-inf"), unit, []) for unit in range(resources[name]["units"] or 1)
            ]
            for block in blocks.values():
                _, unit, ahead = min(units, key=lambda entry: entry[:2])
                units[unit] = (max(r.known[1] for r in block), unit, block)
                for a in ahead:
                    for b in block:
                        if b.start < a.end and not (a.begun and a.start >= b.end):
                            self.dropped["resource"] += 1
                        else:
                            yield a.key, b.key, 0, "resource"

    def _material_edges(self) -> Iterable[tuple[Key, Key, int, str]]:
        for before, after in self.held.waits:
            for a in self.rows.values():
                if a.operation == before:
                    yield from ((a.key, b.key, 0, "precedence") for b in self.rows.values() if b.operation == after)

    def _releases(self) -> dict[Key, int]:
        release = {row["job"]: row["release_date"] for row in self.tables["jobs"]}
        found = {}
        for key, row in self.rows.items():
            if key in self.past:
                continue
            if release[row.job] is not None and release[row.job] > row.start:
                self.dropped["release"] += 1
            elif release[row.job] is not None and not row.begun:
                found[key] = release[row.job]
        return found

    def _order(self) -> list[list[Key]]:
        """Groups by their earliest row, each after those it waits for; an edge that closes a circle is dropped."""
        waiting = [row for key, row in self.rows.items() if key not in self.past]
        ordered = sorted(waiting, key=lambda r: (not r.begun, r.start, r.end, r.place))
        members: dict[int, list[Key]] = defaultdict(list)
        for row in ordered:
            members[self.group[row.key]].append(row.key)
        rank = {group: n for n, group in enumerate(members)}
        state: dict[int, str] = {}
        order: list[list[Key]] = []

        def place(group: int) -> None:
            state[group] = "waits"
            edges = (edge for key in members[group] for edge in self.into[key])
            ahead = sorted({self.group[b] for b, _, _ in edges if b in self.group}, key=rank.__getitem__)
            for other in ahead:
                if other not in state:
                    place(other)
                if state[other] == "waits":
                    for key in members[group]:
                        kept = [edge for edge in self.into[key] if self.group.get(edge[0]) != other]
                        self.dropped["cycle"] += len(self.into[key]) - len(kept)
                        self.into[key] = kept
            state[group] = "placed"
            order.append(members[group])

        for group in members:
            if group not in state:
                place(group)
        return order

    # --- one future

    def retime(self, noise: Noise) -> Retimed:
        times: dict[Key, Span] = {key: row.known for key, row in self.past.items()}
        stuck = False
        long_ago = -(2**62)
        for keys in self.order:
            delays = []
            for key in keys:
                row = self.rows[key]
                here = row.job not in noise.absent
                ready = [times[b][1] + lag for b, lag, kind in self.into[key] if here or kind == "resource"]
                if not here:
                    through = max(ready, default=long_ago)
                    times[key] = (through, through)
                    continue
                floor, planned = row.start, row.start
                if self.policy == "as soon as possible" and not row.done:
                    floor = max(min(row.start, self.clock), self.release.get(key, long_ago))
                if self.as_of is not None:
                    soon = self.release.get(key, long_ago) if self.policy == "as soon as possible" else row.start
                    floor = self.as_of if row.begun else max(soon, self.as_of)
                    planned = self.as_of if row.begun else row.start
                if not (row.done or row.begun):
                    floor = max(floor, self.held.supplied.get(row.operation, long_ago))
                delays.append(max([floor, noise.not_before.get(key, long_ago), *ready]) - planned)
            for key in keys:
                if self.rows[key].job not in noise.absent:
                    times[key], late = self._timed(self.rows[key], max(delays), noise.factor.get(key, 1.0))
                    stuck = stuck or late
        return Retimed(times, stuck, +self.dropped)

    def _timed(self, row: Row, delay: int, factor: float) -> tuple[Span, bool]:
        if row.begun:
            assert self.as_of is not None
            end, late = self._goes_on(row, self.as_of + delay, round(row.left * factor))
            return (row.known[0], end), late
        spans = self.openings.get(row.resource, [])
        work = sum(max(0, min(end, row.end) - max(start, row.start)) for start, end in spans)
        at = row.start + delay
        if work == 0:
            return (at, at + round((row.end - row.start) * factor)), False
        done, late = _finish(spans, row.start, work)
        tail = row.end - done
        assert not late
        ahead = [(start, end) for start, end in spans if end > at]
        begin = max(at, ahead[0][0]) if ahead else at
        done, late = _finish(spans, at, round(work * factor))
        return (begin if delay else at, done + tail), late


def _finish(spans: list[Span], at: int, work: int) -> tuple[int, bool]:
    """When ``work`` seconds are done that begin at the first available second from ``at`` on; was there no more?"""
    ahead = [(max(start, at), end) for start, end in spans if end > at]
    if not ahead:
        return at + work, work > 0
    if work == 0:
        return ahead[0][0], False
    for start, end in ahead:
        if work <= end - start:
            return start + work, False
        work -= end - start
    return ahead[-1][1] + work, True


def merged(segments: Iterable[tuple[int, int, str]]) -> list[Span]:
    """Available spans of resolved segments (start, end, type): what touches is one."""
    spans: list[Span] = []
    for start, end, kind in sorted(segments):
        if kind == "Cleanout" or start >= end:
            continue
        if spans and spans[-1][1] == start:
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
    return spans
