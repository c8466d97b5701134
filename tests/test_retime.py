"""The kernel against plain Python: every activity of every drawn plan to the second; and without noise, the plan."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import product
from cells import Dataset as Drawn
from cells import written
from reference.capacity import ONLINE_TYPES, expand, resolve
from reference.world import build as world_of
from retimer import Key, Noise, Retimer, Span, merged
from shared_data import shared_data
from strategies import HOUR, datasets
from tables import PLAN, tables
from tocfin.dataset import Dataset, read
from tocfin.dataset.imports import import_dataset
from tocfin.dataset.plan import Unconfirmed
from tocfin.dataset.plan import build as plan_of
from tocfin.dataset.write import write
from tocfin.examples import example_dataset
from tocfin.kernels.noise import stretch
from tocfin.kernels.retime import retime
from tocfin.measure import plant_terms
from tocfin.model.build import arranged, build
from tocfin.model.network import StartPolicy, margin, network
from tocfin.model.progress import anchors, progress
from tocfin.model.standing import standing

DAY = 86_400
LANES = 3
POLICIES: tuple[StartPolicy, ...] = ("as planned", "as soon as possible")
nasty = settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


@st.composite
def futures(draw: st.DrawFn) -> tuple[Drawn, StartPolicy, list[dict[str, Any]]]:
    """A drawn plan with releases, precedences, units and infinite resources, and what some futures of it draw."""
    plan, cells = draw(datasets())
    zones = {row["plant"]: row["timezone"] or "UTC" for row in cells["plants"]}
    only = cells["plants"][0]["plant"]
    clock = int(plan["plan"]["clock"].timestamp())
    for row in cells["resources"]:
        row["units"] = draw(st.sampled_from((None, None, "1", "2", "3")))
        row["finite"] = draw(st.sampled_from((None, None, None, "true", "false")))
    for row in cells["jobs"]:
        if draw(st.integers(0, 2)) == 0:
            zone = zones[row["plant"] or only]
            row["release_date"] = written(clock + draw(st.integers(-30, 60)) * HOUR, zone, 0)
    if draw(st.integers(0, 2)):
        tidy(draw, cells, clock)
    operations = [row["operation"] for row in cells["operations"]]
    links: list[dict[str, Any]] = []
    for after in range(1, len(operations)):
        if draw(st.integers(0, 3)) == 0:
            before = draw(st.integers(0, after - 1))
            lag = draw(st.sampled_from((None, "0", "1.5", "-2", "0.00042")))
            links.append({"predecessor": operations[before], "successor": operations[after], "lag_hours": lag})
    if links:
        cells["precedences"] = links
    for row in cells["activities"]:
        if draw(st.integers(0, 7)) == 0:
            row["actual_start"] = None
            row["actual_end"] = written(clock + draw(st.integers(-5, 2)) * HOUR, "UTC", 0)
    keys = [(row["activity"], row["resource"]) for row in cells["activities"]]
    jobs = [row["job"] for row in cells["jobs"]]
    factor = st.sampled_from((1.0, 1.0, 0.0, 0.5, 1.3, 3.7, 40.0)) | st.floats(0.2, 3.0)
    lanes = [
        {
            "factor": {key: draw(factor) for key in keys},
            "not_before": {
                key: clock + draw(st.integers(-20, 80)) * 1_000 for key in keys if not draw(st.integers(0, 4))
            },
            "absent": [job for job in jobs if not draw(st.integers(0, 3))],
        }
        for _ in range(LANES)
    ]
    return (plan, cells), draw(st.sampled_from(POLICIES)), lanes


def tidy(draw: st.DrawFn, tables: dict[str, list[Any]], clock: int) -> None:
    """Times that follow each other along orders and resources, as planners make them, now and then with a gap."""
    order = {row["operation"]: row["manufacturing_order"] for row in tables["operations"]}
    free: dict[str, int] = {}
    last: dict[str, tuple[str, int]] = {}
    reached: dict[str, int] = {}
    for row in tables["activities"]:
        name = order[row["operation"]]
        if last.get(name, ("", 0))[0] != row["operation"]:
            last[name] = (row["operation"], reached.get(name, clock))
        start = max(free.get(row["resource"], clock), last[name][1]) + draw(st.sampled_from((0, 0, 0, 900, 7 * HOUR)))
        end = start + draw(st.sampled_from((0, 1, 2, 5, 8, 26))) * HOUR
        free[row["resource"]], reached[name] = end, max(reached.get(name, clock), end)
        row["start"], row["end"] = (written(instant, "UTC", 0) for instant in (start, end))


def hours(plan: dict[str, Any], tables: dict[str, list[Any]], dataset: Dataset) -> dict[str, list[Span]]:
    """Available spans by the reference's calendars, over the days that the product expands."""
    world = world_of(plan, tables)
    far = margin(dataset) // DAY
    first = min([world.clock, *(a.start for a in world.activities)]) // DAY - 2
    last = max([world.horizon_end, *(a.end for a in world.activities)]) // DAY + 1 + far
    ends = [datetime.fromtimestamp(day * DAY, UTC).date() for day in (first, last)]
    found = {}
    for key, resource in world.resources.items():
        zone: ZoneInfo = resource.plant.zone
        recurring = expand(world.calendars[resource.calendar], zone, *ends) if resource.calendar else []
        timeline = resolve([*recurring, *resource.intervals])
        pieces = [(start, end, name) for name in ONLINE_TYPES for start, end in timeline[name]]
        found[key] = merged(pieces) if resource.active else []
    return found


