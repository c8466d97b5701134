"""Properties of kpi.md 1.9 that no shared misunderstanding can pass, over any implementation.

Each takes ``evaluate`` (called as evaluate(plan, tables, policy=..., plants=..., by=...), KPI name -> an object with
``value``, ``status`` and, where its numbers are rounded, ``scale``) and one dataset. Exact numbers are held exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from fractions import Fraction
from typing import Any

import rewrite
from cells import Dataset

Evaluate = Callable[..., Mapping[Any, Any]]
Figures = Mapping[str, Any]

POLICIES = ("published", "reconciled")
FLOWS = (
    "throughput", "operating_expense", "net_profit", "resource_online_cost", "resource_overtime_cost",
    "subcontract_cost", "wip_carrying_cost", "finished_goods_carrying_cost", "throughput_late",
    "throughput_dollar_days",
)  # fmt: skip
STOCKS = (
    "investment", "inventory_cost", "raw_material_inventory_cost", "wip_inventory_cost",
    "finished_goods_inventory_cost",
)  # fmt: skip
RATIOS = (
    "productivity",
    "return_on_investment",
    "drum_utilization",
    "on_time_delivery",
    "backlog_hours",
    "schedule_adherence",
)


def slack(figures: Iterable[Any]) -> Fraction:
    """What rounding may explain: nothing where numbers are exact."""
    values = [figure for figure in figures if figure.value is not None]
    if all(isinstance(figure.value, Fraction) for figure in values):
        return Fraction(0)
    return (
        sum(
            (max(Fraction(1000), Fraction(getattr(figure, "scale", abs(figure.value)))) for figure in values),
            Fraction(0),
        )
        / 10**9
    )


def same(left: Any, right: Any, factor: int = 1) -> bool:
    if left.status != right.status or (left.value is None) != (right.value is None):
        return False
    if left.value is None:
        return True
    return abs(Fraction(left.value) * factor - Fraction(right.value)) <= slack([left, right]) * factor


def assert_same(left: Figures, right: Figures, factor: int = 1, unscaled: Iterable[str] = ()) -> None:
    """Equal KPI by KPI; money may be scaled by a factor, what is unscaled may not."""
    wrong = {
        kpi: (figure, right[kpi])
        for kpi, figure in left.items()
        if not same(figure, right[kpi], 1 if kpi in unscaled else factor)
    }
    assert wrong == {}


def known(*figures: Any) -> bool:
    return all(figure.value is not None for figure in figures)


def at_most(left: Any, right: Any) -> bool:
    return not known(left, right) or Fraction(left.value) <= Fraction(right.value) + slack([left, right])


def net_profit_and_operating_expense_make_throughput(evaluate: Evaluate, dataset: Dataset) -> None:
    for policy in POLICIES:
        figures = evaluate(*dataset, policy=policy)
        parts = [figures[name] for name in ("net_profit", "operating_expense", "throughput")]
        profit, expense, throughput = parts
        assert known(profit) == known(expense, throughput)
        if known(*parts):
            gap = Fraction(profit.value) + Fraction(expense.value) - Fraction(throughput.value)
            assert abs(gap) <= slack(parts)


def investment_less_inventory_is_capital(evaluate: Evaluate, dataset: Dataset) -> None:
    """R27: less the inventory of the plants whose capital includes it, where that is honoured."""
    plan, tables = dataset
    flagged = [row["plant"] for row in tables["plants"] if (row["invested_capital_includes_inventory"] or "") == "true"]
    rates = {None: Fraction(1), plan["plan"]["currency"]: Fraction(1)} | {
        name: Fraction(str(rate)) for name, rate in plan.get("exchange_rates", {}).items()
    }
    for word in ("ignore", "honour"):
        changed = rewrite.with_flags(plan, capital_includes_inventory=word)
        figures, groups = evaluate(changed, tables), evaluate(changed, tables, by="plant")
        investment, inventory = figures["investment"], figures["inventory_cost"]
        assert known(investment) == all(row["invested_capital"] for row in tables["plants"])
        if known(investment):
            capital = sum(Fraction(row["invested_capital"] or 0) * rates[row["currency"]] for row in tables["plants"])
            inside = [groups[key]["inventory_cost"] for key in flagged] if word == "honour" else []
            expected = capital - sum((Fraction(figure.value) for figure in inside), Fraction(0))
            gap = Fraction(investment.value) - Fraction(inventory.value) - expected
            assert abs(gap) <= slack([investment, inventory, *inside])


def parts_sum_to_the_whole(evaluate: Evaluate, dataset: Dataset) -> None:
    """Any partition: plants, jobs, resources, products, and periods for flows."""
    for policy in POLICIES:
        whole = evaluate(*dataset, policy=policy)
        for by in ("plant", "job", "resource", "product", "period"):
            groups = evaluate(*dataset, policy=policy, by=by)
            for kpi in FLOWS if by == "period" else FLOWS + STOCKS:
                parts = [figures[kpi] for figures in groups.values()]
                assert known(*parts) == known(whole[kpi]), (policy, by, kpi)
                if known(*parts):
                    total = sum((Fraction(figure.value) for figure in parts), Fraction(0))
                    assert abs(total - Fraction(whole[kpi].value)) <= slack([*parts, whole[kpi]]), (policy, by, kpi)


def stocks_of_periods_are_not_projected(evaluate: Evaluate, dataset: Dataset) -> None:
    for figures in evaluate(*dataset, by="period").values():
        for kpi in (*STOCKS, "return_on_investment"):
            assert (figures[kpi].status, figures[kpi].value) == ("not_projected", None)


def a_plant_alone_is_its_share(evaluate: Evaluate, dataset: Dataset) -> None:
    groups = evaluate(*dataset, by="plant")
    for key, figures in groups.items():
        assert_same(evaluate(*dataset, plants=[key]), figures)


def order_of_rows_does_not_matter(evaluate: Evaluate, dataset: Dataset) -> None:
    plan, tables = dataset
    for policy in POLICIES:
        figures = evaluate(plan, tables, policy=policy)
        assert_same(figures, evaluate(plan, rewrite.shuffled(tables, seed=len(tables["jobs"])), policy=policy))


def local_times_are_the_same_instants_in_utc(evaluate: Evaluate, dataset: Dataset) -> None:
    plan, tables = dataset
    assert_same(evaluate(plan, tables), evaluate(plan, rewrite.in_utc(tables)))


def money_scales_and_ratios_stay(evaluate: Evaluate, dataset: Dataset) -> None:
    plan, tables = dataset
    for policy in POLICIES:
        figures = evaluate(plan, tables, policy=policy)
        larger = evaluate(plan, rewrite.scaled(tables, 3), policy=policy)
        assert_same(figures, larger, factor=3, unscaled=RATIOS)


def whole_weeks_later_changes_nothing(evaluate: Evaluate, dataset: Dataset) -> None:
    """Without daylight saving; weeks, because calendars know weekdays."""
    calm = rewrite.everywhere_utc(dataset)
    for policy in POLICIES:
        later = rewrite.moved(calm, days=21)
        assert_same(evaluate(*calm, policy=policy), evaluate(*later, policy=policy))


def splitting_intervals_changes_nothing(evaluate: Evaluate, dataset: Dataset) -> None:
    plan, tables = dataset
    for policy in POLICIES:
        split = evaluate(plan, rewrite.intervals_split(tables), policy=policy)
        assert_same(evaluate(plan, tables, policy=policy), split)


#: A share of activities: two halves are two of them.
COUNTS_ACTIVITIES = "schedule_adherence"


def splitting_activities_changes_nothing(evaluate: Evaluate, dataset: Dataset) -> None:
    plan, tables = dataset
    for policy in POLICIES:
        # Two halves of a batch member are one batch still; two halves of any other overlap nowhere.
        split = evaluate(plan, rewrite.activities_split(tables), policy=policy)
        whole = evaluate(plan, tables, policy=policy)
        assert_same({kpi: figure for kpi, figure in whole.items() if kpi != COUNTS_ACTIVITIES}, split)


def a_longer_horizon_never_costs_less(evaluate: Evaluate, dataset: Dataset) -> None:
    plan, tables = dataset
    longer = plan | {"plan": plan["plan"] | {"horizon_end": plan["plan"]["horizon_end"] + timedelta(hours=31)}}
    for policy in POLICIES:
        short, long = (evaluate(each, tables, policy=policy)["operating_expense"] for each in (plan, longer))
        assert at_most(short, long)
        assert known(short) or not known(long)


def a_batch_never_takes_more_than_its_members(evaluate: Evaluate, dataset: Dataset) -> None:
    plan, tables = dataset
    alone = rewrite.changed(tables, "activities", lambda row: [row | {"batch": None}])
    together, apart = (evaluate(plan, each)["drum_utilization"] for each in (tables, alone))
    assert together.status == apart.status
    assert at_most(together, apart)


def capacity_hours_never_exceed_elapsed_hours(evaluate: Evaluate, dataset: Dataset) -> None:
    plan, tables = dataset
    tables = rewrite.changed(tables, "activities", lambda row: [row | {"work_hours": None}])
    tables = rewrite.changed(tables, "jobs", lambda row: [row | {"revenue": "1e9"}])  # a throughput above 0
    elapsed, capacity = (
        evaluate(rewrite.with_flags(plan, tpdh_hours=word), tables)["throughput_per_drum_hour"]
        for word in ("elapsed", "capacity")
    )
    assert at_most(elapsed, capacity)
    assert known(elapsed) or not known(capacity)


def used_potential_overtime_never_exceeds_all_of_it(evaluate: Evaluate, dataset: Dataset) -> None:
    plan, tables = dataset
    used, every = (evaluate(rewrite.with_flags(plan, potential_overtime=word), tables) for word in ("used", "all"))
    for kpi in ("resource_overtime_cost", "operating_expense"):
        assert at_most(used[kpi], every[kpi])
        assert known(used[kpi]) or not known(every[kpi])
    assert at_most(every["drum_utilization"], used["drum_utilization"])


def carrying_to_the_operation_and_from_it_is_carrying_to_the_order(evaluate: Evaluate, dataset: Dataset) -> None:
    plan, tables = dataset
    to_operation = rewrite.with_flags(plan, wip_carry_until="op_end", wip_carry_clip="no")
    to_order = rewrite.with_flags(plan, wip_carry_until="mo_end", wip_carry_clip="no")
    before = evaluate(to_operation, tables)["wip_carrying_cost"]
    after = evaluate(to_order, rewrite.started_when_ended(tables))["wip_carrying_cost"]
    whole = evaluate(to_order, tables)["wip_carrying_cost"]
    if known(before, after, whole):
        gap = Fraction(before.value) + Fraction(after.value) - Fraction(whole.value)
        assert abs(gap) <= slack([before, after, whole])


def where_subcontract_is_charged_moves_only_jobs_outside_the_horizon(evaluate: Evaluate, dataset: Dataset) -> None:
    """So net profit is the same in T and in OE when every subcontracted job ends in the horizon."""
    plan, tables = dataset
    profits, charged = [], []
    for word in ("throughput", "operating_expense"):
        figures = evaluate(rewrite.with_flags(plan, subcontract_in=word), tables)
        profits.append(figures["net_profit"])
        charged.append(figures["subcontract_cost"])
    if known(*profits, *charged):
        left, right = (Fraction(p.value) + Fraction(c.value) for p, c in zip(profits, charged, strict=True))
        assert abs(left - right) <= slack([*profits, *charged])


def needing_it_sooner_never_earns_more(evaluate: Evaluate, dataset: Dataset) -> None:
    """The late penalty is at least 0 and grows with the delay."""
    plan, tables = dataset
    tables = rewrite.in_utc(tables)
    sooner = rewrite.changed(
        tables,
        "jobs",
        lambda row: [row | {"need_date": "1999-12-31T00:00:00Z" if row["job"] != "J0" else row["need_date"]}],
    )
    free = rewrite.changed(tables, "jobs", lambda row: [row | {"late_penalty_per_day": "0"}])
    early, late, unpunished = (evaluate(plan, each)["throughput"] for each in (tables, sooner, free))
    assert at_most(late, early)
    assert at_most(early, unpunished)


INVARIANTS = (
    net_profit_and_operating_expense_make_throughput,
    investment_less_inventory_is_capital,
    parts_sum_to_the_whole,
    stocks_of_periods_are_not_projected,
    a_plant_alone_is_its_share,
    order_of_rows_does_not_matter,
    local_times_are_the_same_instants_in_utc,
    money_scales_and_ratios_stay,
    whole_weeks_later_changes_nothing,
    splitting_intervals_changes_nothing,
    splitting_activities_changes_nothing,
    a_longer_horizon_never_costs_less,
    a_batch_never_takes_more_than_its_members,
    capacity_hours_never_exceed_elapsed_hours,
    used_potential_overtime_never_exceeds_all_of_it,
    carrying_to_the_operation_and_from_it_is_carrying_to_the_order,
    where_subcontract_is_charged_moves_only_jobs_outside_the_horizon,
    needing_it_sooner_never_earns_more,
)
