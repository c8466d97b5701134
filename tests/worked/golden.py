"""Published examples of kpi.md 4 and 2, written as schedules."""

from __future__ import annotations

from fractions import Fraction

from worked.case import BOTH, Answers, Case, plan, tables, work

WEEK = [f"{resource},@{day}T08,@{day}T16,Online" for resource in ("A", "B", "C", "D") for day in range(1, 6)]


def goldratt(p: int, q: int, split: str, profit: int) -> Case:
    """P and Q of The Haystack Syndrome: one job per product; B makes Q first until ``split``, then P, all 40 hours."""
    # Orders of the classic figure: RM1 A15 C10; RM2 B15 C5; RM3 A10 B15; assembly D15 (P), D5 (Q).
    steps = {
        "P1": (("A", "@1T08", "@5T12"), ("C", "@1T10", "@5T14")),
        "P2": (("B", split, "@5T16"), ("C", split, "@5T16")),
        "P3": (("D", split, "@5T16"),),
        "Q2": (("B", "@1T08", split), ("C", "@1T08", split)),
        "Q3": (("A", "@1T08", split), ("B", "@1T08", split)),
        "Q4": (("D", "@1T08", split),),
    }
    # Q's two passes over B share its time, so each is told its hours: 15 minutes a piece.
    hours = {"P2B": Fraction(15 * p, 60), "Q2B": Fraction(15 * q, 60), "Q3B": Fraction(15 * q, 60)}
    operations, activities = [], []
    for order, route in steps.items():
        for k, (resource, start, end) in enumerate(route):
            operations.append(f"{order}-{resource},{order},{10 * k}")
            own = float(hours[order + resource]) if order + resource in hours else ""
            activities.append(f"{order}-{resource}-A,{order}-{resource},{resource},{start},{end},{own}")
    throughput = 45 * p + 60 * q
    earned: Answers = {
        "throughput": throughput,
        "operating_expense": 6000,
        "net_profit": profit,
        "productivity": Fraction(throughput, 6000),
    }
    return Case(
        f"Goldratt's P and Q: {p} P and {q} Q earn {profit:+}",
        plan(),
        tables(
            plants="plant, daily_operating_expense\n P, 1200",
            resources="resource, drum\n A, false\n B, true\n C, false\n D, false",
            capacity_intervals="\n".join(["resource,start,end,interval_type", *WEEK]),
            items="item, cost\n RM1, 20\n RM2, 20\n RM3, 20\n P, 45\n Q, 40",
            jobs=f"job, product, revenue\n P, P, {90 * p}\n Q, Q, {100 * q}",
            manufacturing_orders="\n".join(["manufacturing_order,job", *(f"{order},{order[0]}" for order in steps)]),
            operations="\n".join(["operation,manufacturing_order,sequence", *operations]),
            activities="\n".join(["activity,operation,resource,start,end,work_hours", *activities]),
            material_requirements=f"""
                operation, item, requirement_type, required_qty, total_cost
                P1-A, RM1, FromStock, {p},
                P2-B, RM2, FromStock, {p},
                P3-D, , BuyDirect, {p}, {5 * p}
                Q2-B, RM2, FromStock, {q},
                Q3-A, RM3, FromStock, {q},""",
        ),
        totals={
            # published: required raw material is the only investment; reconciled: nothing is issued yet
            "published": {**earned, "return_on_investment": Fraction(profit, 40 * p + 40 * q)},
            "reconciled": {
                **earned,
                "return_on_investment": "undefined",
                "throughput_per_drum_hour": Fraction(throughput, 40),
            },
        },
        groups={
            # 3.00 and 2.00 per constraint minute
            ("reconciled", "job"): {"P": {"throughput_per_drum_hour": 180}, "Q": {"throughput_per_drum_hour": 120}}
        },
    )


