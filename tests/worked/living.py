"""Hand-worked cases of the rulings on a living shop floor: R32, R33."""

from __future__ import annotations

from fractions import Fraction

from worked.case import Case, plan, tables, work

UNITS = Case(
    "R33: capacity and cost of a resource are its intervals times its units, work on it counts as it is",
    plan(),
    tables(
        resources="""
            resource, resource_type, drum, standard_hourly_cost, overtime_hourly_cost, units
            R, Machine, true, 10, 20, 2
            S, Machine, false, 5, 0,
            T, Tool, false, 99, 99, 3""",
        capacity_intervals="""
            resource, start, end, interval_type
            R, @1T08, @1T16, Online
            R, @1T16, @1T20, PotentialOvertime
            S, @1T08, @1T10, Online""",
        jobs="job, revenue\n J, 100\n K, 50\n L, 0",
        **work(J="R @1T08 @1T12", K="R @1T10 @1T18", L="T @1T08 @1T20"),
    ),
    totals={
        # 8 h x 2 x 10 + 2 x 5, a tool without intervals costs nothing; all 4 h of overtime x 2 x 20;
        # 4 + 8 h of work on 2 x 12 h
        "published": {"resource_online_cost": 170, "resource_overtime_cost": 160, "drum_utilization": 50},
        # overtime and capacity from 16:00 to 18:00 only; 150 on 4 + 8 h of work
        "reconciled": {
            "resource_overtime_cost": 80,
            "drum_utilization": 60,
            "throughput_per_drum_hour": Fraction(25, 2),
        },
    },
)

SHORT = Case(
    "R32: a job that is closed short earns and consumes the share that it delivered",
    plan(),
    tables(
        resources="resource\n R",
        items="item\n I",
        jobs="""
            job, quantity, delivered_qty, closed_short, revenue, shipping_cost
            J, 10, 4, true, 1000, 7
            K, 10, 4, , 1000, 0
            L, 10, 25, true, 100, 0""",
        material_requirements="operation, item, required_qty\n J-O, I, 20\n K-O, I, 20",
        **work(J="R @1T08 @1T12", K="R @2T08 @2T12", L="R @3T08 @3T12"),
    ),
    totals={
        # 0.4 x (1000 - 200) - 7; all of K, whose parts count elsewhere; all of L, and no more
        "published": {"throughput": 313 + 800 + 100},
        "reconciled": {"throughput": 313 + 800 + 100, "inventory_cost": 0},
    },
)

UNSAID = Case(
    "R32: what a job closed short earns is not supplied where nobody says how much it delivered",
    plan(),
    tables(
        resources="resource\n R",
        jobs="job, quantity, closed_short, revenue\n J, 10, true, 1000",
        **work(J="R @1T08 @1T12"),
    ),
    totals={"reconciled": {"throughput": "not_supplied", "net_profit": "not_supplied", "operating_expense": 0}},
)

CASES = (UNITS, SHORT, UNSAID)
