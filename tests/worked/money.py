"""Hand-worked cases of the rulings on money: R1, R4 to R9, R27."""

from __future__ import annotations

from fractions import Fraction

from worked.case import BOTH, Case, plan, tables, work

CURRENCIES = Case(
    "R1: plants and resources in their plant's currency, jobs in theirs, items in the reporting currency",
    plan(exchange_rates={"EUR": 1.25}),
    tables(
        plants="""
            plant, currency, daily_operating_expense, invested_capital
            PE, EUR, 80, 1000
            PU, , 0, 0""",
        resources="""
            resource, plant, resource_type, standard_hourly_cost
            R, PE, Machine, 10
            S, PU, Subcontractor, 50""",
        capacity_intervals="""
            resource, start, end, interval_type
            R, @1T08, @1T16, Online
            S, @1T08, @1T10, Online""",
        items="item, cost\n RM, 3",
        jobs="job, plant, revenue, shipping_cost\n J, PE, 1000, 100",
        manufacturing_orders="manufacturing_order, job\n M, J",
        operations="operation, manufacturing_order, carrying_cost_per_day\n O, M, 5",
        activities="activity, operation, resource, start, end\n A, O, S, @1T08, @1T10",
        material_requirements="""
            operation, item, requirement_type, required_qty, total_cost
            O, RM, FromStock, 10,
            O, , BuyDirect, 1, 40""",
    ),
    # T: 1.25 x (1,000 - 100 - 40) - 10 x 3 - 2 h x 50 = 1,075 - 130. R costs 8 x 10 x 1.25 = 100, the day 80 x 1.25.
    # Carrying: 2 h = 1/12 day x 5 x 1.25.
    totals={
        "published": {
            "throughput": 945,
            "subcontract_cost": 100,
            "resource_online_cost": 200,  # the subcontractor's 2 h x 50 too
            "operating_expense": 400,
            "investment": 1280,  # 1,000 x 1.25 + 30 of job material
            "wip_carrying_cost": Fraction(25, 48),
        },
        "reconciled": {
            "throughput": 945,
            "resource_online_cost": 100,
            "operating_expense": 200,
            "investment": 1250,
            "wip_carrying_cost": Fraction(25, 48),
        },
    },
)

TRULY_VARIABLE = Case(
    "R4: items are valued at cost, or at truly variable cost wherever they are valued",
    plan(),
    tables(
        resources="resource\n R",
        items="item, cost, truly_variable_cost\n RM, 30, 12\n RX, 5,",
        warehouses="warehouse\n W",
        inventories="warehouse, item, on_hand_qty\n W, RM, 5\n W, RX, 2",
        jobs="job, revenue\n J, 1000",
        **work(J="R @1T08 @1T12"),
        material_requirements="operation, item, required_qty, issued_qty\n J-O, RM, 10, 4",
    ),
    totals={
        # 1,000 - 10 x 30; stock 5 x 30 + 2 x 5; job material 10 x 30
        "published": {"throughput": 700, "raw_material_inventory_cost": 160, "inventory_cost": 460},
        # 1,000 - 10 x 12; stock 5 x 12 + 2 x 5 (no truly variable cost: cost); issued 4 x 12
        "reconciled": {"throughput": 880, "raw_material_inventory_cost": 70, "inventory_cost": 118},
    },
)

LEVELS = Case(
    "R5: material that another order of the data set makes counts 0; an override replaces the roll-up in T only",
    plan(),
    tables(
        resources="resource\n R",
        items="item, item_type, cost\n RM, RawMaterial, 10\n INT, Intermediate, 50\n FG, FinishedGood, 1",
        jobs="""
            job, product, revenue, material_cost, cancelled
            J1, FG, 1000, , false
            J2, INT, 0, , false
            J3, RM, 0, , true
            J4, , 500, 7, false""",
        **work(J1="R @1T08 @1T12", J2="R @1T08 @1T12", J3="R @1T08 @1T12", J4="R @1T08 @1T12"),
        material_requirements="""
            operation, item, required_qty
            J1-O, INT, 4
            J2-O, RM, 8
            J4-O, RM, 3""",
    ),
    totals={
        # 1,000 - 200 - 80 + 500 - 7; job material 200 + 80 + 30
        "published": {"throughput": 1213, "inventory_cost": 310},
        # J2's order makes INT: 1,000 - 0 - 80 + 493; the order that makes RM is cancelled. Nothing is issued yet.
        "reconciled": {"throughput": 1413, "inventory_cost": 0},
    },
)

