"""MINI-1 of kpi.md 1.9, written down from its text alone."""

from __future__ import annotations

from fractions import Fraction

from worked.case import Answer, Case, plan, tables

WEEKDAYS = range(1, 6)
OWN = [
    *(f"{name},@{day}T08,@{day}T16,Online" for name in ("R1", "R2", "R3") for day in WEEKDAYS),
    *(f"R4,@{day}T22,@{day + 1}T06,Online" for day in (1, 2, 3)),
    *(f"R5,@{day}T00,@{day}T08,Online" for day in range(1, 8)),
    "R2,@5T16,@5T18,Cleanout",
    "R2,@6T08,@6T12,Overtime",
    "R2,@7T08,@7T12,PotentialOvertime",
]

TABLES = tables(
    plants="""
        plant, daily_operating_expense, invested_capital
        P1, 1000, 200000
        P2, 500, 100000""",
    resources="""
        resource, plant, resource_type, drum, active, standard_hourly_cost, overtime_hourly_cost
        R1, P1, Machine,       false, true,  40,  60
        R2, P1, Machine,       true,  true,  50,  80
        R3, P1, Subcontractor, false, true,  100, 100
        R4, P2, Machine,       false, true,  30,  45
        R5, P2, Machine,       false, false, 99,  99""",
    capacity_intervals="\n".join(["resource,start,end,interval_type", *OWN]),
    items="""
        item, item_type, cost
        RM1, RawMaterial, 30
        RM2, RawMaterial, 20
        INT1, Intermediate, 55
        SUB1, SubAssembly, 70
        FG1, FinishedGood, 120
        TOOL1, Tool, 500""",
    warehouses="""
        warehouse, plant
        W1, P1
        W2, P2""",
    inventories="""
        warehouse, item, on_hand_qty
        W1, RM1, 200
        W2, RM1, 50
        W1, RM2, 100
        W1, INT1, 20
        W1, SUB1, 10
        W1, FG1, 15
        W1, TOOL1, 3""",
    jobs="""
        job, plant, revenue, shipping_cost, late_penalty_per_day, need_date, cancelled
        J1, P1, 20000, 200, 100, @5T12,  false
        J2, P1, 12000, 100, 200, @4T16,  false
        J3, P2, 9000,  0,   0,   @4T00,  false
        J4, P1, 5000,  0,   50,  @10T00, false
        J5, P1, 50000, 0,   0,   @3T00,  true""",
    manufacturing_orders="""
        manufacturing_order, job
        M1, J1
        M2, J2
        M3, J3
        M4, J4
        M5, J5""",
    operations="""
        operation, manufacturing_order, sequence, carrying_cost_per_day
        J1-10, M1, 10, 10
        J1-20, M1, 20, 15
        J1-30, M1, 30, 20
        J2-10, M2, 10, 5
        J2-20, M2, 20, 6
        J2-30, M2, 30, 7
        J2-40, M2, 40, 8
        J3-10, M3, 10, 4
        J3-20, M3, 20, 4
        J4-10, M4, 10, 3
        J4-20, M4, 20, 3
        J5-10, M5, 10, 9""",
    activities="""
        activity, operation, resource, start, end, batch
        A1, J1-10, R2, @1T14, @2T10,
        A2, J1-20, R2, @3T08, @3T12, B1
        A3, J1-30, R1, @4T08, @4T16,
        A4, J2-10, R1, @1T08, @1T14,
        A5, J2-20, R3, @2T08, @2T14,
        A6, J2-30, R2, @3T08, @3T12, B1
        A7, J2-40, R2, @6T08, @6T10,
        A8, J3-10, R4, @1T22, @2T06,
        A9, J3-20, R4, @2T22, @3T02,
        A10, J4-10, R1, @5T08, @5T12,
        A11, J4-20, R2, @9T08, @9T10,
        A12, J5-10, R1, @2T08, @2T16,""",
    material_requirements="""
        operation, item, requirement_type, required_qty, issued_qty, total_cost
        J1-10, RM1, FromStock, 100, 60,
        J2-10, RM1, FromStock, 40, ,
        J2-20, , BuyDirect, 1, , 300
        J3-10, RM2, FromStock, 50, ,
        J4-10, RM1, FromStock, 10, ,
        J5-10, RM1, FromStock, 1000, ,""",
)

# T: J1 20,000 - 100 x 30 - 200 = 16,800 (early). J2 12,000 - 40 x 30 - 300 - 100 - 6 h x 100 subcontracted - 350
# (Thu 16:00 to Sat 10:00 is 1.75 d at 200) = 9,450. J3 9,000 - 50 x 20 = 8,000. J4 ends on the 9th: not counted.
PUBLISHED: dict[str, Answer] = {
    "throughput": 34250,
    "throughput_per_drum_hour": Fraction(26250, 32),  # 20 + 4 + 4 + 2 + 2 elapsed hours
    "throughput_per_drum_hour_physical": 2625,  # 4 + 4 (batch once) + 2 hours
    "resource_online_cost": 8420,  # 40 x 40 + 42 x 50 + 40 x 100 + 24 x 30
    "resource_overtime_cost": 640,  # 4 overtime and 4 potential overtime hours at 80
    "subcontract_cost": 600,
    "operating_expense": 18660,  # 7 x 1,000 + 4 x 500, the three costs above
    "net_profit": 15590,
    "productivity": Fraction(34250, 18660),
    "raw_material_inventory_cost": 9500,
    "wip_inventory_cost": 1800,
    "finished_goods_inventory_cost": 1800,
    "inventory_cost": 18600,  # job material 150 x 30 + 50 x 20 = 5,500
    "investment": 318600,
    "return_on_investment": Fraction(15590, 318600),
    "wip_carrying_cost": Fraction(149, 6),
    "finished_goods_carrying_cost": Fraction(17, 6),
    "drum_utilization": Fraction(1000, 48),  # 10 h of 40 + 4 + 4
    "throughput_late": 9450,
    "throughput_dollar_days": Fraction(33075, 2),
}
RECONCILED: dict[str, Answer] = PUBLISHED | {
    "throughput_per_drum_hour": 1875,  # 26,250 on 4 + 4 + 4 + 2 capacity hours
    "resource_online_cost": 4420,
    "resource_overtime_cost": 320,
    "operating_expense": 12740,  # 6 x 1,000 + 4 x 500, the costs above, subcontract only in T
    "net_profit": 21510,
    "productivity": Fraction(34250, 12740),
    "inventory_cost": 14900,  # 60 x 30 issued
    "investment": 314900,
    "return_on_investment": Fraction(21510, 314900),
    "wip_carrying_cost": 143,
    "finished_goods_carrying_cost": Fraction(145, 3),
    "drum_utilization": Fraction(1000, 44),
}
P1: dict[str, Answer] = {
    "throughput": 26250,
    "operating_expense": 15940,
    "investment": 216100,
    "throughput_per_drum_hour": Fraction(26250, 32),
}
P2: dict[str, Answer] = {
    "throughput": 8000,
    "operating_expense": 2720,
    "investment": 102500,
    "throughput_per_drum_hour": "undefined",
}

MINI1 = Case(
    "MINI-1 of kpi.md 1.9",
    plan(),
    TABLES,
    totals={"published": PUBLISHED, "reconciled": RECONCILED},
    groups={
        ("published", "plant"): {"P1": P1, "P2": P2},
        ("reconciled", "plant"): {
            "P1": P1 | {"operating_expense": 10020, "investment": 213400, "throughput_per_drum_hour": 1875},
            "P2": P2 | {"investment": 101500},
        },
    },
)
