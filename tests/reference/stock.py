"""Stock after the clock in plain Python, event by event: what R7 and R35 say, once, from rows of text cells."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from reference.entities import Row, Tables
from reference.world import build, instant, truth

ZERO = Fraction(0)
KINDS = {"RawMaterial": "raw_material", "Intermediate": "wip", "SubAssembly": "wip", "FinishedGood": "finished_goods"}
Place = tuple[str, str]


@dataclass
class Store:
    """One item in one plant: what is owned, what is only lying there, and what was short when first something was."""

    own: Fraction = ZERO
    foreign: Fraction = ZERO
    floor: Fraction = ZERO  # a negative opening: nobody fills it from consignment
    short: tuple[int, Fraction] | None = None
    after: list[tuple[int, Fraction, Fraction]] = field(default_factory=list)  # at, everything, owned

    def move(self, at: int, quantity: Fraction, owned: bool = True) -> None:
        if owned:
            self.own += quantity
        else:
            self.foreign += quantity
        if self.own < self.floor and self.foreign > 0:
            used = min(self.floor - self.own, self.foreign)
            self.own, self.foreign = self.own + used, self.foreign - used
        left = self.own + self.foreign
        if quantity < 0 and left < 0 and self.short is None:
            self.short = at, min(-quantity, -left)
        self.after.append((at, left, self.own))


class Stock:
    """The stores of a data set from the clock on, and the kinds of which a flow is missing."""

    def __init__(self, plan: Mapping[str, Any], tables: Tables) -> None:
        self.world = build(plan, tables)
        self.rows: dict[str, list[Row]] = defaultdict(list, {name: list(rows) for name, rows in tables.items()})
        self.clock = self.world.clock
        self.houses = {row["warehouse"]: row for row in self.rows["warehouses"]}
        self.unknown: set[str] = set() if self.rows["supplies"] else set(KINDS.values())
        if not self.rows["demands"]:
            self.unknown.add("finished_goods")
        self.stores: dict[Place, Store] = defaultdict(Store)
        self.opening: dict[Place, Fraction] = defaultdict(Fraction)
        self._opening()
        events = [*self._receipts(), *self._work(), *self._sales()]
        for at, out, place, quantity, owned in sorted(events, key=lambda event: event[:2]):
            assert out == (quantity < 0)
            self.stores[place].move(at, quantity, owned)

    def quantity(self, row: Row, column: str) -> Fraction:
        return Fraction(row.get(column) or 0)

    def _opening(self) -> None:
        for row in self.rows["inventories"]:
            house = self.houses[row["warehouse"]]
            place = (str(row["item"]), str(house["plant"]))
            store = self.stores[place]
            if truth(house, "owned", True):
                store.own += self.quantity(row, "on_hand_qty")
                self.opening[place] += self.quantity(row, "on_hand_qty")
            else:
                store.foreign += self.quantity(row, "on_hand_qty")
            store.floor = min(ZERO, store.own)

    def _receipts(self) -> Any:
        for row in self.rows["supplies"]:
            house = self.houses[row["warehouse"]]
            zone = self.world.plants[str(house["plant"])].zone
            at = max(self.clock, instant(str(row.get("promised") or row["due"]), zone))
            quantity = self.quantity(row, "qty") - self.quantity(row, "received_qty")
            if quantity > 0:
                yield at, False, (str(row["item"]), str(house["plant"])), quantity, truth(house, "owned", True)

    def _work(self) -> Any:
        jobs = {row["job"]: row for row in self.rows["jobs"]}
        orders = {row["manufacturing_order"]: row for row in self.rows["manufacturing_orders"]}
        times: dict[str, list[tuple[int, int]]] = defaultdict(list)
        homes = {row["resource"]: self.world.plants[str(row["plant"])].zone for row in self.rows["resources"]}
        for row in self.rows["activities"]:
            start, end = (instant(str(row[name]), homes[row["resource"]]) for name in ("start", "end"))
            times[str(row["operation"])].append((start, end))
        live = [key for key, job in jobs.items() if (job.get("cancelled") or "false").lower() != "true"]
        steps: dict[str, list[str]] = defaultdict(list)
        wanted = set()
        for row in self.rows["operations"]:
            order = orders[row["manufacturing_order"]]
            if order["job"] in live:
                steps[str(row["manufacturing_order"])].append(str(row["operation"]))
        planned = {operation for listed in steps.values() for operation in listed}
        plant_of = {
            operation: self.world.jobs[str(orders[order]["job"])].plant.key
            for order, listed in steps.items()
            for operation in listed
        }
        for row in self.rows["material_requirements"]:
            operation = str(row["operation"])
            if row["requirement_type"] != "FromStock" or operation not in planned:
                continue
            wanted.add(row["item"])
            left = self.quantity(row, "required_qty") - self.quantity(row, "issued_qty")
            if left <= 0 or not times[operation] or max(end for _, end in times[operation]) < self.clock:
                continue
            at = max(self.clock, min(start for start, _ in times[operation]))
            yield at, True, (str(row["item"]), plant_of[operation]), -left, True
        yield from self._made(jobs, orders, steps, times, wanted)

    def _made(self, jobs: Any, orders: Any, steps: Any, times: Any, wanted: Any) -> Any:
        ends = defaultdict(list)
        for order, listed in steps.items():
            ends[orders[order]["job"]] += [end for operation in listed for _, end in times[operation]]
        for key, order in orders.items():
            job, listed = jobs[order["job"]], steps[key]
            item, main = (
                order.get("product") or job["product"],
                (order.get("product") or job["product"]) == job["product"],
            )
            if item is None or not listed or not all(times[operation] for operation in listed):
                continue
            end = max(end for operation in listed for _, end in times[operation])
            if end < self.clock or not (main or item in wanted):
                continue
            alike = [
                row
                for row in orders.values()
                if row["job"] == order["job"] and (row.get("product") or job["product"]) == item
            ]
            made = order.get("quantity") or (job.get("quantity") if main and len(alike) == 1 else None)
            if made is None:
                kind = KINDS.get(self.world.items[item].item_type)
                self.unknown |= {kind} if kind else set()
                continue
            quantity = max(ZERO, Fraction(made) - (self.quantity(job, "delivered_qty") if main else ZERO))
            if quantity == 0:
                continue
            place = (item, self.world.jobs[str(order["job"])].plant.key)
            yield end, False, place, quantity, True
            if main and (job.get("purpose") or "Sale") not in ("Stock", "Rework", "Transfer"):
                yield max(ends[order["job"]]), True, place, -quantity, True

    def _sales(self) -> Any:
        for row in self.rows["demands"]:
            if row.get("job"):
                continue
            held: dict[str, Fraction] = defaultdict(Fraction)
            for stock in self.rows["inventories"]:
                if stock["item"] == row["item"]:
                    held[str(self.houses[stock["warehouse"]]["plant"])] += self.quantity(stock, "on_hand_qty")
            plant = min(held or self.world.plants, key=lambda key: (-held[key] if held else 0, key))
            at = max(self.clock, instant(str(row["due"]), self.world.plants[plant].zone))
            if self.quantity(row, "qty") > 0:
                yield at, True, (str(row["item"]), plant), -self.quantity(row, "qty"), True

    def value(self, kind: str, flags: Mapping[str, str], until: int, plants: set[str]) -> Fraction | None:
        """Owned stock of one kind just before an instant, at the policy's item cost; None: not projected."""
        if kind in self.unknown or not self.clock <= until <= self.world.horizon_end:
            return None
        found = ZERO
        for (item, plant), store in self.stores.items():
            if KINDS.get(self.world.items[item].item_type) == kind and plant in plants:
                held = [own for at, _, own in store.after if at < until] or [self.opening[item, plant]]
                one = self.world.items[item]
                found += held[-1] * (one.truly_variable_cost if flags["item_cost"] == "truly_variable" else one.cost)
        return found

    def floor(self, flags: Mapping[str, str], until: int, plants: set[str]) -> Fraction:
        """R6 at an instant: what scheduled jobs require, or what is issued to jobs that have not ended."""
        found = ZERO
        for job in self.world.jobs.values():
            ended = job.scheduled and job.end < until
            if job.plant.key not in plants or job.cancelled:
                continue
            if (not job.scheduled) if flags["job_material"] == "required" else ended:
                continue
            for operation in job.operations:
                for need in operation.requirements:
                    if need.item is None and flags["job_material"] == "required":
                        continue
                    begun = bool(operation.activities) and (
                        max(one.end for one in operation.activities) >= self.clock
                        and max(self.clock, min(one.start for one in operation.activities)) < until
                    )
                    if need.item is None:
                        share = min(Fraction(1), need.issued / need.required) if need.required else ZERO
                        found += (need.total_cost or ZERO) * (1 if begun else share)
                        continue
                    there = max(need.required, need.issued) if begun else need.issued
                    there = need.required if flags["job_material"] == "required" else there
                    variable = flags["item_cost"] == "truly_variable"
                    found += there * (need.item.truly_variable_cost if variable else need.item.cost)
        return found

    def inventory(self, flags: Mapping[str, str], until: int, plants: set[str]) -> Fraction | None:
        """All stock and what lies on the floor just before an instant; None where a kind of stock is not projected."""
        parts = [self.value(kind, flags, until, plants) for kind in set(KINDS.values())]
        known = [part for part in parts if part is not None]
        return None if len(known) < len(parts) else sum(known, self.floor(flags, until, plants))

    def investment(self, flags: Mapping[str, str], until: int, plants: set[str]) -> Fraction | None:
        """Inventory and capital, of plants whose capital holds the inventory the capital alone (R27)."""
        found = ZERO
        for key in plants:
            plant = self.world.plants[key]
            inventory = self.inventory(flags, until, {key})
            if inventory is None or plant.capital is None:
                return None
            held = plant.capital_includes_inventory and flags["capital_includes_inventory"] == "honour"
            found += plant.capital + (ZERO if held else inventory)
        return found

    def closing(self, kpi: str, flags: Mapping[str, str], until: int, plants: set[str]) -> Fraction | None:
        """A stock KPI at an instant."""
        if kpi in ("inventory_cost", "investment"):
            whole = {"inventory_cost": self.inventory, "investment": self.investment}[kpi]
            return whole(flags, until, plants)
        return self.value(kpi.removesuffix("_inventory_cost"), flags, until, plants)
