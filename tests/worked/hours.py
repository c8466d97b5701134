"""Hand-worked cases of the rulings on time and capacity: R2, R10 to R14, R23, R24."""

from __future__ import annotations

from fractions import Fraction

from worked.case import BOTH, Case, plan, tables, work

LOCAL = Case(
    "R2: activities and intervals are local to the resource's plant, jobs to their own",
    plan(horizon_end="2026-06-01T20:00:00-04:00", clock="2026-06-01T08:00:00-04:00"),
    tables(
        plants="plant, timezone\n P, Europe/Berlin\n Q, America/New_York",
        resources="resource, plant, standard_hourly_cost\n R, Q, 10",
        capacity_intervals="resource, start, end, interval_type\n R, 2026-06-01T04:00, 2026-06-01T12:00, Online",
        jobs="job, revenue, late_penalty_per_day, need_date\n J, 100, 240, 2026-06-01T17:00",
        **work(J="R 2026-06-01T04:00 2026-06-01T12:00"),
    ),
    # ends 12:00 EDT = 16:00 UTC, needed 17:00 CEST = 15:00 UTC: 1 h late x 10; 4 of the 8 h follow the clock
    totals={
        policy: {
            "throughput": 90,
            "throughput_late": 90,
            "throughput_dollar_days": Fraction(90, 24),
            "resource_online_cost": 40,
        }
        for policy in BOTH
    },
)

CARRYING = Case(
    "R10: carrying runs from the earliest actual start to the operation's or the order's end",
    plan(),
    tables(
        resources="resource\n R",
        jobs="job, need_date\n J, @4T00\n K, @9T00\n X, @9T00",
        manufacturing_orders="manufacturing_order, job, need_date\n M1, J, @4T00\n M2, J,\n M3, K,",
        operations="""
            operation, manufacturing_order, carrying_cost_per_day
            O1, M1, 10
            O2, M1, 20
            O3, M2, 40
            O4, M3, 8
            O5, M3, 99""",
        activities="""
            activity, operation, resource, start, end, actual_start
            1, O1, R, 2026-05-31T12:00Z, @1T12, 2026-05-29T12:00Z
            2, O1, R, @1T00, @1T06,
            3, O2, R, @2T12, @3T00,
            4, O3, R, @4T00, @5T00,
            5, O4, R, @1T00, @2T00,""",
    ),
    totals={
        # O1 3 d x 10 + O2 0.5 x 20 + O3 1 x 40 + O4 1 x 8 (K is half scheduled, its order has no end for FG);
        # FG: M1 ends a day early 30, M2 (the job's need) a day late -40
        "published": {"wip_carrying_cost": 88, "finished_goods_carrying_cost": -10},
        # O1 from the clock to the 3rd 2 x 10, the rest as above; lateness clamped
        "reconciled": {"wip_carrying_cost": 78, "finished_goods_carrying_cost": 30},
    },
)

LATE_START = Case(
    "R10: work that really began after its planned end carries less than nothing, and nothing once clipped",
    plan(),
    tables(
        resources="resource\n R",
        jobs="job\n J",
        manufacturing_orders="manufacturing_order, job\n M, J",
        operations="operation, manufacturing_order, carrying_cost_per_day\n O, M, 24",
        activities="activity, operation, resource, start, end, actual_start\n 1, O, R, @2T00, @2T12, @2T15",
    ),
    # three hours too late at 1 an hour; the clipped interval is empty
    totals={"published": {"wip_carrying_cost": -3}, "reconciled": {"wip_carrying_cost": 0}},
)

WORK_HOURS = Case(
    "R11: work_hours replaces capacity hours in reconciled throughput per drum hour only",
    plan(),
    tables(
        resources="resource, drum\n D, true",
        capacity_intervals="\n".join(
            ["resource,start,end,interval_type", *(f"D,@{day}T08,@{day}T16,Online" for day in range(1, 6))]
        ),
        jobs="job, revenue\n J, 1200",
        manufacturing_orders="manufacturing_order, job\n M, J",
        operations="operation, manufacturing_order\n O, M",
        activities="""
            activity, operation, resource, start, end, work_hours
            1, O, D, @1T08, @1T12, 10
            2, O, D, @2T08, @2T10,""",
    ),
    totals={
        "published": {"throughput_per_drum_hour": 200, "drum_utilization": 15},  # 1,200 / (4 + 2); 6 of 40
        "reconciled": {
            "throughput_per_drum_hour": 100,  # 1,200 / (10 + 2)
            "throughput_per_drum_hour_physical": 200,
            "drum_utilization": 15,
        },
    },
)

