"""What becomes of the KPIs when a finance cell is empty (rulings R17): never 0, always said."""

from __future__ import annotations

from collections.abc import Mapping

_ALL = "throughput, net_profit, productivity, return_on_investment and every other KPI that sums it are"

#: (table, column) -> what an empty cell means and what to do.
CONSEQUENCES: Mapping[tuple[str, str], str] = {
    ("plants", "daily_operating_expense"): (
        "operating_expense, net_profit, productivity and return_on_investment are 'not supplied' once this plant"
        " has an operating day: enter what a day costs (0 when nothing)"
    ),
    ("plants", "invested_capital"): (
        "investment and return_on_investment are 'not supplied': enter the capital invested in the plant"
    ),
    ("resources", "standard_hourly_cost"): (
        "resource_online_cost, operating_expense and what is built on them (a subcontractor's jobs: throughput too)"
        " are 'not supplied' once it has online hours: enter its hourly cost (0 when it costs nothing)"
    ),
    ("resources", "overtime_hourly_cost"): (
        "resource_overtime_cost, operating_expense and what is built on them (a subcontractor's jobs: throughput"
        " too) are 'not supplied' once it has overtime hours: enter its overtime rate"
    ),
    ("jobs", "revenue"): f"{_ALL} 'not supplied' where the job counts: enter its revenue (0 when it earns nothing)",
    ("jobs", "shipping_cost"): f"{_ALL} 'not supplied' where the job counts: enter its freight (0 when there is none)",
    ("jobs", "late_penalty_per_day"): (
        f"{_ALL} 'not supplied' where the job counts and is late: enter the penalty (0 when there is none)"
    ),
    ("operations", "carrying_cost_per_day"): (
        "wip_carrying_cost and finished_goods_carrying_cost are 'not supplied': enter the daily cost (0 when none)"
    ),
}


def not_supplied(table: str, column: str) -> str:
    """The message for an empty cell of a column whose cells may be empty."""
    return f"is empty, which is not 0: {CONSEQUENCES[table, column]}"
