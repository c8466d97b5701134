"""The plan can be worked: checked from the written text, with calendars expanded by the reference."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from itertools import pairwise
from typing import Any

from reference.capacity import Capacity
from reference.entities import World
from reference.spans import Span, intersect, length
from reference.world import seconds

Rows = list[dict[str, str]]
Texts = tuple[dict[str, Any], dict[str, Rows]]


def instant(cell: str) -> int:
    return seconds(datetime.fromisoformat(cell))


def spans(texts: Texts) -> dict[str, tuple[int, int, list[str]]]:
    """Operation -> start, end and resources of its activity."""
    found: dict[str, tuple[int, int, list[str]]] = {}
    for row in texts[1]["activities"]:
        span = instant(row["start"]), instant(row["end"])
        *known, resources = found.setdefault(row["operation"], (*span, []))
        assert tuple(known) == span, "both resources of an operation work at the same time"
        resources.append(row["resource"])
    return found


def test_no_resource_does_two_things_at_once(texts: Texts) -> None:
    blocks: dict[str, set[tuple[int, int, str]]] = defaultdict(set)
    for row in texts[1]["activities"]:
        blocks[row["resource"]].add((instant(row["start"]), instant(row["end"]), row["batch"] or row["activity"]))
    for resource, busy in blocks.items():
        for (_, end, one), (start, _, other) in pairwise(sorted(busy)):
            assert end <= start, f"{resource}: {one} and {other}"


def test_work_takes_exactly_its_hours_of_available_time_and_begins_and_ends_inside_it(
    texts: Texts, world: World, capacity: Capacity
) -> None:
    hours = {row["operation"]: float(row["setup_hours"]) + float(row["run_hours"]) for row in texts[1]["operations"]}
    free: dict[tuple[str, ...], list[Span]] = {}
    for operation, (start, end, resources) in spans(texts).items():
        if (key := tuple(resources)) not in free:
            free[key] = capacity.available(world.resources[key[0]])
            for other in key[1:]:
                free[key] = intersect(free[key], capacity.available(world.resources[other]))
        worked = intersect(free[key], [(start, end)])
        assert length(worked) == round(hours[operation] * 3_600), operation
        assert (worked[0][0], worked[-1][1]) == (start, end), operation
        assert end - start <= 86_400, operation


def test_no_step_begins_before_those_ahead_of_it(texts: Texts) -> None:
    _, tables = texts
    when = spans(texts)
    steps: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for row in tables["operations"]:
        steps[row["manufacturing_order"]].append((int(row["sequence"]), row["operation"]))
    links = [(one, other, 0.0) for order in steps.values() for (_, one), (_, other) in pairwise(sorted(order))]
    links += [(row["predecessor"], row["successor"], float(row["lag_hours"])) for row in tables["precedences"]]
    for one, other, lag in links:
        if one in when and other in when:
            assert when[one][1] + lag * 3_600 <= when[other][0], f"{one} -> {other}"


def test_no_job_begins_before_its_release(texts: Texts) -> None:
    _, tables = texts
    released = {row["job"]: instant(row["release_date"]) for row in tables["jobs"]}
    job_of = {row["manufacturing_order"]: row["job"] for row in tables["manufacturing_orders"]}
    order_of = {row["operation"]: row["manufacturing_order"] for row in tables["operations"]}
    for operation, (start, _, _) in spans(texts).items():
        assert start >= released[job_of[order_of[operation]]], operation


def test_a_batch_is_one_span_on_one_resource(texts: Texts) -> None:
    batches: dict[str, set[tuple[str, str, str]]] = defaultdict(set)
    for row in texts[1]["activities"]:
        if row["batch"]:
            batches[row["batch"]].add((row["resource"], row["start"], row["end"]))
    assert len(batches) > 100
    assert all(len(spans) == 1 for spans in batches.values())


def test_the_drum_is_the_most_loaded_resource_of_its_plant(world: World, capacity: Capacity) -> None:
    horizon = [(world.clock, world.horizon_end)]
    busy: dict[str, set[Span]] = defaultdict(set)
    for activity in world.activities:
        busy[activity.resource.key].add((activity.start, activity.end))
    load = {}
    for key, blocks in busy.items():
        free = intersect(capacity.available(world.resources[key]), horizon)
        load[key] = sum(length(intersect(free, [block])) for block in blocks) / length(free)
    for plant in world.plants:
        here = {key: share for key, share in load.items() if world.resources[key].plant.key == plant}
        drum = max(here, key=lambda key: here[key])
        assert world.resources[drum].drum
        assert 0.80 <= here.pop(drum) <= 0.95
        assert max(here.values()) < 0.75
        assert min(here.values()) > 0.10


def test_most_jobs_are_on_time_and_some_end_after_the_horizon(world: World) -> None:
    done = [job for job in world.jobs.values() if job.scheduled]
    inside = [job for job in done if world.clock <= job.end < world.horizon_end]
    assert 0.75 <= sum(job.end <= job.need for job in inside) / len(inside) <= 0.90
    assert sum(job.end >= world.horizon_end for job in done) >= 10
    assert sum(job.end < world.clock for job in done) >= 10
    assert sum(not job.scheduled and not job.cancelled for job in world.jobs.values()) == 3


def test_what_was_reported_lies_before_the_clock(texts: Texts, world: World) -> None:
    for row in texts[1]["activities"]:
        if row["status"] == "Planned":
            assert instant(row["start"]) >= world.clock
            assert not row["actual_start"]
        else:
            assert instant(row["actual_start"]) <= world.clock
        if row["status"] == "Finished":
            assert instant(row["actual_start"]) < instant(row["actual_end"]) <= world.clock