STRADDLING = Case(
    "R12: a calendar holds before the clock for a job's own hours, and own intervals add to it",
    plan(),
    tables(
        resources="resource, drum, calendar, standard_hourly_cost\n D, true, C, 10",
        calendars="calendar, days, start_time, end_time, interval_type\n C, Mon-Sun, 08:00, 16:00, Online",
        capacity_intervals="resource, start, end, interval_type\n D, @1T18, @1T20, Online",
        jobs="job, revenue\n J, 900",
        **work(J="D 2026-05-31T08:00Z @1T20"),
    ),
    totals={
        # 36 elapsed hours; 7 x 8 + 2 = 58 h of capacity in the horizon, of which 10 used
        "published": {
            "throughput_per_drum_hour": 25,
            "resource_online_cost": 580,
            "drum_utilization": Fraction(1000, 58),
        },
        "reconciled": {
            "throughput_per_drum_hour": 50,  # 8 + 8 + 2 hours, Sunday's too
            "resource_online_cost": 580,
            "drum_utilization": Fraction(1000, 58),
        },
    },
)

EVE = Case(
    "R12: the shift of the eve reaches into the first day of the horizon",
    plan(horizon_end="2026-06-02T00:00:00Z"),
    tables(
        plants="plant, daily_operating_expense\n P, 100",
        resources="resource, calendar, standard_hourly_cost\n R, C, 10",
        calendars="calendar, days, start_time, end_time, interval_type\n C, Mon-Sun, 22:00, 06:00, Online",
    ),
    totals={policy: {"resource_online_cost": 80, "operating_expense": 180} for policy in BOTH},  # 6 + 2 h, Monday
)

# Online Mon 8 - 4 (closed 08-12), Tue 8, Wed 4 (row 2), Thu 8, Fri 6 (row 3 takes 14-16) = 30; Cleanout 1.
# Overtime Fri 4 and Sat 4 (row 3; not Sun, Mon: validity), and what is left to the last rows: Tue 2 + 4, Sat 8 + 2.
# N: Sunday, 24 h.
PRIORITIES = Case(
    "R13: wrapping days, validity, priority before type, Cleanout inside Offline, 00:00-00:00 is 24 h",
    plan(),
    tables(
        plants="plant, daily_operating_expense\n P, 100",
        resources="resource, calendar, standard_hourly_cost, overtime_hourly_cost\n R, C, 10, 20\n Q, N, 10, 20",
        calendars="""
            calendar, days, start_time, end_time, interval_type, valid_from, valid_to, priority
            C, Mon-Fri, 08:00, 16:00, Online, , , 2
            C, Wed, 08:00, 12:00, Offline, , , 1
            C, Fri-Mon, 14:00, 18:00, Overtime, 2026-06-05, 2026-06-06, 1
            C, Tue, 06:00, 20:00, Overtime, , ,
            C, Sat, 06:00, 20:00, Overtime, , ,
            N, Sun, 00:00, 00:00, Online, , 2026-06-07,""",
        capacity_intervals="""
            resource, start, end, interval_type
            R, @1T08, @1T12, Maintenance
            R, @1T09, @1T10, Cleanout""",
    ),
    totals={
        policy: {
            "resource_online_cost": 550,  # (30 + 1 + 24) x 10
            "resource_overtime_cost": 480,
            "operating_expense": 1730,  # all 7 days
        }
        for policy in BOTH
    },
)


def night(zone: str, saturday: str, start: str, end: str, cost: int, day: str = "Sat") -> Case:
    """One shift at 10 an hour on the weekend of a clock change."""
    return Case(
        f"R14: {day} {start}-{end} on {saturday} in {zone} costs {cost}",
        plan(clock=f"{saturday}T00:00:00Z", horizon_end=saturday[:8] + f"{int(saturday[8:]) + 2:02}T00:00:00Z"),
        tables(
            plants=f"plant, timezone\n P, {zone}",
            resources="resource, calendar, standard_hourly_cost\n R, C, 10",
            calendars=f"calendar, days, start_time, end_time, interval_type\n C, {day}, {start}, {end}, Online",
        ),
        totals={policy: {"resource_online_cost": cost} for policy in BOTH},
    )


NIGHTS = (
    night("Europe/Berlin", "2026-03-28", "22:00", "06:00", 70),  # 21:00 to 04:00 UTC
    night("Europe/Berlin", "2026-10-24", "22:00", "06:00", 90),  # 20:00 to 05:00 UTC
    night("Europe/Berlin", "2026-03-28", "02:30", "06:00", 25, "Sun"),  # missing: 01:30 to 04:00 UTC
    night("Europe/Berlin", "2026-10-24", "02:30", "06:00", 45, "Sun"),  # first occurrence: 00:30 to 05:00 UTC
    night("Europe/Berlin", "2026-10-24", "22:00", "02:30", 45),  # ends at the first 02:30: 20:00 to 00:30 UTC
    night("Australia/Lord_Howe", "2026-04-04", "22:00", "06:00", 85),  # half an hour is lived twice
    night("America/New_York", "2026-03-07", "22:00", "06:00", 70),
)

