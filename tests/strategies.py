"""Small, legal, nasty datasets: (plan, tables of text cells) for hypothesis.

What bites in them: daylight-saving weekends in the middle of the horizon, shifts over midnight, ends exactly on the
clock, the horizon end and period boundaries, potential overtime used twice at once, batches over jobs and resources,
half-scheduled and empty jobs, missing finance cells, currencies, subcontractors, every policy flag.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from cells import COLUMNS, Cells, Dataset, written
from reference import FLAGS, IllegalError
from reference.capacity import ONLINE_TYPES, expand, resolve
from reference.spans import subtract, union

ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu")
#: Evenings before a change: Berlin on and off, New York on and off, Lord Howe (30 minutes) off and on, and a calm week.
EVES = ("2026-03-28", "2026-10-24", "2026-03-07", "2026-10-31", "2026-04-04", "2026-10-03", "2026-06-01")
HOUR, QUARTER = 3600, 900
CLOSED_TYPES = ("Cleanout", "Offline", "Maintenance", "Holiday")
ITEM_TYPES = ("RawMaterial", "Intermediate", "SubAssembly", "FinishedGood", "ByProduct", "Tool")
AMOUNTS = ("7", "1", "0", "0.1", "12.5", "40", "33.333", "250", "1e3", "1999.99", "+60", "123456")


T = TypeVar("T")


class Maker:
    """Draws one dataset; every choice is hypothesis' own, so failures shrink."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self.tables: dict[str, list[Cells]] = {name: [] for name in COLUMNS}
        self.gaps = self.chance(4)  # some finance cells are missing
        self.zones: dict[str, str] = {}

    def integer(self, low: int, high: int) -> int:
        return self.draw(st.integers(low, high))

    def chance(self, one_in: int) -> bool:
        return self.integer(1, one_in) == one_in

    def pick(self, choices: Sequence[T]) -> T:
        return choices[self.integer(0, len(choices) - 1)]

    def add(self, table: str, *cells: str | None) -> None:
        self.tables[table].append(dict(zip(COLUMNS[table], cells, strict=True)))

    def amount(self) -> str:
        return self.pick(AMOUNTS)

    def finance(self) -> str | None:
        return None if self.gaps and self.chance(6) else self.amount()

    def maybe(self, cell: str, one_in: int = 3) -> str | None:
        return cell if self.chance(one_in) else None

    # --- time

    def horizon(self) -> dict[str, Any]:
        eve = int(datetime.fromisoformat(self.pick(EVES) + "T00:00:00+00:00").timestamp())
        self.clock = eve + self.pick((0, 6, 13, 22)) * HOUR + self.pick((0, QUARTER, 17))
        self.end = self.clock + self.integer(8, 4 * 24) * HOUR + self.pick((0, QUARTER))
        self.boundaries = sorted({self.any_instant() for _ in range(self.pick((0, 0, 2, 3, 4)))})
        if self.boundaries and self.chance(2):
            self.boundaries = sorted({self.clock, *self.boundaries, self.end})
        self.marks = [self.clock, self.end, *self.boundaries]
        self.first = datetime.fromtimestamp(self.clock, UTC).date() - timedelta(days=6)
        self.last = datetime.fromtimestamp(self.end, UTC).date() + timedelta(days=8)
        return {"clock": self.moment(self.clock), "horizon_end": self.moment(self.end)}

    def moment(self, instant: int) -> datetime:
        return datetime.fromtimestamp(instant, UTC)

    def any_instant(self) -> int:
        return self.clock + self.integer(-40 * 4, (self.end - self.clock) // QUARTER + 40 * 4) * QUARTER

    def instant(self) -> int:
        if self.chance(4):
            return self.pick(self.marks)
        return (
            self.any_instant()
            if self.chance(3)
            else self.clock + self.integer(0, (self.end - self.clock) // HOUR) * HOUR
        )

    def cell(self, instant: int, plant: str) -> str:
        return written(instant, self.zones[plant], self.integer(0, 2))

    # --- the plant

    def plants(self, currencies: Sequence[str]) -> None:
        for k in range(self.pick((1, 1, 2, 3))):
            name = f"P{k}"
            self.zones[name] = self.pick(ZONES)
            zone = None if self.zones[name] == "UTC" and self.chance(2) else self.zones[name]
            capital = self.finance()
            self.add(
                "plants", name, zone, self.pick((None, *currencies)), self.finance(),
                f"-{capital.lstrip('+')}" if capital and self.chance(8) else capital,
                self.pick((None, "false", "true")), self.pick((None, "00:00", "02:30", "06:00", "23:45")),
            )  # fmt: skip

    def calendars(self) -> None:
        for k in range(self.pick((1, 2, 0))):
            rows: list[Cells] = []
            for _ in range(self.integer(1, 4)):
                start, end = self.pick(("06:00", "02:30", "22:00", "14:00", "00:00")), self.pick(CLOCKS)
                day = [(self.first + timedelta(days=self.integer(4, 12))).isoformat() for _ in range(2)]
                kind = self.pick(ONLINE_TYPES * 2 + CLOSED_TYPES)
                cells = (
                    f"C{k}", self.pick(DAYS), start, end, kind,
                    self.maybe(min(day), 4), self.maybe(max(day), 4), self.pick((None, None, "1", "2")),
                )  # fmt: skip
                row = dict(zip(COLUMNS["calendars"], cells, strict=True))
                if self.legal([*rows, row]):
                    rows.append(row)
            self.tables["calendars"] += rows

    def legal(self, rows: list[Cells]) -> bool:
        try:
            for zone in set(self.zones.values()):
                resolve(expand(rows, ZoneInfo(zone), self.first, self.last))
        except IllegalError:
            return False
        return True

    def resources(self) -> None:
        names = list(dict.fromkeys(row["calendar"] for row in self.tables["calendars"]))
        self.homes: dict[str, str] = {}
        for k in range(self.pick((3, 4, 2, 1))):
            name, plant = f"R{k}", self.pick(list(self.zones))
            self.homes[name] = plant
            calendar = self.pick((None, *names))
            self.add(
                "resources", name, plant, self.pick(("Machine", "Machine", "Labor", "Subcontractor")),
                self.pick(("true", "TRUE", "false", None)), self.pick((None, "true", "True", None, "true", "false")),
                self.finance(), self.finance(), calendar, self.pick((None, None, None, "1", "2", "5")),
            )  # fmt: skip
            self.intervals(name, plant, calendar)

    def intervals(self, name: str, plant: str, calendar: str | None) -> None:
        """Own online-type intervals keep clear of each other and of the calendar; closings lie anywhere."""
        rows = [row for row in self.tables["calendars"] if calendar and row["calendar"] == calendar]
        pieces = expand(rows, ZoneInfo(self.zones[plant]), self.first, self.last)
        taken = union((start, end) for start, end, kind in pieces if kind in ONLINE_TYPES)
        cursor = self.clock - self.integer(0, 30) * HOUR
        for _ in range(self.integer(0, 2) if calendar else self.pick((5, 4, 2, 0))):
            start = cursor + self.pick((0, 0, 2, 7, 16)) * HOUR + self.pick((0, QUARTER, 61))
            cursor = start + self.pick((0, 1, 4, 8, 30)) * HOUR
            kind = self.pick(ONLINE_TYPES)
            for low, high in subtract([(start, cursor)], taken) if cursor > start else [(start, start)]:
                self.add("capacity_intervals", name, self.cell(low, plant), self.cell(high, plant), kind)
        for _ in range(self.pick((0, 0, 1, 2, 3))):
            start = self.instant()
            end = start + self.pick((0, 1, 3, 12)) * HOUR
            # now and then a clean inside a closure
            for kind in ("Offline", "Cleanout") if self.chance(4) else (self.pick(CLOSED_TYPES),):
                self.add("capacity_intervals", name, self.cell(start, plant), self.cell(end, plant), kind)

    def stock(self) -> None:
        self.items = [f"I{k}" for k in range(self.pick((4, 3, 5, 1)))]
        for item in self.items:
            self.add("items", item, self.pick(ITEM_TYPES), self.amount(), self.maybe(self.amount()))
        for k in range(self.pick((2, 3, 1, 0))):
            self.add("warehouses", f"W{k}", self.pick(list(self.zones)), self.pick((None, "true", "false")))
            for item in self.items:
                if self.chance(2):
                    sign = "-" if self.chance(6) else ""
                    self.add("inventories", f"W{k}", item, sign + self.amount().lstrip("+"))

    # --- the work

    def jobs(self) -> None:
        for k in range(self.pick((5, 4, 3, 2, 1, 0))):
            name, plant = f"J{k}", self.pick(list(self.zones))
            ends: list[int] = []
            for m in range(self.pick((1, 2, 1, 1, 0))):
                ends += self.order(name, plant, m)
            need = max(ends) if ends and self.chance(5) else self.instant()
            self.add(
                "jobs", name, None if len(self.zones) == 1 and self.chance(2) else plant,
                self.pick((None, *self.items)), self.finance() if not self.chance(8) else "-500.5", self.finance(),
                self.finance(), self.cell(need, plant), self.pick((None, None, "false", "false", "true")),
                self.maybe(self.amount(), 6), self.maybe(self.amount(), 6),
            )  # fmt: skip

    def order(self, job: str, plant: str, m: int) -> list[int]:
        name = f"{job}-M{m}"
        need = self.cell(self.instant(), plant) if self.chance(3) else None
        self.add("manufacturing_orders", name, job, self.maybe(self.pick(self.items)), need)
        ends = []
        for k in range(self.pick((2, 1, 1, 3, 0))):
            operation = f"{name}-{k}"
            self.add("operations", operation, name, str(10 * k), self.finance())
            for a in range(self.pick((0, 2, 3)) if self.chance(5) else 1):
                ends += self.activity(f"{operation}-A{a}", operation)
            for _ in range(self.pick((0, 0, 1, 2))):
                self.requirement(operation)
        return ends

    def activity(self, name: str, operation: str) -> list[int]:
        """One activity on one resource, sometimes on two."""
        ends = []
        resources = list(self.homes)
        first = self.integer(0, len(resources) - 1)
        for k in range(2 if len(resources) > 1 and self.chance(6) else 1):
            resource = resources[(first + k) % len(resources)]
            plant, start = self.homes[resource], self.instant()
            end = start + self.pick((1, 2, 0, 8, 26)) * HOUR + self.pick((0, 0, QUARTER, 1))
            if self.chance(3):
                end = max(start, self.pick(self.marks))
            actual = self.cell(start + self.integer(-8, 8) * QUARTER, plant) if self.chance(4) else None
            self.add(
                "activities", name, operation, resource, self.cell(start, plant), self.cell(end, plant),
                self.pick((None, None, "B1", "B2")), actual, self.maybe(self.pick(("0", "1.5", "12")), 5),
            )  # fmt: skip
            ends.append(end)
        return ends

    def requirement(self, operation: str) -> None:
        needed, issued = self.pick(("0", "1", "3", "12.5")), self.pick((None, "0", "2", "3", "40"))
        if self.chance(3):
            item = self.maybe(self.pick(self.items))
            self.add("material_requirements", operation, item, "BuyDirect", needed, issued, self.amount())
        else:
            self.add("material_requirements", operation, self.pick(self.items), "FromStock", needed, issued, None)


DAYS = ("Mon-Sun", "Mon-Fri", "Sat,Sun", "Fri-Mon", "Sat", "Wed,Sun-Tue")
CLOCKS = ("06:00", "02:30", "22:00", "14:00", "00:00", "03:00")


@st.composite
def datasets(draw: st.DrawFn) -> Dataset:
    """A dataset that breaks no rule of the contract."""
    maker = Maker(draw)
    plan: dict[str, Any] = {"plan": {"name": "drawn", "currency": "USD"} | maker.horizon()}
    policy = maker.pick((None, "published", "reconciled"))
    if policy:
        plan["plan"]["policy"] = policy
    if maker.boundaries:
        plan["periods"] = {"boundaries": [maker.moment(edge) for edge in maker.boundaries]}
    plan["exchange_rates"] = {"EUR": 1.08, "JPY": 0.0067}
    plan["policy"] = draw(policies) if maker.chance(2) else {}
    maker.plants(("USD", "EUR", "JPY"))
    maker.calendars()
    maker.resources()
    maker.stock()
    maker.jobs()
    return plan, maker.tables


def _flag_words(flag: str) -> tuple[str, ...]:
    return (*FLAGS[flag], "operating_expense") if flag == "subcontract_in" else FLAGS[flag]


#: Any subset of the policy flags with any of their words.
policies = st.fixed_dictionaries({}, optional={flag: st.sampled_from(_flag_words(flag)) for flag in FLAGS})
