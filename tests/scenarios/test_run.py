"""Futures of whole scenarios: nothing uncertain is the plan, the same bits any way, one replication alone, pairs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields

import numpy as np
import polars as pl
import pytest

from tables import PLAN, tables
from tocfin.dataset import Dataset
from tocfin.errors import UsageError
from tocfin.examples import example_dataset, write_scenarios
from tocfin.kernels.slots import TERM_NAMES
from tocfin.kpi import CLOSING
from tocfin.measure import Figure, measure, plant_terms, rules_of
from tocfin.model.build import arranged, build
from tocfin.model.network import StartPolicy
from tocfin.scenarios.distributions import Distribution
from tocfin.scenarios.futures import future
from tocfin.scenarios.overrides import apply
from tocfin.scenarios.resolve import resolve
from tocfin.scenarios.run import Ensemble, replay, simulate
from tocfin.scenarios.spec import load
from tocfin.scenarios.uncertainty import Factor, Rule, Uncertainty
from tocfin.scenarios.world import World, prepared

HOUR = 3_600
SEED = 20_260_601


def world(dataset: Dataset, uncertainty: Uncertainty, start_policy: StartPolicy = "as planned") -> World:
    resolved, findings = resolve(uncertainty, dataset)
    assert not findings, [str(finding) for finding in findings]
    return prepared("drawn", dataset, resolved, start_policy=start_policy)


@pytest.fixture(scope="module")
def example() -> Dataset:
    return example_dataset()


@pytest.fixture(scope="module")
def worlds(example: Dataset, tmp_path_factory: pytest.TempPathFactory) -> list[World]:
    """Two shipped scenarios, with every kind of uncertainty that they declare."""
    folder = tmp_path_factory.mktemp("alternatives")
    (folder / "plant").mkdir()
    found = []
    for path in write_scenarios(folder / "scenarios", folder / "plant"):
        scenario, _ = load(path)
        assert scenario is not None
        if scenario.file.stem in ("base", "overtime"):
            applied = apply(scenario, example)
            resolved, _ = resolve(scenario.uncertainty, applied.dataset)
            work, policy = applied.activity_work, scenario.start_policy
            found.append(prepared(scenario.name, applied.dataset, resolved, activity_work=work, start_policy=policy))
    return found


@pytest.fixture(scope="module")
def ensemble(worlds: list[World]) -> Ensemble:
    return simulate(worlds, SEED, 200, threads=1)


def same(one: Ensemble, other: Ensemble) -> None:
    np.testing.assert_array_equal(one.terms.view(np.int64), other.terms.view(np.int64))
    np.testing.assert_array_equal(one.stuck, other.stuck)
    for name in (field.name for field in fields(Ensemble) if field.name.startswith(("job_", "resource_"))):
        for ours, theirs in zip(getattr(one, name), getattr(other, name), strict=True):
            np.testing.assert_array_equal(ours, theirs)


def known(figures: dict[str, Figure]) -> dict[str, Figure]:
    """All but closing stock, which the terms of a future do not hold: there it is said to be not projected."""
    return {name: figure for name, figure in figures.items() if name not in CLOSING.values()}


def test_closing_stock_is_not_projected_into_futures_rather_than_0(example: Dataset) -> None:
    plan = example.plan
    assert plan is not None
    certain = world(example, Uncertainty(off=frozenset(["duration", "breakdowns", "scrap"])))
    found = next(simulate([certain], SEED, 1, threads=1).figures(0, rules_of(plan, None), plan.currency))
    assert {(found[name].status, found[name].value) for name in CLOSING.values()} == {("not_projected", None)}


def test_nothing_uncertain_is_the_plan_in_every_replication(example: Dataset) -> None:
    off = frozenset(["duration", "breakdowns", "scrap"])
    certain = world(example, Uncertainty(off=off))
    found = simulate([certain], SEED, 65, threads=1)
    planned = plant_terms(build(example), 1).transpose(2, 1, 0)
    np.testing.assert_array_equal(found.terms[0], np.repeat(planned[..., None], 65, axis=-1))
    plan = example.plan
    assert plan is not None
    rules = rules_of(plan, None)
    assert known(next(found.figures(0, rules, plan.currency))) == known(measure(example).figures)


@pytest.mark.parametrize(("threads", "block"), [(2, 64), (1, 128), (2, 256)])
def test_threads_and_blocks_do_not_change_a_bit(
    worlds: list[World], ensemble: Ensemble, threads: int, block: int
) -> None:
    same(simulate(worlds, SEED, 200, threads=threads, block=block), ensemble)


def test_a_range_of_blocks_is_its_part_of_the_whole(worlds: list[World], ensemble: Ensemble) -> None:
    part = simulate(worlds, SEED, 200, threads=1, block_range=(1, 4))
    assert part.first == 64
    np.testing.assert_array_equal(part.terms, ensemble.terms[..., 64:])
    first = simulate(worlds, SEED, 200, threads=1, block_range=(0, 1))
    for one, other, whole in zip(first.job_late, part.job_late, ensemble.job_late, strict=True):
        np.testing.assert_array_equal(one + other, whole)


def test_a_scenario_alone_is_what_it_is_beside_others(worlds: list[World], ensemble: Ensemble) -> None:
    alone = simulate(worlds[1:], SEED, 200, threads=1)
    np.testing.assert_array_equal(alone.terms[0], ensemble.terms[1])


def test_one_replication_is_replayed_alone(worlds: list[World], ensemble: Ensemble) -> None:
    for number, one in enumerate(worlds):
        found = replay(one, SEED, 131)
        np.testing.assert_array_equal(found.terms, ensemble.terms[number, ..., 131])
        assert found.stuck == ensemble.stuck[number, 131]


def test_a_replayed_schedule_read_as_a_plan_has_the_same_kpis(example: Dataset) -> None:
    rules = (Rule("duration", "", "", distribution=Distribution("lognormal", (1.0, 0.3))),)
    one = world(example, Uncertainty(rules=rules, off=frozenset(["breakdowns", "scrap"])))
    found = replay(one, SEED, 5)
    plan = example.plan
    assert plan is not None
    place = arranged(
        {name: frame.with_columns(place=pl.int_range(pl.len())) for name, frame in example.tables.items()}, plan
    )["activities"]["place"].to_numpy()
    start, end = np.empty_like(found.start), np.empty_like(found.end)
    start[place], end[place] = found.start, found.end
    hours = one.model.schedule.activity_work_hours
    assert not hours.size
    moved = example.tables["activities"].with_columns(start=pl.Series(start), end=pl.Series(end))
    again = Dataset(example.name, None, plan, {**example.tables, "activities": moved}, ())
    planned = rules_of(plan, None)
    figures = measure(again, threads=1).figures
    for name, figure in known(found.figures(planned, plan.currency)).items():
        assert figure.status == figures[name].status
        assert figure.value == pytest.approx(figures[name].value, rel=1e-12)


def test_removing_a_job_leaves_the_draws_of_the_others(example: Dataset) -> None:
    rules = (
        Rule("duration", "", "", distribution=Distribution("lognormal", (1.0, 0.3)), factors={"week": 0.5}),
        Rule("release", "", "", distribution=Distribution("exponential", (3.0,))),
    )
    uncertainty = Uncertainty((Factor("week", "week", "resource"),), rules)
    gone = example.tables["jobs"]["job"][7]
    tables = dict(example.tables)
    tables["jobs"] = tables["jobs"].with_columns(
        cancelled=pl.when(pl.col("job") == gone).then(True).otherwise(pl.col("cancelled"))
    )
    less = Dataset(example.name, None, example.plan, tables, ())
    whole, part = (world(one, uncertainty) for one in (example, less))
    before, after = (future(one, SEED, 0, 64) for one in (whole, part))
    others = whole.activity_job != np.flatnonzero((whole.model.keys["job"] == gone).to_numpy())[0]
    np.testing.assert_array_equal(before.factor[others], after.factor[others])
    assert (after.factor[~others] == 1.0).all()


def chain(*hours: float, resource: Mapping[str, float] | None = None) -> Dataset:
    """One job of operations one after another, each on a resource of its own that is always available."""
    steps = range(len(hours))
    start = np.concatenate([[0], np.cumsum(hours)]) * HOUR + PLAN.clock
    rows = tables(
        resources=[{"resource": f"R{k}"} | dict(resource or {}) for k in steps],
        jobs=[{"need_date": int(start[-1])}],
        manufacturing_orders=[{}],
        operations=[{"operation": f"O{k}", "sequence": 10 * k} for k in steps],
        activities=[
            {"activity": f"A{k}", "operation": f"O{k}", "resource": f"R{k}"}
            | {"start": int(start[k]), "end": int(start[k + 1])}
            for k in steps
        ],
    )
    return Dataset("chain", None, PLAN, rows, ())


def ends(one: World, n: int) -> np.ndarray:
    """Hours from the clock to the end of the last activity, per replication."""
    blocks = [future(one, SEED, first, 1_024).end.max(axis=0) for first in range(0, n, 1_024)]
    return (np.concatenate(blocks) - PLAN.clock) / HOUR


def within(values: np.ndarray, mean: float, errors: float = 4.0) -> None:
    assert abs(values.mean() - mean) <= errors * values.std() / math.sqrt(values.size) + 1 / HOUR


def test_the_sum_of_lognormals_has_the_mean_and_variance_of_a_sum() -> None:
    rule = Rule("duration", "", "", distribution=Distribution("lognormal", (1.0, 0.4)))
    found = ends(world(chain(10, 20, 5), Uncertainty(rules=(rule,)), start_policy="as soon as possible"), 102_400)
    within(found, 35.0)
    within((found - 35.0) ** 2, 0.4**2 * (10**2 + 20**2 + 5**2))


def test_one_common_factor_has_the_variance_that_it_was_given() -> None:
    rule = Rule("duration", "", "", distribution=Distribution("normal", (1.0, 0.1)), factors={"plant": 0.8})
    one = world(chain(10, 10), Uncertainty((Factor("plant"),), (rule,)), start_policy="as soon as possible")
    found = ends(one, 102_400)
    within(found, 20.0)
    within((found - 20.0) ** 2, 1.0 + 1.0 + 2 * 0.8**2)  # of the two, and twice what they share


def test_breakdowns_are_a_renewal_process_by_hours_of_work() -> None:
    resource = {"mean_time_between_failures": 40.0, "mean_time_to_repair": 3.0}
    found = ends(world(chain(100, resource=resource), Uncertainty()), 102_400)
    within(found, 100 + 100 / 40 * 3)
    within((found - found.mean()) ** 2, 100 / 40 * 2 * 9)


def test_bad_work_is_done_again() -> None:
    rule = Rule(
        "scrap", "", "", distribution=Distribution("uniform", (0.0, 0.2)), settings={"rework": 0.5, "rework_work": 0.4}
    )
    within(ends(world(chain(50), Uncertainty(rules=(rule,))), 102_400), 50 * (1 + 0.1 * (0.5 + 0.5 * 0.4)))


def test_bad_pieces_of_a_lot_are_binomial() -> None:
    rows = dict(chain(50).tables)
    rows["operations"] = rows["operations"].with_columns(quantity=pl.lit(20.0), scrap_rate=pl.lit(0.03))
    rule = Rule("scrap", "", "", distribution=Distribution("binomial"))
    found = ends(world(Dataset("lot", None, PLAN, rows, ()), Uncertainty(rules=(rule,))), 102_400)
    bad = (found - 50) / 50 * 20
    np.testing.assert_allclose(bad, np.rint(bad), atol=1e-3)  # whole pieces, done once more
    within(bad, 20 * 0.03)
    within((bad - 0.6) ** 2, 20 * 0.03 * 0.97)
    within((np.rint(bad) == 0).astype(float), 0.97**20)


def test_rework_takes_time_on_the_drum_and_material() -> None:
    rows = dict(chain(10).tables)
    more = tables(
        items=[{}],
        material_requirements=[{"operation": "O0", "item": "I1", "required_qty": 7.0}],
        capacity_intervals=[{"resource": "R0", "start": PLAN.clock, "end": PLAN.horizon_end}],
    )
    rows |= {name: more[name] for name in ("items", "material_requirements", "capacity_intervals")}
    settings = {"rework": 0.5, "rework_work": 0.4, "rework_material": 0.2}
    rule = Rule("scrap", "", "", distribution=Distribution("constant", (0.1,)), settings=settings)
    plain, bad = (
        simulate([world(Dataset("rework", None, PLAN, rows, ()), one)], SEED, 1, threads=1).terms[0].sum(axis=(1, 2, 3))
        for one in (Uncertainty(), Uncertainty(rules=(rule,)))
    )
    found = {name: (plain[TERM_NAMES.index(name)], bad[TERM_NAMES.index(name)]) for name in TERM_NAMES}
    # Of 10 % half is made again, and half is reworked with 40 % of the work and 20 % of the material.
    assert found["drum_capacity_hours_all"] == pytest.approx((10.0, 10 * (1 + 0.1 * (0.5 + 0.5 * 0.4))))
    assert found["material_cost_all"] == pytest.approx((70.0, 70 * (1 + 0.1 * (0.5 + 0.5 * 0.2))))
    assert found["revenue"] == (1000.0, 1000.0)


def test_the_later_of_two_is_what_an_order_waits_for() -> None:
    rows = dict(chain(10, 10).tables)
    rows["operations"] = rows["operations"].with_columns(sequence=pl.lit(10, pl.Int64))
    rows["activities"] = rows["activities"].with_columns(start=pl.lit(PLAN.clock), end=pl.lit(PLAN.clock + 10 * HOUR))
    rule = Rule("duration", "", "", distribution=Distribution("exponential", (1.0,)))
    found = ends(world(Dataset("two", None, PLAN, rows, ()), Uncertainty(rules=(rule,))), 102_400)
    within(found, 10 * 1.5)  # the mean of the larger of two exponentials is 3/2, its variance 5/4
    within((found - 15) ** 2, 100 * 1.25)


def test_a_job_falls_away_as_often_as_it_is_said() -> None:
    rule = Rule("demand", "", "", settings={"cancelled": 0.3})
    one = world(chain(10), Uncertainty(rules=(rule,)))
    found = simulate([one], SEED, 10_240, threads=1, block=1_024)
    share = found.job_present[0][0] / 10_240
    assert abs(share - 0.7) < 4 * math.sqrt(0.3 * 0.7 / 10_240)
    revenue = found.terms[0, 0].sum(axis=(0, 1))
    assert set(np.unique(revenue).tolist()) == {0.0, 1000.0}


def test_scenarios_that_cannot_be_compared_are_refused(worlds: list[World]) -> None:
    with pytest.raises(UsageError, match="two scenarios are called 'base'"):
        simulate([worlds[0], worlds[0]], SEED, 64)
    with pytest.raises(UsageError, match="has other plants than"):
        simulate([worlds[0], world(chain(10), Uncertainty())], SEED, 64)
    with pytest.raises(UsageError, match="not within 0:1"):
        simulate(worlds, SEED, 64, block_range=(0, 2))


CALENDAR = [{"calendar": "C1", "days": "Mon-Fri", "start_time": "08:00", "end_time": "16:00"}]


def two_days_of_work() -> Dataset:
    """16 hours from Monday 8:00 to Tuesday 16:00, in shifts of 8 hours."""
    start = PLAN.clock + 8 * HOUR
    rows = dict(chain(10).tables)
    rows |= {name: frame for name, frame in tables(calendars=CALENDAR).items() if name == "calendars"}
    rows["resources"] = rows["resources"].with_columns(calendar=pl.lit("C1"))
    rows["activities"] = rows["activities"].with_columns(start=pl.lit(start), end=pl.lit(start + 32 * HOUR))
    return Dataset("shifts", None, PLAN, rows, ())


@pytest.mark.parametrize("per", ["shift", "day"])
def test_absence_takes_its_share_of_every_shift(per: str) -> None:
    rule = Rule("absence", "", "", distribution=Distribution("constant", (0.25,)), settings={"per": per})
    found = ends(world(two_days_of_work(), Uncertainty(rules=(rule,))), 64)
    assert set(found.tolist()) == {2 * 24 + 8 + 4.0}  # Wednesday noon: 2 hours of each of two shifts were lost


def test_other_hours_change_when_the_planned_work_is_done() -> None:
    base = two_days_of_work()
    monday = PLAN.clock
    longer = [{"resource": "R0", "start": monday + 16 * HOUR, "end": monday + 19 * HOUR, "interval_type": "Overtime"}]
    down = [{"resource": "R0", "start": monday, "end": monday + 48 * HOUR, "interval_type": "Maintenance"}]
    done = {"overtime": 24 + 13.0, "down": 3 * 24 + 16.0}  # Tuesday 13:00; Thursday 16:00
    for name, intervals in (("overtime", longer), ("down", down)):
        rows = {**base.tables, "capacity_intervals": tables(capacity_intervals=intervals)["capacity_intervals"]}
        changed = Dataset(name, None, PLAN, rows, ())
        resolved, _ = resolve(Uncertainty(), changed)
        assert set(ends(prepared(name, changed, resolved, base=base), 64).tolist()) == {done[name]}


def test_a_release_that_is_late_moves_the_work_through_its_calendar() -> None:
    rule = Rule("release", "", "", distribution=Distribution("constant", (9.0,)))
    found = ends(world(two_days_of_work(), Uncertainty(rules=(rule,))), 64)
    assert set(found.tolist()) == {2 * 24 + 16.0}  # Monday 17:00 is after hours, so from Tuesday to Wednesday


def test_material_that_is_late_moves_its_operation_alone() -> None:
    rows = dict(chain(10, 10).tables)
    need = [{"operation": "O1", "item": "I1", "required_qty": 2.0}, {"operation": "O0", "item": "I2"}]
    more = tables(items=[{}, {"item": "I2"}], material_requirements=need)
    rows |= {name: more[name] for name in ("items", "material_requirements")}
    rule = Rule("material", "", "", where={"item": ("I1",)}, distribution=Distribution("constant", (5.0,)))
    one = world(Dataset("late", None, PLAN, rows, ()), Uncertainty(rules=(rule,)))
    assert set(ends(one, 64).tolist()) == {25.0}
    assert set(((future(one, SEED, 0, 64).end[0] - PLAN.clock) / HOUR).tolist()) == {10.0}


def test_material_at_other_prices_changes_throughput_alone() -> None:
    rows = dict(chain(10).tables)
    more = tables(items=[{}], material_requirements=[{"operation": "O0", "item": "I1", "required_qty": 7.0}])
    rows |= {name: more[name] for name in ("items", "material_requirements")}
    rules = (
        Rule("material_cost", "", "", distribution=Distribution("constant", (1.5,))),
        Rule("price", "", "", distribution=Distribution("constant", (1.1,))),
    )
    one = world(Dataset("dear", None, PLAN, rows, ()), Uncertainty(rules=rules))
    found = simulate([one], SEED, 3, threads=1).terms[0].sum(axis=(1, 2))
    planned = plant_terms(one.model, 1).sum(axis=(0, 1))
    changed = {TERM_NAMES[term] for term in np.flatnonzero((found != planned[:, None]).any(axis=1))}
    assert changed >= {"revenue", "material_cost_all"}
    assert {name.removeprefix("drum_") for name in changed if "material" not in name} == {"revenue"}
    assert found[TERM_NAMES.index("material_cost_all")].tolist() == pytest.approx([105.0] * 3)
    assert found[TERM_NAMES.index("revenue")].tolist() == pytest.approx([1100.0] * 3)
