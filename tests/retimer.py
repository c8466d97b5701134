"""One replication re-timed in plain Python, from the tables of a dataset alone: no arrays, no columns, no kernel.

Written from engine.md 1 and rulings R16, R33 and R37. Instants are whole seconds, keys are (activity, resource).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

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
    done: bool  # finished at the clock
    place: int  # in the order of keys: job, order, sequence, operation, activity, resource


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
    """The plan of a dataset; ``openings`` are the available spans of each active resource, sorted and disjoint."""

    def __init__(self, dataset: Dataset, openings: Mapping[str, list[Span]], policy: str = "as planned") -> None:
        plan = dataset.plan
        assert plan is not None
        self.clock, self.policy, self.openings = plan.clock, policy, openings
        self.tables = {name: frame.to_dicts() for name, frame in dataset.tables.items()}
        self.rows = {row.key: row for row in self._rows()}
        self.dropped: Counter[str] = Counter()
        self.group = self._groups()
        self.into: dict[Key, list[tuple[Key, int, str]]] = defaultdict(list)
        for before, after, lag, kind in [*self._operation_edges(), *self._resource_edges()]:
            if self.rows[after].done:
                continue
            if self.group[before] == self.group[after]:
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

    def _groups(self) -> dict[Key, int]:
        """Rows that move together, joined until nothing changes."""
        group = {key: row.place for key, row in self.rows.items()}
        changed = True
        while changed:
            changed = False
            joint: dict[Any, int] = {}
            for name in ("activity", "batch"):
                for key, row in self.rows.items():
                    tie = self._tie(row, name)
                    joint[tie] = min(joint.get(tie, group[key]), group[key])
                for key, row in self.rows.items():
                    least = joint[self._tie(row, name)]
                    changed, group[key] = changed or group[key] != least, least
        return group

    @staticmethod
    def _tie(row: Row, name: str) -> tuple[Any, ...]:
        if name == "activity":
            return ("activity", row.operation, row.key[0])
        return ("alone", row.key) if row.batch is None else ("batch", row.resource, row.batch)

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
        for row in sorted(self.rows.values(), key=lambda r: (r.start, r.end, r.place)):
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
                units[unit] = (max(r.end for r in block), unit, block)
                for a in ahead:
                    for b in block:
                        if b.start < a.end:
                            self.dropped["resource"] += 1
                        else:
                            yield a.key, b.key, 0, "resource"

    def _releases(self) -> dict[Key, int]:
        release = {row["job"]: row["release_date"] for row in self.tables["jobs"]}
        found = {}
        for key, row in self.rows.items():
            if release[row.job] is not None and release[row.job] > row.start:
                self.dropped["release"] += 1
            elif release[row.job] is not None:
                found[key] = release[row.job]
        return found

    def _order(self) -> list[list[Key]]:
        """Groups by their earliest row, each after those it waits for; an edge that closes a circle is dropped."""
        ordered = sorted(self.rows.values(), key=lambda r: (r.start, r.end, r.place))
        members: dict[int, list[Key]] = defaultdict(list)
        for row in ordered:
            members[self.group[row.key]].append(row.key)
        rank = {group: n for n, group in enumerate(members)}
        state: dict[int, str] = {}
        order: list[list[Key]] = []

        def place(group: int) -> None:
            state[group] = "waits"
            ahead = sorted(
                {self.group[b] for key in members[group] for b, _, _ in self.into[key]}, key=rank.__getitem__
            )
            for other in ahead:
                if other not in state:
                    place(other)
                if state[other] == "waits":
                    for key in members[group]:
                        kept = [edge for edge in self.into[key] if self.group[edge[0]] != other]
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
        times: dict[Key, Span] = {}
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
                floor = row.start
                if self.policy == "as soon as possible" and not row.done:
                    floor = max(min(row.start, self.clock), self.release.get(key, long_ago))
                delays.append(max([floor, noise.not_before.get(key, long_ago), *ready]) - row.start)
            for key in keys:
                if self.rows[key].job not in noise.absent:
                    times[key], late = self._timed(self.rows[key], max(delays), noise.factor.get(key, 1.0))
                    stuck = stuck or late
        return Retimed(times, stuck, +self.dropped)

    def _timed(self, row: Row, delay: int, factor: float) -> tuple[Span, bool]:
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