def retimed(
    dataset: Dataset, policy: StartPolicy, lanes: list[dict[str, Any]], at: tuple[int, Unconfirmed] | None = None
) -> tuple[list[dict[Key, Span]], NDArray[np.int32], dict[str, int]]:
    """Times by lane and row, from the kernel; ``at`` an instant, with what becomes of unconfirmed work."""
    model = build(dataset, beyond=margin(dataset))
    frames = arranged(dataset.tables, dataset.require().plan)
    state = None if at is None else standing(model, frames, *at)
    net, dropped = network(model, frames, policy, standing=state)
    rows = list(frames["activities"].select("activity", "resource").iter_rows())
    shape = (len(rows), len(lanes))
    factor, not_before = np.ones(shape), np.full(shape, -(2**62))
    absent = np.zeros((frames["jobs"].height, len(lanes)), np.uint8)
    for s, lane in enumerate(lanes):
        factor[:, s] = [lane["factor"].get(row, 1.0) for row in rows]
        not_before[:, s] = [lane["not_before"].get(row, -(2**62)) for row in rows]
        absent[:, s] = frames["jobs"]["job"].is_in(lane["absent"]).to_numpy()
    work = np.zeros(shape, np.int64)
    start, end = (np.repeat(np.zeros((shape[0], 1), np.int64), shape[1], axis=1) for _ in range(2))
    stuck = np.full(len(lanes), -1, np.int32)
    stretch(net.member_row, net.member_work, factor, work)
    if state is not None:
        start[:], end[:] = state.start[:, None], state.end[:, None]
    retime(net, anchors(model.schedule, state), work, not_before, absent, start, end, stuck)
    members = net.member_row
    if state is not None:
        start[state.begun] = state.start[state.begun, None]
        members = np.flatnonzero(~frames["activities"]["cancelled"].to_numpy())
    times = [{rows[row]: (int(start[row, s]), int(end[row, s])) for row in members.tolist()} for s in range(len(lanes))]
    return times, stuck, dropped


@nasty
@given(drawn=futures())
def test_every_future_is_timed_as_plain_python_times_it(
    drawn: tuple[Drawn, StartPolicy, list[dict[str, Any]]],
) -> None:
    (plan, tables), policy, lanes = drawn
    dataset = product.dataset(plan, tables)
    exact = Retimer(dataset, hours(plan, tables, dataset), policy)
    times, stuck, dropped = retimed(dataset, policy, lanes)
    assert dropped == dict(+exact.dropped)
    for s, lane in enumerate(lanes):
        noise = Noise(lane["factor"], lane["not_before"], frozenset(lane["absent"]))
        found = exact.retime(noise)
        assert times[s] == found.times
        assert (stuck[s] >= 0) == found.stuck


@settings(nasty, max_examples=40)
@given(drawn=futures(), draw=st.data())
def test_a_half_finished_plan_is_timed_as_plain_python_times_it(
    drawn: tuple[Drawn, StartPolicy, list[dict[str, Any]]], draw: st.DataObject
) -> None:
    (plan, tables), policy, lanes = drawn
    as_of = half_finished(draw.draw, plan, tables)
    rule: Unconfirmed = draw.draw(st.sampled_from(("not_done", "as_planned")))
    dataset = product.dataset(plan, tables)
    exact = Retimer(dataset, hours(plan, tables, dataset), policy, as_of, rule)
    times, stuck, dropped = retimed(dataset, policy, lanes, (as_of, rule))
    assert dropped == dict(+exact.dropped)
    found = progress(dataset, as_of, rule)
    keys = found.frames["activities"].select("activity", "resource").rows()
    assert {keys[row] for row in found.standing.missing.tolist()} == exact.missing
    for s, lane in enumerate(lanes):
        future = exact.retime(Noise(lane["factor"], lane["not_before"], frozenset(lane["absent"])))
        gone = {row.key for row in exact.rows.values() if row.job in lane["absent"]}
        assert {k: v for k, v in times[s].items() if k not in gone} == {
            k: v for k, v in future.times.items() if k not in gone
        }
        assert (stuck[s] >= 0) == future.stuck