def bottleneck(
    name: str, expense: int | Fraction, jobs: dict[str, tuple[str, str, str, Answers]], totals: Answers
) -> Case:
    """An exam plan on its bottleneck: job -> (revenue, material, bottleneck hours, answers of the job)."""
    rows = [f"{job},{job}-O,D,@1T08,@1T16,{hours}" for job, (_, _, hours, _) in jobs.items()]
    chain = work(**dict.fromkeys(jobs, "D @1T08 @1T16"))
    chain["activities"] = "\n".join(["activity,operation,resource,start,end,work_hours", *rows])
    return Case(
        name,
        plan(),
        tables(
            plants=f"plant, daily_operating_expense\n P, {expense}",
            resources="resource, drum\n D, true",
            capacity_intervals="resource, start, end, interval_type\n D, @1T08, @1T16, Online",
            jobs="\n".join(
                [
                    "job,revenue,material_cost",
                    *(f"{job},{revenue},{cost}" for job, (revenue, cost, _, _) in jobs.items()),
                ]
            ),
            **chain,
        ),
        totals={"reconciled": totals},
        groups={("reconciled", "job"): {job: answers for job, (_, _, _, answers) in jobs.items()}},
    )


def per_hour(value: int | str) -> Answers:
    return {"throughput_per_drum_hour": Fraction(value)}


YAM = bottleneck(
    "ACCA F5 June 2009, Yam Co: 134, 115 and 63 per pressing hour",
    0,
    {  # 1,000 metres each
        "A": ("70000", "3000", "500", per_hour(134)),
        "B": ("60000", "2500", "500", per_hour(115)),
        "C": ("27000", "1800", "400", per_hour(63)),
    },
    {"throughput": 149700},
)
THIN = bottleneck(
    "ACCA F5 June 2011, Thin Co: B 800, A 600, C 504 fill 1,880 surgeon hours",
    548000,
    {
        "A": ("1620000", "444360", "450", {"throughput": 1175640, "throughput_per_drum_hour": Fraction(1175640, 450)}),
        "B": ("2800000", "676480", "800", {"throughput": 2123520, "throughput_per_drum_hour": Fraction("2654.4")}),
        "C": ("2142000", "529502.4", "630", per_hour("2559.52")),
    },
    {"net_profit": Fraction("4363657.6"), "throughput_per_drum_hour": Fraction("4911657.6") / 1880},
)
GLAM = bottleneck(
    "ACCA F5, Glam Co: 58.50 and 67.40 per senior hour",
    0,
    {
        "cut": ("60", "1.5", "1.0", per_hour("58.5")),
        "treatment": ("110", "8.9", "1.5", per_hour("67.4")),
    },
    {},
)
SOLAR = bottleneck(
    "Solar Systems: 5,928.57 and 4,400 per hour, net profit 3,090,000",
    12000000,
    {
        "large": ("12450000", "0", "2100", per_hour("12450000/2100")),
        "small": ("2640000", "0", "600", per_hour(4400)),
    },
    {"net_profit": 3090000},
)
# 72,000 units in 12,000 h: (8 - 2) x 72,000 over 4 x 72,000 of labour + 216,000
OPEN_TUITION = bottleneck(
    "OpenTuition: labour belongs in factory cost, so productivity is 0.857",
    504000,
    {"J": ("576000", "144000", "12000", per_hour(36))},
    {"productivity": Fraction(6, 7)},
)
DOLLAR_DAYS = Case(
    "Hill: an order of 1 M five days late is 5 M dollar-days",
    plan(),
    tables(
        resources="resource\n R",
        jobs="job, revenue, need_date\n J, 1000000, @1T12",
        **work(J="R @6T08 @6T12"),
    ),
    totals={policy: {"throughput_dollar_days": 5000000, "throughput_late": 1000000} for policy in BOTH},
)

CASES = (
    # Q needs 30 x 30 minutes of B: 15 h, until Tuesday 15:00; with 50 it is 25 h, until Thursday 09:00
    goldratt(100, 30, "@2T15", 300),
    goldratt(60, 50, "@4T09", -300),
    YAM, THIN, GLAM, SOLAR, OPEN_TUITION, DOLLAR_DAYS,
)  # fmt: skip
