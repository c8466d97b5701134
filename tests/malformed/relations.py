"""What rows say together: keys, references, order in time, cycles, overlaps, currencies, and rules between cells."""

from __future__ import annotations

from malformed.base import TABLES, cell, every, more, place, put, records, spelled, swap
from malformed.case import Case, Fault, of_cell, one, together
from tocfin.catalogue import BY_NAME


def _again(table: str) -> Case:
    """The last row of a table once more."""
    lines = records(table)
    return one(
        f"a key twice in {table}",
        put(f"{table}.csv", spelled([*lines, lines[-1]])),
        place(table, len(lines) + 1, BY_NAME[table].key[0]),
        "duplicate-key",
        f"row {len(lines)}",
    )


def _lost(table: str, column: str, parent: str) -> Case:
    """The last row of a table names something that is not there."""
    row = len(records(table))
    at = place(table, row, column)
    name = f"{table}.{column} names nothing"
    return one(name, cell(table, row, column, "NOBODY"), at, "dangling-key", f"not in {parent}", others=True)


KEYS = (
    *(_again(table) for table in TABLES if BY_NAME[table].key and not BY_NAME[table].journal),
    one("a key twice but for the default version", more("targets", "throughput,P1,,,2026-06-01T00:00,"
        "2026-06-08T00:00,budget,1,,"), "targets.csv:4: kpi", "duplicate-key", "row 2"),
    one("a key twice, its time written in two ways", more("targets", "throughput,P1,,,2026-05-31T22:00Z,"
        "2026-06-08T00:00+02:00,,1,,"), "targets.csv:4: kpi", "duplicate-key", "row 2"),
    Case(
        "a key three times",
        more("warehouses", "W1,P1,", "W1,P2,"),
        (Fault("warehouses.csv:4: warehouse", "duplicate-key", "row 2"),
         Fault("warehouses.csv:5: warehouse", "duplicate-key", "row 2")),
    ),
)  # fmt: skip

REFERENCES = (
    *(
        _lost(table, column.name, column.refers)
        for table in TABLES
        for column in BY_NAME[table].columns
        if column.refers and not (BY_NAME[table].journal and column.need == "optional")
    ),
    of_cell("warehouses", 2, "plant", "p1", "dangling-key", "did you mean 'P1'"),
    of_cell("warehouses", 2, "plant", "P1 ", "dangling-key", "did you mean 'P1'"),
    of_cell("manufacturing_orders", 3, "job", "12", "dangling-key", "'12' is not in jobs"),
    one("a composed and a decomposed letter", every(swap("items.csv", "FG,", "Tür,"), swap("inventories.csv", "FG",
        "Tu\u0308r")), "inventories.csv:3: item", "dangling-key", "not in items", others=True),
)  # fmt: skip

SPANS = (
    of_cell("activities", 3, "end", "2026-06-02T07:59:59", "end-before-start", "no earlier than start"),
    of_cell("activities", 2, "actual_end", "2026-06-01T08:00", "end-before-start", "actual_start"),
    of_cell("activities", 4, "end", "2026-06-03T14:30+02:00", "end-before-start", "2026-06-03T12:30:00Z"),
    of_cell("capacity_intervals", 3, "end", "2026-06-01T07:00", "end-before-start", "start"),
    of_cell("calendars", 3, "valid_to", "2026-05-31", "end-before-start", "never applies"),
    of_cell("targets", 2, "period_end", "2026-06-01T00:00", "end-before-start", "later than period_start"),
    of_cell("periods", 2, "end", "2026-06-01T00:00", "end-before-start", "not after"),
    of_cell("activities", 4, "end", "9026-06-03T13:00Z", "span-too-long", "correct the date"),
)  # fmt: skip

CYCLES = (
    one("a precedence against the sequence", more("precedences", "O2,O1,"), "precedences.csv:3: successor", "cycle",
        "'O2' → 'O1' → 'O2'"),
    one("a precedence both ways", more("precedences", "O3,O1,"), "precedences.csv:2: successor", "cycle", "'O3'",
        others=True),
    one("an operation before itself", more("precedences", "O3,O3,"), "precedences.csv:3: successor", "cycle",
        "'O3' → 'O3'"),
    one("a cycle through an order", more("precedences", "O3,O2,", "O2,O3,"), "precedences.csv:3: successor", "cycle",
        "wait for each other"),
)  # fmt: skip

OVERLAPS = (
    one("two own intervals", more("capacity_intervals", "R2,2026-06-01T15:00,2026-06-01T17:00,Overtime"),
        "capacity_intervals.csv:6: start", "overlapping-intervals", "row 3"),
    one("own intervals that are the same", more("capacity_intervals", "R2,2026-06-01T08:00,2026-06-01T16:00,Online"),
        "capacity_intervals.csv:6: start", "overlapping-intervals", "row 3"),
    one("own intervals that overlap outside the horizon", more("capacity_intervals",
        "R3,2027-06-01T08:00,2027-06-01T16:00,Online", "R3,2027-06-01T09:00,2027-06-01T10:00,PotentialOvertime"),
        "capacity_intervals.csv:7: start", "overlapping-intervals", "row 6"),
    one("own intervals in two ways of writing times", more("capacity_intervals",
        "R2,2026-06-02T15:30+02:00,2026-06-02T14:30Z,Online"), "capacity_intervals.csv:6: start",
        "overlapping-intervals", "row 4"),
    one("an own interval over the calendar", more("capacity_intervals",
        "R1,2026-06-02T15:00,2026-06-02T18:00,Overtime"), "capacity_intervals.csv:6: start", "overlapping-intervals",
        "calendar"),
    one("two rows of a calendar", more("calendars", "DAY,Fri,14:00,20:00,Overtime,,,"), "calendars.csv:4: start",
        "overlapping-intervals", "row 2", others=True),
    one("a night shift that reaches into the next day", more("calendars", "DAY,Sun-Thu,22:00,09:00,Overtime,,,"),
        "calendars.csv:4: start", "overlapping-intervals", "row 2", others=True),
)  # fmt: skip

RULES = (
    one("material from stock without item", swap("material_requirements.csv", "O1,RM,", "O1,,"),
        "material_requirements.csv:2: item", "from-stock-without-item", "from stock"),
    one("bought material without cost", swap("material_requirements.csv", ",,250", ",,"),
        "material_requirements.csv:3: total_cost", "buy-direct-without-cost", "no other price"),
    one("a job without plant beside two plants", swap("jobs.csv", "0012,P2", "0012,"), "jobs.csv:3: plant",
        "job-without-plant", "2 plants", others=True),
    of_cell("plants", 3, "currency", "CHF", "currency-without-rate", "1 CHF"),
    of_cell("jobs", 2, "currency", "eur", "currency-without-rate", "'eur'"),
    of_cell("demands", 2, "currency", "GBP", "currency-without-rate", "exchange_rates"),
    together(
        "two faults that the same rows could hide from each other",
        one("", swap("resources.csv", "R2,P1,Machine", "R2,P1,Robot"), "resources.csv:3: resource_type",
            "unknown-word", "Robot"),
        one("", more("capacity_intervals", "R2,2026-06-01T15:00,2026-06-01T17:00,Overtime"),
            "capacity_intervals.csv:6: start", "overlapping-intervals", "row 3"),
        one("", swap("activities.csv", "2026-06-03T17:30Z", "2026-06-03T11:30Z"), "activities.csv:4: end",
            "end-before-start", "start"),
    ),
)  # fmt: skip

CASES: tuple[Case, ...] = (*KEYS, *REFERENCES, *SPANS, *CYCLES, *OVERLAPS, *RULES)
