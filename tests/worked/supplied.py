"""Hand-worked cases of R17: what was not supplied is said, never counted as 0, and matters only where it counts."""

from __future__ import annotations

from worked.case import BOTH, Case, plan, tables, work

UNUSED_OVERTIME = Case(
    "R17: an empty overtime rate matters where overtime hours are charged",
    plan(),
    tables(
        resources="resource, standard_hourly_cost, overtime_hourly_cost\n R, 10,",
        capacity_intervals="""
            resource, start, end, interval_type
            R, @1T08, @1T16, Online
            R, @6T08, @6T12, PotentialOvertime""",
        jobs="job, revenue\n J, 500",
        **work(J="R @1T08 @1T12"),
    ),
    totals={
        "published": {
            "throughput": 500,
            "resource_online_cost": 80,
            "resource_overtime_cost": "not_supplied",
            "operating_expense": "not_supplied",
            "net_profit": "not_supplied",
            "productivity": "not_supplied",
            "return_on_investment": "not_supplied",
            "investment": 0,
        },
        "reconciled": {"resource_overtime_cost": 0, "operating_expense": 80, "net_profit": 420},
    },
)

MISSING = Case(
    "R17: what a missing cell would multiply decides; every KPI built on it is not supplied, the others stand",
    plan(),
    tables(
        plants="plant, daily_operating_expense, invested_capital\n P, , 100\n Q, 50,",
        resources="resource, plant, drum, standard_hourly_cost\n R, Q, , 10\n S, P, , ",
        capacity_intervals="resource, start, end, interval_type\n R, @1T08, @1T16, Online",
        jobs="""
            job, revenue, shipping_cost
            J1, 1000, 10
            J2, , 10
            J3, 400,""",
        manufacturing_orders="manufacturing_order, job\n M1, J1\n M2, J2\n M3, J3",
        operations="operation, manufacturing_order, carrying_cost_per_day\n O1, M1, 24\n O2, M2, \n O3, M3, 1",
        activities="""
            activity, operation, resource, start, end
            1, O1, R, @1T08, @1T12
            2, O2, R, @9T08, @9T12
            3, O3, R, 2026-05-30T08:00Z, 2026-05-30T12:00Z""",
    ),
    # J2 and J3 end outside the horizon, P has no operating day, S no hours. O2's missing rate makes both carrying
    # costs not supplied where they are not clipped; clipped to the horizon it would multiply 0.
    totals={
        "published": {
            "throughput": 990,
            "operating_expense": 130,
            "net_profit": 860,
            "investment": "not_supplied",
            "return_on_investment": "not_supplied",
            "inventory_cost": 0,
            "wip_carrying_cost": "not_supplied",
            "finished_goods_carrying_cost": "not_supplied",
            "throughput_late": 0,
            "throughput_per_drum_hour": "undefined",
        },
        "reconciled": {"wip_carrying_cost": 4, "finished_goods_carrying_cost": "not_supplied", "throughput": 990},
    },
)

MISSING_REVENUE = Case(
    "R17: an empty revenue of a counted job makes throughput and all that is built on it not supplied",
    plan(),
    tables(
        resources="resource, drum, standard_hourly_cost\n R, false, 1\n D, true, 1",
        capacity_intervals="resource, start, end, interval_type\n R, @1T08, @1T16, Online\n D, @1T08, @1T16, Online",
        jobs="job, revenue\n J1,\n J2, 600",
        **work(J1="R @1T08 @1T12", J2="D @1T08 @1T12"),
    ),
    totals={
        policy: {
            "throughput": "not_supplied",
            "net_profit": "not_supplied",
            "productivity": "not_supplied",
            "return_on_investment": "not_supplied",
            "operating_expense": 16,
            "throughput_per_drum_hour": 150,  # J1 uses no drum
            "throughput_late": 0,
        }
        for policy in BOTH
    },
)

CASES = (UNUSED_OVERTIME, MISSING, MISSING_REVENUE)