MATERIAL_ROWS = """
    operation, item, requirement_type, required_qty, issued_qty, total_cost
    F-O, RM, FromStock, 10, 4,
    U-O, RM, FromStock, 10, 4,
    U-O, , BuyDirect, 5, 2, 100
    U-O, , BuyDirect, 0, 3, 999
    H-O, RM, FromStock, 10, 4,
    H-O, RM, BuyDirect, 2, 3, 60
    X-O, RM, FromStock, 10, 4,"""
JOB_MATERIAL = Case(
    "R6: required of scheduled jobs, or issued to jobs that are neither cancelled nor finished",
    plan(),
    tables(
        resources="resource\n R",
        items="item\n RM",
        jobs="job, cancelled\n F,\n U,\n H,\n X, true\n N,",
        manufacturing_orders="manufacturing_order, job\n F-M, F\n U-M, U\n H-M, H\n X-M, X",
        operations="operation, manufacturing_order\n F-O, F-M\n U-O, U-M\n H-O, H-M\n H-P, H-M\n X-O, X-M",
        activities="""
            activity, operation, resource, start, end
            1, F-O, R, 2026-05-31T08:00Z, 2026-05-31T12:00Z
            2, U-O, R, @9T08, @9T12
            3, H-O, R, @1T08, @1T12
            4, X-O, R, @1T08, @1T12""",
        material_requirements=MATERIAL_ROWS,
    ),
    totals={
        "published": {"inventory_cost": 200},  # F and U, 10 x 10 each; H is half scheduled
        # U 4 x 10 + 100 x 2/5 + 0, H 4 x 10 + 60 x min(1, 3/2)
        "reconciled": {"inventory_cost": 180},
    },
)

STOCK = Case(
    "R7: warehouses that are not owned are left out, negative stock counts as it is, tools do not",
    plan(),
    tables(
        items="item, item_type, cost\n RM, RawMaterial, 10\n FG, FinishedGood, 20\n T, Tool, 500",
        warehouses="warehouse, owned\n W1, true\n W2, false",
        inventories="warehouse, item, on_hand_qty\n W1, RM, -5\n W2, RM, 100\n W1, FG, 3\n W1, T, 2",
    ),
    totals={
        policy: {
            "raw_material_inventory_cost": -50,
            "finished_goods_inventory_cost": 60,
            "inventory_cost": 10,
            "productivity": "undefined",
        }
        for policy in BOTH
    },
)

INACTIVE = Case(
    "R8: an inactive resource has no capacity, no cost, no operating day and is no drum, but times its jobs",
    plan(),
    tables(
        plants="plant, daily_operating_expense\n P, 100",
        resources="""
            resource, resource_type, drum, active, standard_hourly_cost
            D, Machine, true, false, 40
            S, Subcontractor, false, false, 90""",
        capacity_intervals="resource, start, end, interval_type\n D, @1T08, @1T16, Online\n S, @1T08, @1T16, Online",
        jobs="job, revenue, late_penalty_per_day, need_date\n J1, 100, 24, @1T11\n J2, 100, 0, @2T00",
        **work(J1="D @1T08 @1T12", J2="S @1T08 @1T12"),
    ),
    # J1 is an hour late: 24 / 24 = 1
    totals={
        policy: {
            "throughput": 199,
            "operating_expense": 0,
            "subcontract_cost": 0,
            "productivity": "undefined",
            "throughput_per_drum_hour": "undefined",
            "drum_utilization": "undefined",
            "throughput_late": 99,
        }
        for policy in BOTH
    },
)

