"""Hand-worked cases of the rulings on what belongs where: R18, R29, R30."""

from __future__ import annotations

from fractions import Fraction

from worked.case import BOTH, Case, moment, plan, tables, work

OWNERS = Case(
    "R18: a job's amounts belong to its plant, hours and cost to the resource's, stock to the warehouse's",
    plan(),
    tables(
        plants="plant, daily_operating_expense, invested_capital\n P1, 70, 100\n P2, 50, 10",
        resources="""
            resource, plant, resource_type, drum, standard_hourly_cost
            D, P2, Machine, true, 10
            S, P2, Subcontractor, false, 100""",
        capacity_intervals="resource, start, end, interval_type\n D, @1T08, @1T16, Online\n S, @1T08, @1T16, Online",
        items="item, item_type, cost\n RM, RawMaterial, 10\n FG, FinishedGood, 1",
        warehouses="warehouse, plant\n W, P2",
        inventories="warehouse, item, on_hand_qty\n W, RM, 4",
        jobs="job, plant, product, revenue\n J, P1, FG, 1000\n K, P1, , 200",
        manufacturing_orders="manufacturing_order, job\n M, J\n N, K",
        operations="operation, manufacturing_order\n O1, M\n O2, M\n O3, N",
        activities="""
            activity, operation, resource, start, end
            1, O1, D, @1T08, @1T12
            2, O2, S, @1T12, @1T14
            3, O3, S, @1T08, @1T09""",
        material_requirements="operation, item, required_qty\n O1, RM, 5",
    ),
    # T_J = 1,000 - 50 - 2 x 100 = 750, T_K = 200 - 100 = 100
    totals={
        "published": {"throughput": 850, "throughput_per_drum_hour": Fraction(750, 4), "operating_expense": 1230},
        "reconciled": {"throughput": 850, "operating_expense": 130, "subcontract_cost": 300},
    },
    groups={
        ("published", "plant"): {
            "P1": {
                "throughput": 850,
                "subcontract_cost": 300,
                "resource_online_cost": 0,
                "operating_expense": 300,
                "inventory_cost": 50,
                "investment": 150,
                "throughput_per_drum_hour": "undefined",
                "drum_utilization": "undefined",
            },
            "P2": {
                "throughput": 0,
                "subcontract_cost": 0,
                "resource_online_cost": 880,
                "operating_expense": 930,
                "inventory_cost": 40,
                "investment": 50,
                "throughput_per_drum_hour": 0,
                "drum_utilization": 50,
            },
        },
        ("reconciled", "job"): {
            "J": {"throughput": 750, "subcontract_cost": 200, "resource_online_cost": 0, "operating_expense": 0},
            "K": {"throughput": 100, "subcontract_cost": 100},
            None: {"throughput": 0, "resource_online_cost": 80, "operating_expense": 130, "investment": 150},
        },
        ("reconciled", "product"): {
            "FG": {"throughput": 750, "throughput_per_drum_hour": Fraction(750, 4)},
            None: {"throughput": 100, "resource_online_cost": 80},
        },
        ("published", "resource"): {
            "D": {"resource_online_cost": 80, "throughput_per_drum_hour": Fraction(750, 4), "drum_utilization": 50},
            "S": {"resource_online_cost": 800, "drum_utilization": "undefined"},
            None: {"throughput": 850, "resource_online_cost": 0},
        },
    },
)

HALF_SCHEDULED = Case(
    "R29: half-scheduled jobs use capacity but earn nothing; late jobs count wherever they end",
    plan(),
    tables(
        resources="resource, drum\n D, true\n R, false",
        capacity_intervals="resource, start, end, interval_type\n D, @1T08, @1T16, Online",
        jobs="""
            job, revenue, late_penalty_per_day, need_date
            J1, 1000, 0, @9T00
            J2, 500, 0, 2026-05-01T00:00Z
            J3, 700, 0, 2026-05-01T00:00Z
            J4, 300, 50, @8T12
            J5, -100, 0, 2026-05-30T00:00Z
            J6, 10, 5, @1T09""",
        manufacturing_orders="manufacturing_order, job\n M1, J1\n M2, J2\n M3, J3\n M4, J4\n M5, J5\n M6, J6",
        operations="operation, manufacturing_order\n O1, M1\n O2, M2\n P2, M2\n O4, M4\n O5, M5\n O6, M6",
        activities="""
            activity, operation, resource, start, end
            1, O1, D, @1T08, @1T10
            2, O2, D, @1T10, @1T14
            4, O4, R, @9T10, @9T12
            5, O5, R, 2026-05-31T10:00Z, 2026-05-31T12:00Z
            6, O6, R, @1T08, @1T09""",
    ),
    # J6 ends exactly when needed: not late. J4 one day late 300 - 50, J5 1.5 d late with T = -100.
    totals={
        "published": {
            "throughput": 1010,
            "throughput_per_drum_hour": Fraction(1000, 6),
            "throughput_late": 150,
            "throughput_dollar_days": 100,
            "drum_utilization": 75,
        },
        "reconciled": {
            "throughput": 1010,
            "throughput_per_drum_hour": 500,
            "throughput_late": 150,
            "throughput_dollar_days": 100,
            "drum_utilization": 75,
        },
    },
)