SHORT_DAY = Case(
    "R14: a day_start that the change skips uses the offset before it",
    plan(clock="2026-03-28T00:00:00Z", horizon_end="2026-03-30T00:00:00Z"),
    tables(
        plants="plant, timezone, daily_operating_expense, day_start\n P, Europe/Berlin, 100, 02:30",
        resources="resource\n R",
        # 02:30 CET is 01:30 UTC: the first half hour is still Saturday's
        capacity_intervals="""
            resource, start, end, interval_type
            R, 2026-03-29T01:00Z, 2026-03-29T01:30Z, Online
            R, 2026-03-29T01:30Z, 2026-03-29T02:30Z, Online""",
    ),
    totals={policy: {"operating_expense": 200} for policy in BOTH},
)

# Used on D: batch B1 Mon 08-14 once 6 h, J3 1 h, J5 1 h of potential overtime; on E the same batch name 2 h. J6 ends
# after the horizon and only its hour inside counts, J4 is cancelled.
UTILIZATION = Case(
    "R23: a batch is (resource, batch) and counts once, other overlaps each, half-scheduled jobs too",
    plan(),
    tables(
        resources="resource, drum\n D, true\n E, true\n R, false",
        capacity_intervals="""
            resource, start, end, interval_type
            D, @1T08, @1T16, Online
            D, @2T08, @2T12, PotentialOvertime
            D, @1T14, @1T16, Cleanout
            D, @7T23, @8T02, Overtime
            E, @1T08, @1T10, Online""",
        jobs="job, cancelled\n J1,\n J2,\n J3,\n J4, true\n J5,\n J6,",
        manufacturing_orders="manufacturing_order, job\n M1, J1\n M2, J2\n M3, J3\n M4, J4\n M5, J5\n M6, J6",
        operations="""
            operation, manufacturing_order
            O1, M1
            O2, M2
            O3, M3
            O4, M4
            O5, M5
            P5, M5
            O6, M6""",
        activities="""
            activity, operation, resource, start, end, batch
            1, O1, D, @1T08, @1T12, B1
            1, O1, E, @1T07, @1T10, B1
            2, O2, D, @1T10, @1T14, B1
            3, O3, D, @1T09, @1T10,
            4, O4, D, @1T08, @1T16,
            5, O5, D, @2T08, @2T09,
            6, O6, D, @7T23, @8T02,""",
    ),
    totals={
        "published": {"drum_utilization": Fraction(1100, 13)},  # 6 + 1 + 1 + 1 + 2 of 6 + 4 + 1 + 2
        "reconciled": {"drum_utilization": 110},  # of 6 + 1 + 1 + 2
    },
)

OPERATING_DAYS = Case(
    "R24: production days, subcontractors open one, potential overtime where used and once, zero length does nothing",
    plan(),
    tables(
        plants="plant, daily_operating_expense, day_start\n P, 100, 06:00",
        resources="""
            resource, resource_type, active, standard_hourly_cost, overtime_hourly_cost
            R, Machine, true, 0, 20
            S, Subcontractor, true, 0, 0
            I, Machine, false, 50, 50
            C, Machine, true, 10, 0""",
        capacity_intervals="""
            resource, start, end, interval_type
            R, @1T22, @2T06, Online
            R, @4T08, @4T08, Online
            R, @6T08, @6T12, PotentialOvertime
            R, @7T08, @7T12, PotentialOvertime
            S, @3T08, @3T09, Online
            I, @5T08, @5T16, Online
            C, @4T08, @4T10, Cleanout""",
        jobs="job, cancelled\n J1,\n J2,\n X, true",
        **work(J1="R @7T10 @7T11", J2="R @7T10:30 @7T11:30", X="R @6T08 @6T12"),
    ),
    totals={
        # days Mon, Wed, Sat, Sun; overtime 8 h x 20; cleanout 2 h x 10
        "published": {"operating_expense": 580, "resource_overtime_cost": 160, "resource_online_cost": 20},
        # days Mon, Wed, Thu (cleanout), Sun; overtime 10:00 to 11:30 once
        "reconciled": {"operating_expense": 450, "resource_overtime_cost": 30, "resource_online_cost": 20},
    },
)

CASES = (
    LOCAL, CARRYING, LATE_START, WORK_HOURS, STRADDLING, EVE, PRIORITIES, *NIGHTS, SHORT_DAY, UTILIZATION,
    OPERATING_DAYS,
)  # fmt: skip
