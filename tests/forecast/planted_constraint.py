"""Plants whose constraint is known because it was planted: the machine with the most work for its ordinary hours."""

from __future__ import annotations

from dataclasses import replace
from heapq import heappop, heappush
from pathlib import Path
from typing import Any

import numpy as np

from tables import PLAN, tables
from tocfin.dataset import Dataset
from tocfin.dataset.page import Page
from tocfin.forecast.variants import Asked, asked_of
from tocfin.scenarios.uncertainty import read_uncertainty

HOUR, DAY = 3_600, 86_400
MACHINES, JOBS, STEPS, DAYS = 6, 240, 4, 28
OPENS, OPEN = 6 * HOUR, 16  # from 06:00 for 16 hours, every day of a week
#: Work of the constraint for its hours of four weeks: more than fits, so that some of it earns later only.
LOADED = 1.06


def planted(seed: int, *, hidden: bool = False) -> tuple[Dataset, str, bool]:
    """A data set, its constraint, and whether the second most loaded machine is within 10 % of it.

    ``hidden``: the constraint works nights too, as overtime, so that the second is loaded more than it is.
    """
    draw = np.random.default_rng(seed)
    close = seed % 2 == 0
    load = np.sort(draw.uniform(0.5, 0.8, MACHINES))[::-1] * LOADED
    load[0], load[1] = LOADED, LOADED * (draw.uniform(0.9, 0.95) if close else draw.uniform(0.7, 0.85))
    name = [f"M{m}" for m in draw.permutation(MACHINES)]
    routes = [_route(draw) for _ in range(JOBS)]
    hours = [draw.uniform(0.5, 1.5, STEPS) for _ in range(JOBS)]
    asked = np.zeros(MACHINES)
    for route, some in zip(routes, hours, strict=True):
        np.add.at(asked, route, some)
    scale = load * DAYS * OPEN / asked
    work = [
        np.maximum(np.rint(some * scale[route] * HOUR / 60) * 60, 60).astype(np.int64)
        for route, some in zip(routes, hours, strict=True)
    ]
    due = draw.uniform(2, 1.4 * DAYS, JOBS) * DAY
    start = _laid(routes, work, due, hidden)
    return _dataset(name, routes, work, due, start, hidden), name[0], close


def _route(draw: np.random.Generator) -> Any:
    """Every job needs the constraint, and some of the others, in any order."""
    return draw.permutation([0, *(1 + draw.permutation(MACHINES - 1)[: STEPS - 1])])


def question(dataset: Dataset, seed: int) -> Asked:
    """The plant with work that varies."""
    rules = {"duration": [{"all": True, "distribution": "lognormal", "cv": 0.3}]}
    declared = read_uncertainty(Page("planted"), {"uncertainty": rules}, Path())
    return asked_of(dataset, policy="reconciled", seed=seed, uncertainty=declared)


def _laid(routes: Any, work: Any, due: Any, nights: bool) -> dict[tuple[int, int], tuple[int, int]]:
    """Start and end [s] of every step: whenever a machine is free it takes what waits there and is due first."""
    found: dict[tuple[int, int], tuple[int, int]] = {}
    waiting: list[list[tuple[float, int, int]]] = [[] for _ in range(MACHINES)]
    busy = [False] * MACHINES
    events: list[tuple[int, int, int]] = []  # (end, job, step)

    def begin(machine: int, now: int) -> None:
        if waiting[machine] and not busy[machine]:
            _, job, step = heappop(waiting[machine])
            found[job, step] = _through(now, int(work[job][step]), nights and machine == 0)
            busy[machine] = True
            heappush(events, (found[job, step][1], job, step))

    for job in range(JOBS):
        heappush(waiting[routes[job][0]], (float(due[job]), job, 0))
    for machine in range(MACHINES):
        begin(machine, 0)
    while events:
        now, job, step = heappop(events)
        busy[routes[job][step]] = False
        if step + 1 < STEPS:
            heappush(waiting[routes[job][step + 1]], (float(due[job]), job, step + 1))
            begin(routes[job][step + 1], now)
        begin(routes[job][step], now)
    return found


def _through(at: int, left: int, nights: bool) -> tuple[int, int]:
    """From when to when ``left`` seconds of work take, from ``at`` on."""
    if nights:
        return at, at + left
    begin = -1
    while True:
        day = at // DAY * DAY
        opens, closes = max(at, day + OPENS), day + OPENS + OPEN * HOUR
        if opens < closes:
            begin = opens if begin < 0 else begin
            if left <= closes - opens:
                return begin, opens + left
            left -= closes - opens
        at = day + DAY


def _dataset(name: list[str], routes: Any, work: Any, due: Any, start: Any, nights: bool) -> Dataset:
    steps = [(job, step) for job in range(JOBS) for step in range(STEPS)]
    key = {(job, step): f"J{job:02}-{step}" for job, step in steps}
    calendars = [{"calendar": "day", "days": "Mon-Sun", "start_time": "06:00", "end_time": "22:00"}]
    if nights:
        night = {"start_time": "22:00", "end_time": "06:00", "interval_type": "Overtime"}
        calendars += [calendars[0] | {"calendar": "round"}, calendars[0] | {"calendar": "round"} | night]
    return Dataset("planted", None, replace(PLAN, horizon_end=PLAN.clock + DAYS * DAY), tables(
        resources=[
            {"resource": name[m], "drum": m == 0, "calendar": "round" if nights and m == 0 else "day"}
            for m in range(MACHINES)
        ],
        calendars=calendars,
        jobs=[{"job": f"J{job:02}", "need_date": PLAN.clock + int(due[job])} for job in range(JOBS)],
        manufacturing_orders=[{"manufacturing_order": f"O{job:02}", "job": f"J{job:02}"} for job in range(JOBS)],
        operations=[
            {"operation": key[job, step], "manufacturing_order": f"O{job:02}", "sequence": step} for job, step in steps
        ],
        activities=[
            {"activity": key[job, step], "operation": key[job, step], "resource": name[routes[job][step]]}
            | {"start": PLAN.clock + start[job, step][0], "end": PLAN.clock + start[job, step][1]}
            for job, step in steps
        ],
    ), ())  # fmt: skip