BOUNDS = Case(
    "1.1a: clock <= end < horizon_end, so that periods partition jobs",
    plan(),
    tables(
        resources="resource\n R",
        jobs="job, revenue\n A, 1\n B, 10\n C, 100\n D, 1000",
        **work(
            A="R 2026-05-31T08:00Z 2026-05-31T23:59:59Z",
            B="R 2026-05-31T08:00Z @1T00",
            C="R @7T08 2026-06-07T23:59:59Z",
            D="R @7T08 @8T00",
        ),
    ),
    totals={policy: {"throughput": 110} for policy in BOTH},
)

FIRST, SECOND = "2026-06-01T00:00:00Z/2026-06-02T12:00:00Z", "2026-06-02T12:00:00Z/2026-06-08T00:00:00Z"
NO_STOCK = {"investment": "not_projected", "inventory_cost": "not_projected", "return_on_investment": "not_projected"}
# Cut on Tue 12:00 UTC, mid-shift in both plants. P's Tuesday opens before the cut and is counted there. Q is 5:45
# ahead: its shift of 10:00 to 20:00 UTC opens Tuesday before the cut and Wednesday (18:15 UTC) after it.
# J ends on the cut: second period. The carrying of its order M (4 h x 24/24) is clipped into the first, unclipped it
# follows the end. Its order L ends on Monday: first period, 2 days before the need.
# K ends after the horizon a day late with T = -70.
PERIODS = Case(
    "R30: a day belongs to the part of its first interval, unclipped amounts to the part of the end, or outside",
    plan(periods={"boundaries": [moment(f"2026-06-0{day}:00:00Z") for day in ("1T00", "2T12", "8T00")]}),
    tables(
        plants="plant, timezone, daily_operating_expense\n P, , 100\n Q, Asia/Kathmandu, 10",
        resources="resource, plant, drum, standard_hourly_cost\n R, P, true, 10\n S, Q, false, 1",
        capacity_intervals="""
            resource, start, end, interval_type
            R, @2T08, @2T16, Online
            R, @2T18, @2T19, Online
            S, @2T10, @2T20, Online""",
        jobs="job, revenue, need_date, subcontract_cost\n J, 500, @3T12, \n K, 0, @8T12, 70",
        manufacturing_orders="manufacturing_order, job\n M, J\n L, J\n N, K",
        operations="operation, manufacturing_order, carrying_cost_per_day\n O, M, 24\n V, L, 24\n U, N, 0",
        activities="""
            activity, operation, resource, start, end
            1, O, R, @2T08, @2T12
            2, U, S, @9T10, @9T12
            3, V, S, @1T08, @1T12""",
    ),
    totals={
        "published": {"throughput": 500, "operating_expense": 290, "wip_carrying_cost": 8, "throughput_late": -70},
        "reconciled": {"throughput": 500, "operating_expense": 220, "wip_carrying_cost": 8, "throughput_late": -70},
    },
    groups={
        ("published", "period"): {
            FIRST: {
                "throughput": 0,
                "resource_online_cost": 42,
                "operating_expense": 152,
                "wip_carrying_cost": 4,
                "finished_goods_carrying_cost": 48,
                "drum_utilization": 100,
                "throughput_per_drum_hour": "undefined",
                **NO_STOCK,
            },
            SECOND: {
                "throughput": 500,
                "resource_online_cost": 58,
                "operating_expense": 68,
                "wip_carrying_cost": 4,
                "finished_goods_carrying_cost": 24,
                "drum_utilization": 0,
                "throughput_per_drum_hour": 125,
                **NO_STOCK,
            },
            "outside": {"operating_expense": 70, "subcontract_cost": 70, "throughput_late": -70, "throughput": 0},
        },
        ("reconciled", "period"): {
            FIRST: {"operating_expense": 152, "wip_carrying_cost": 8, "finished_goods_carrying_cost": 48},
            SECOND: {"operating_expense": 68, "wip_carrying_cost": 0, "finished_goods_carrying_cost": 24},
            "outside": {"operating_expense": 0, "subcontract_cost": 0, "throughput_dollar_days": -70},
        },
    },
)

CASES = (OWNERS, HALF_SCHEDULED, BOUNDS, PERIODS)