def half_finished(draw: Any, plan: dict[str, Any], tables: dict[str, list[Any]]) -> int:
    """Statuses, actual times, quantities and late confirmations in the rows of a drawn plan; as of when."""
    clock = int(plan["plan"]["clock"].timestamp())
    as_of: int = clock + draw(st.sampled_from((0, 0, 7, 30, 61))) * HOUR
    for row in [*tables["operations"], *tables["jobs"], *tables["manufacturing_orders"]]:
        row["quantity"] = draw(st.sampled_from((None, "10", "0")))
    for row in tables["operations"]:
        row["good_qty"] = draw(st.sampled_from((None, None, "0", "4", "10", "12.5")))

    def some(low: int) -> str:
        return written(as_of + draw(st.integers(low, 8)) * 1_700, "UTC", 0)

    for row in tables["activities"]:
        status = draw(st.sampled_from((None, None, "Planned", "Started", "Started", "Finished", "Finished")))
        begun = status in ("Started", "Finished") and draw(st.integers(0, 4)) > 0
        row["status"], row["actual_start"], row["actual_end"] = status, some(-60) if begun else None, None
        if status == "Finished" and draw(st.integers(0, 4)):
            row["actual_end"] = max(some(-40), row["actual_start"] or "")
        row["remaining_hours"] = draw(st.sampled_from((None, None, "0", "1.5", "0.00041")))
        row["quantity"] = draw(st.sampled_from((None, None, "4", "6")))
        row["recorded_at"] = draw(st.sampled_from((None, None, None, some(-3))))
    return as_of


@nasty
@given(drawn=datasets())
def test_without_noise_every_plan_comes_out_as_it_is(drawn: Drawn) -> None:
    comes_out_as_planned(product.dataset(*drawn))


def test_batches_that_would_wait_for_each_other_do_not_hang() -> None:
    """In each batch one member waits for the other batch: the edge that closes the circle is dropped."""
    places = {"O1": ("R1", 0, 5), "O2": ("R2", 6, 7), "O3": ("R2", 10, 11), "O4": ("R1", 12, 13)}
    rows = tables(
        resources=[{"resource": "R1"}, {"resource": "R2"}],
        jobs=[{}],
        manufacturing_orders=[{}, {"manufacturing_order": "M2"}],
        operations=[
            {"operation": name, "manufacturing_order": order, "sequence": sequence}
            for name, order, sequence in (("O1", "M1", 10), ("O2", "M1", 20), ("O3", "M2", 10), ("O4", "M2", 20))
        ],
        activities=[
            {"activity": f"A{name}", "operation": name, "resource": resource, "batch": resource}
            | {"start": PLAN.clock + start * HOUR, "end": PLAN.clock + end * HOUR}
            for name, (resource, start, end) in places.items()
        ],
    )
    dataset = Dataset("circle", None, PLAN, rows, ())
    lanes = [{"factor": {(f"A{name}", places[name][0]): 9.0}, "not_before": {}, "absent": []} for name in places]
    times, _, dropped = retimed(dataset, "as planned", lanes)
    exact = Retimer(dataset, {})
    assert dropped == dict(+exact.dropped) == {"cycle": 1}
    assert times == [exact.retime(Noise(lane["factor"])).times for lane in lanes]


def comes_out_as_planned(dataset: Dataset) -> None:
    """Every activity to the second, every term to the bit."""
    model = build(dataset, beyond=margin(dataset))
    net, _ = network(model, arranged(dataset.tables, dataset.require().plan))
    planned = model.schedule
    work = np.zeros((planned.activity_start.size, 1), np.int64)
    stretch(net.member_row, net.member_work, np.ones(work.shape), work)
    none = np.zeros((0, 0), np.int64)
    start, end = planned.activity_start.reshape(-1, 1).copy(), planned.activity_end.reshape(-1, 1).copy()
    start[net.member_row], end[net.member_row] = 0, 0
    stuck = np.full(1, -1, np.int32)
    retime(net, planned.activity_start, work, none, none.astype(np.uint8), start, end, stuck)
    np.testing.assert_array_equal(start[:, 0], planned.activity_start)
    np.testing.assert_array_equal(end[:, 0], planned.activity_end)
    assert stuck[0] < 0
    np.testing.assert_array_equal(plant_terms(model, 1), plant_terms(build(dataset), 1))


def test_without_noise_the_example_plant_comes_out_as_planned() -> None:
    comes_out_as_planned(example_dataset())


def test_without_noise_mini1_comes_out_as_planned() -> None:
    comes_out_as_planned(read(shared_data("mini1")))


def test_without_noise_a_month_of_adventureworks_comes_out_as_planned(tmp_path: Path) -> None:
    start, end = (int(datetime(2014, month, 1, tzinfo=UTC).timestamp()) for month in (5, 6))
    found = import_dataset("adventureworks", shared_data("adventureworks"), start=start, end=end)
    plan, _ = plan_of(found.plan, "plan.toml", "imported")
    assert plan is not None
    comes_out_as_planned(read(write(found.tables, plan, tmp_path / "imported", form="parquet")))