OUTSIDE_WORK = tables(
    resources="resource, resource_type, standard_hourly_cost, overtime_hourly_cost\n S, Subcontractor, 100, 150",
    capacity_intervals="""
        resource, start, end, interval_type
        S, @1T08, @1T16, Online
        S, @1T16, @1T18, Overtime
        S, @1T18, @1T20, PotentialOvertime
        S, @8T08, @8T10, Online""",
    jobs="""
        job, revenue, subcontract_cost, cancelled
        A, 1000, , false
        B, 1000, , false
        C, 1000, 70, false
        D, 1000, , false
        E, 1000, , true
        F, 1000, , false""",
    manufacturing_orders="manufacturing_order, job\n A-M, A\n B-M, B\n C-M, C\n D-M, D\n E-M, E\n F-M, F",
    operations="""
        operation, manufacturing_order
        A-O, A-M
        B-O, B-M
        C-O, C-M
        D-O, D-M
        E-O, E-M
        F-O, F-M
        F-P, F-M""",
    activities="""
        activity, operation, resource, start, end, batch
        1, A-O, S, @1T14, @1T19, B1
        2, B-O, S, @1T14, @1T16, B1
        3, C-O, S, @1T10, @1T12,
        4, D-O, S, @8T08, @8T10,
        5, E-O, S, @1T08, @1T16,
        6, F-O, S, @1T08, @1T09,""",
)
# A: 2 x 100 + 2 x 150 + 1 x 150 = 650. B 200 (batch members each). C 70 instead of 200. D 200 and F 100 are not in T.
SUBCONTRACT = Case(
    "R9: subcontract roll-up of overlap with resolved intervals, overridden by the job, once in T or in both",
    plan(),
    OUTSIDE_WORK,
    totals={
        "published": {
            "subcontract_cost": 1220,
            "throughput": 2080,  # A, B and C: 3,000 - 920
            "resource_online_cost": 800,  # the 8th is outside the horizon
            "resource_overtime_cost": 600,
            "operating_expense": 2620,
        },
        "reconciled": {
            "subcontract_cost": 920,
            "throughput": 2080,
            "resource_online_cost": 0,
            "resource_overtime_cost": 0,
            "operating_expense": 0,
        },
    },
)
SUBCONTRACT_AS_EXPENSE = Case(
    "R9, R21: subcontract in operating expense charges every job that is not cancelled and takes nothing from T",
    plan(policy={"subcontract_in": "operating_expense"}),
    OUTSIDE_WORK,
    totals={
        "published": {"subcontract_cost": 1220, "throughput": 3000, "operating_expense": 2620, "net_profit": 380},
        "reconciled": {"subcontract_cost": 1220, "throughput": 3000, "operating_expense": 1220, "net_profit": 1780},
    },
)

CAPITAL = Case(
    "R27: a plant whose capital includes inventory adds its capital only",
    plan(),
    tables(
        plants="plant, invested_capital, invested_capital_includes_inventory\n P1, 1000, true\n P2, 500, false",
        resources="resource, plant\n R, P1",
        items="item\n RM",
        warehouses="warehouse, plant\n W1, P1\n W2, P2",
        inventories="warehouse, item, on_hand_qty\n W1, RM, 10\n W2, RM, 5",
        jobs="job, plant\n J, P1",
        **work(J="R @1T08 @1T12"),
        material_requirements="operation, item, required_qty, issued_qty\n J-O, RM, 3, 2",
    ),
    totals={
        "published": {"inventory_cost": 180, "investment": 1680},  # 100 + 50 + 30, and 1,500
        "reconciled": {"inventory_cost": 170, "investment": 1550},  # 100 + 50 + 20, of which P2's 50, and 1,500
    },
    groups={
        ("reconciled", "plant"): {
            "P1": {"inventory_cost": 120, "investment": 1000},
            "P2": {"inventory_cost": 50, "investment": 550},
        }
    },
)

CASES = (
    CURRENCIES,
    TRULY_VARIABLE,
    LEVELS,
    JOB_MATERIAL,
    STOCK,
    INACTIVE,
    SUBCONTRACT,
    SUBCONTRACT_AS_EXPENSE,
    CAPITAL,
)
