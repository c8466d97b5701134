"""Seeded small plants whose plans have much to gain: tight need dates, penalties, alternatives, potential overtime."""

from __future__ import annotations

from typing import Any

import numpy as np

from tables import PLAN, tables
from tocfin.dataset import Dataset
from tocfin.reschedule.clock import Clock

HOUR, DAY = 3_600, 86_400
STATIONS = ("saw", "mill 1", "mill 2", "drill", "grind", "test")
ROUTES = (("saw", "mill 1", "grind", "test"), ("saw", "drill", "grind"), ("mill 2", "drill", "test"),
          ("saw", "mill 2", "grind", "test"))  # fmt: skip
OTHER = {"mill 1": "mill 2", "mill 2": "mill 1"}


def odd_plant(seed: int, n_job: int = 30) -> Dataset:
    """One plant of six stations, two weeks, ``n_job`` jobs in the order in which they came, laid one after another."""
    rng = np.random.Generator(np.random.PCG64(seed))
    routes = [ROUTES[k] for k in rng.integers(0, len(ROUTES), n_job)]
    steps = [(j, s, station) for j, route in enumerate(routes) for s, station in enumerate(route)]
    hours = {(j, s): 0.25 * int(rng.integers(2, 17)) for j, s, _ in steps}
    laid = _laid(steps, hours)
    ends = {j: max(end for (k, _), (_, end) in laid.items() if k == j) for j in range(n_job)}
    span = max(ends.values()) - PLAN.clock
    jobs = [
        {
            "job": f"J{j}",
            "revenue": float(rng.integers(20, 200)) * 100.0,
            "late_penalty_per_day": float(rng.integers(1, 40)) * 50.0,
            "need_date": PLAN.clock + int(span * rng.uniform(0.15, 0.9)) // HOUR * HOUR,
        }
        for j in range(n_job)
    ]
    return Dataset(f"odd {seed}", None, PLAN, tables(
        resources=[{"resource": key, "calendar": "day", "drum": key == "grind"} for key in STATIONS],
        calendars=[{"calendar": "day", "start_time": "06:00", "end_time": "18:00"},
                   {"calendar": "day", "days": "Sat", "start_time": "06:00", "end_time": "14:00",
                    "interval_type": "PotentialOvertime"}],
        jobs=jobs,
        manufacturing_orders=[{"manufacturing_order": f"M{j}", "job": f"J{j}"} for j in range(n_job)],
        operations=[{"operation": f"O{j}.{s}", "manufacturing_order": f"M{j}", "sequence": 10 * s,
                     "carrying_cost_per_day": 5.0} for j, s, _ in steps],
        alternatives=[{"operation": f"O{j}.{s}", "resource": OTHER[at], "run_hours": 1.25 * hours[j, s]}
                      for j, s, at in steps if at in OTHER],
        activities=[{"activity": f"A{j}.{s}", "operation": f"O{j}.{s}", "resource": at,
                     "start": laid[j, s][0], "end": laid[j, s][1]} for j, s, at in steps],
    ), ())  # fmt: skip


def _laid(steps: list[tuple[int, int, str]], hours: dict[Any, float]) -> dict[Any, tuple[int, int]]:
    """Each step behind the one before it and behind what is on its station, inside 6 to 18 on weekdays."""
    free: dict[str, int] = {}
    done: dict[int, int] = {}
    laid = {}
    for j, s, station in steps:
        start = _open(max(free.get(station, PLAN.clock), done.get(j, PLAN.clock)))
        end = _worked(start, round(hours[j, s] * HOUR))
        laid[j, s] = start, end
        free[station] = done[j] = end
    return laid


def _open(at: int) -> int:
    """The first working second from ``at`` on; 2026-06-01 is a Monday."""
    while True:
        day, second = divmod(at - PLAN.clock, DAY)
        if day % 7 >= 5 or second >= 18 * HOUR:
            at = PLAN.clock + (day + 1) * DAY + 6 * HOUR
        elif second < 6 * HOUR:
            at = PLAN.clock + day * DAY + 6 * HOUR
        else:
            return at


def _worked(at: int, seconds: int) -> int:
    while True:
        close = PLAN.clock + (at - PLAN.clock) // DAY * DAY + 18 * HOUR
        if seconds <= close - at:
            return at + seconds
        seconds -= close - at
        at = _open(close)


def work(moves: int) -> Clock:
    """A clock that counts moves."""
    return Clock(0, work=moves)
