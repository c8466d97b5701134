"""Which supply or order covers which requirement, in plain Python from the rows of a data set, one after another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

Rows = Mapping[str, Sequence[dict[str, Any]]]
HOUR = 3_600


@dataclass
class Source:
    left: float
    date: int = 0
    supply: str | None = None
    order: str | None = None
    tails: list[str] | None = None  # the operations that end the order


@dataclass
class Allotted:
    supplied: dict[str, int] = field(default_factory=dict)  # operation -> when its last supply comes
    waits: list[tuple[str, str]] = field(default_factory=list)  # operation, one that takes what it makes
    violated: int = 0


class Allotment:
    """The work, the stock and the sales of a data set, and who gets what."""

    def __init__(self, tables: Rows, clock: int) -> None:
        self.tables, self.clock = tables, clock
        self.operations = {row["operation"]: row for row in tables["operations"]}
        self.orders = {row["manufacturing_order"]: row for row in tables["manufacturing_orders"]}
        self.jobs = {row["job"]: row for row in tables["jobs"]}
        only = tables["plants"][0]["plant"]
        self.plant = {name: row["plant"] or only for name, row in self.jobs.items()}
        self.routing: dict[str, list[str]] = defaultdict(list)
        for row in tables["operations"]:
            self.routing[row["manufacturing_order"]].append(row["operation"])
        activities: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for row in tables["activities"]:
            if not self.jobs[self.job_of(row["operation"])]["cancelled"]:
                activities[row["operation"]].append(row)
        self.span = {k: (min(r["start"] for r in rows), max(r["end"] for r in rows)) for k, rows in activities.items()}
        self.over = {
            k: self.span[k][1] < clock or all(self._over(row) for row in rows) for k, rows in activities.items()
        }
        self.houses = {row["warehouse"]: row["plant"] for row in tables["warehouses"]}
        stocked = [row for row in tables["material_requirements"] if row["requirement_type"] == "FromStock"]
        self.needs = [row for row in stocked if not self.jobs[self.job_of(row["operation"])]["cancelled"]]

    def _over(self, row: dict[str, Any]) -> bool:
        ended = row["actual_end"] is not None and row["actual_end"] <= self.clock
        return ended or row["status"] == "Finished"

    def job_of(self, operation: str) -> str:
        return str(self.orders[self.operations[operation]["manufacturing_order"]]["job"])

    def rank(self, operation: str) -> tuple[Any, ...]:
        row = self.operations[operation]
        return self.job_of(operation), row["manufacturing_order"], row["sequence"], operation

    def takers(self) -> list[tuple[Any, ...]]:
        """When, a sale?, whose turn, operation, item, how much, job or plant."""
        found: list[tuple[Any, ...]] = []
        for number, row in enumerate(self.tables["material_requirements"]):
            key = row["operation"]
            left = row["required_qty"] - (row["issued_qty"] or 0.0)
            if row in self.needs and key in self.span and not self.over[key] and left > 0:
                found.append((self.span[key][0], 0, (key, number), key, row["item"], left, self.job_of(key)))
        for row in self.tables["demands"]:
            if row["job"] is None:
                held: dict[str, float] = defaultdict(float)
                for stock in self.tables["inventories"]:
                    if stock["item"] == row["item"]:
                        held[self.houses[stock["warehouse"]]] += stock["on_hand_qty"]
                plants = held or {plant["plant"]: 0.0 for plant in self.tables["plants"]}
                home = min(plants, key=lambda plant: (-plants[plant], plant))
                found.append((row["due"], 1, (row["demand"], 0), None, row["item"], row["qty"], home))
        return sorted(found, key=lambda taker: taker[:3])

    def made(self) -> list[tuple[int, str, str, str, float | None, bool]]:
        """Orders that still make something: end, order, job, item, how much, does the job ship it?"""
        found = []
        asked = {row["item"] for row in self.needs}
        for name, order in self.orders.items():
            job, steps = self.jobs[order["job"]], self.routing[name]
            item = order["product"] or job["product"]
            main = item == job["product"]
            if job["cancelled"] or item is None or not steps or not all(step in self.span for step in steps):
                continue
            if not (main or item in asked) or all(self.over[step] for step in steps):
                continue
            same = [o for o in self.orders.values() if o["job"] == order["job"]]
            alone = [o["product"] or job["product"] for o in same].count(item) == 1
            much = order["quantity"] if order["quantity"] is not None else job["quantity"] if main and alone else None
            if much is not None:
                last = max(self.operations[step]["sequence"] for step in steps)
                ends = [self.operations[step] for step in steps if self.operations[step]["sequence"] == last]
                good = min(row["good_qty"] or 0.0 for row in ends)
                much = max(0.0, much - max(good, (job["delivered_qty"] or 0.0) if main else 0.0))
            ships = main and (job["purpose"] or "Sale") in ("Sale", "Service", "Prototype")
            found.append((max(self.span[step][1] for step in steps), name, order["job"], item, much, ships))
        return sorted(found)

    def sources(self) -> tuple[dict[Any, list[Source]], dict[Any, list[Source]]]:
        """What orders make by job and item; what lies or comes into store by item and plant."""
        pool: dict[Any, list[Source]] = defaultdict(list)
        for row in self.tables["inventories"]:
            place = row["item"], self.houses[row["warehouse"]]
            pool[place] = [Source((pool[place][0].left if pool[place] else 0.0) + row["on_hand_qty"])]
        for row in sorted(self.tables["supplies"], key=lambda row: (self.comes(row), row["supply"])):
            left = row["qty"] - (row["received_qty"] or 0.0)
            if left > 0:
                place = row["item"], self.houses[row["warehouse"]]
                pool[place].append(Source(left, self.comes(row), supply=row["supply"]))
        own: dict[Any, list[Source]] = defaultdict(list)
        for end, name, job, item, much, ships in self.made():
            last = max(self.operations[step]["sequence"] for step in self.routing[name])
            tails = [step for step in self.routing[name] if self.operations[step]["sequence"] == last]
            source = Source(float("inf") if much is None else much, end, order=name, tails=tails)
            own[job, item].append(source)
            if not ships and much is not None:
                pool[item, self.plant[job]].append(source)
        for queue in pool.values():
            while len(queue) > 1 and queue[0].left < 0:
                queue[1].left += queue.pop(0).left
        return own, pool

    def comes(self, row: dict[str, Any]) -> int:
        return max(self.clock, row["due"] if row["promised"] is None else row["promised"])

    def linked(self) -> set[tuple[str, str]]:
        """Operations that follow each other anyway."""
        links = self.tables["precedences"]
        pairs = {
            (link["predecessor"], link["successor"]) for link in links if round((link["lag_hours"] or 0) * HOUR) >= 0
        }
        for steps in self.routing.values():
            by_number: dict[int, list[str]] = defaultdict(list)
            for step in steps:
                if step in self.span:
                    by_number[self.operations[step]["sequence"]].append(step)
            for previous, number in pairwise(sorted(by_number)):
                pairs |= {(a, b) for a in by_number[previous] for b in by_number[number]}
        return pairs

    def allot(self) -> Allotted:
        own, pool = self.sources()
        linked, out = self.linked(), Allotted()
        for start, sale, _, operation, item, left, home in self.takers():
            queues = [pool[item, home]] if sale else [own[home, item], pool[item, self.plant[home]]]
            exact, covering = 1e-9 * left, []
            for source in (one for queue in queues for one in queue):
                taken = min(left, source.left)
                itself = not sale and source.order == self.operations[operation]["manufacturing_order"]
                if left > exact and taken > 0 and not itself:
                    source.left, left = source.left - taken, left - taken
                    covering.append(source)
            waited = [source for source in covering if not sale and (source.supply or source.tails)]
            if any(source.date > start for source in waited):
                out.violated += 1
                continue
            for source in waited:
                if source.supply:
                    out.supplied[operation] = max(source.date, out.supplied.get(operation, source.date))
                for tail in source.tails or ():
                    if (tail, operation) not in linked:
                        linked.add((tail, operation))
                        out.waits.append((tail, operation))
        return out
