"""Hand-worked cases of the rulings on a living shop floor: R32, R33."""

from __future__ import annotations

from fractions import Fraction

from worked.case import Case, plan, tables, work

UNITS = Case(
    "R33: capacity and cost of a resource are its intervals times its units, work on it counts as it is",
    plan(),
    tables(
        resources="""
            resource, drum, standard_hourly_cost, overtime_hourly_cost, units
            R, true, 10, 20, 2
            S, false, 5, 0,""",
        capacity_intervals="""
            resource, start, end, interval_type
            R, @1T08, @1T16, Online
            R, @1T16, @1T20, PotentialOvertime
            S, @1T08, @1T10, Online""",
        jobs="job, revenue\n J, 100\n K, 50",
        **work(J="R @1T08 @1T12", K="R @1T10 @1T18"),
    ),
    totals={
        # 8 h x 2 x 10 + 2 x 5; all 4 h of overtime x 2 x 20; 4 + 8 h of work on 2 x 12 h
        "published": {"resource_online_cost": 170, "resource_overtime_cost": 160, "drum_utilization": 50},
        # overtime and capacity from 16:00 to 18:00 only; 150 on 4 + 8 h of work
        "reconciled": {
            "resource_overtime_cost": 80,
            "drum_utilization": 60,
            "throughput_per_drum_hour": Fraction(25, 2),
        },
    },
)

CASES = (UNITS,)
