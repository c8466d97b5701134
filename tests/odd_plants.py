"""Seeded small plants whose plans have much to gain: tight need dates, penalties, alternatives, potential overtime."""

from __future__ import annotations

from typing import Any

import numpy as np

from tables import PLAN, tables
from tocfin.dataset import Dataset

HOUR, DAY = 3_600, 86_400
STATIONS = ("saw", "mill 1", "mill 2", "drill", "grind", "test")
ROUTES = (("saw", "mill 1", "grind", "test"), ("saw", "drill", "grind"), ("mill 2", "drill", "test"),
          ("saw", "mill 2", "grind", "test"))  # fmt: skip
OTHER = {"mill 1": "mill 2", "mill 2": "mill 1"}


def odd_plant(seed: int, n_job: int = 30) -> Dataset:
    """One plant of six stations, ``n_job`` jobs in the order in which they came, laid one after another."""
    return Dataset(f"odd {seed}", None, PLAN, tables(**odd_rows(seed, n_job)), ())


def odd_rows(seed: int, n_job: int) -> dict[str, list[dict[str, Any]]]:
    """Rows of its tables."""
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
    return {
        "resources": [{"resource": key, "calendar": "day", "drum": key == "grind"} for key in STATIONS],
        "calendars": [{"calendar": "day", "start_time": "06:00", "end_time": "18:00"},
                      {"calendar": "day", "days": "Sat", "start_time": "06:00", "end_time": "14:00",
                       "interval_type": "PotentialOvertime"}],
        "jobs": jobs,
        "manufacturing_orders": [{"manufacturing_order": f"M{j}", "job": f"J{j}"} for j in range(n_job)],
        "operations": [{"operation": f"O{j}.{s}", "manufacturing_order": f"M{j}", "sequence": 10 * s,
                        "carrying_cost_per_day": 5.0} for j, s, _ in steps],
        "alternatives": [{"operation": f"O{j}.{s}", "resource": OTHER[at], "run_hours": 1.25 * hours[j, s]}
                         for j, s, at in steps if at in OTHER],
        "activities": [{"activity": f"A{j}.{s}", "operation": f"O{j}.{s}", "resource": at,
                        "start": laid[j, s][0], "end": laid[j, s][1]} for j, s, at in steps],
    }  # fmt: skip


def rich_plant(seed: int, n_job: int = 8) -> Dataset:
    """An odd plant with one of everything: history, a batch, a crew, lags, setups, a release, two units, material."""
    rows = odd_rows(seed, n_job)
    rows["resources"] += [{"resource": key, "calendar": "day"} for key in ("oven", "crew", "paint")]
    rows["resources"].append({"resource": "twin", "calendar": "day", "units": 2})
    rows["items"] = [{"item": key, "item_type": "FinishedGood", "family": key} for key in ("red", "blue")]
    rows["items"] += [{"item": key, "item_type": "Purchased"} for key in ("steel", "frame")]
    rows["warehouses"] = [{}]
    rows["supplies"] = [{"supply": "S1", "item": "steel", "warehouse": "W1", "qty": 1.0,
                         "due": PLAN.clock + 2 * DAY + 12 * HOUR}]  # fmt: skip
    rows["material_requirements"] = [{"operation": "OS", "item": "steel"}, {"operation": "OZ", "item": "frame"}]
    rows["setups"] = [{"resource": "paint", "from_family": one, "to_family": other, "hours": 1.0}
                      for one, other in (("red", "blue"), ("blue", "red"))]  # fmt: skip
    rows["jobs"][0]["commitment"] = "Firm"
    one = {"H": ("oven", 0, 6, 4, {"status": "Started"}), "X": ("oven", 0, 10, 4, {"batch": "b"}),
           "Y": ("oven", 0, 10, 4, {"batch": "b"}), "P": ("paint", 0, 6, 3, {}), "Q": ("paint", 0, 10, 3, {}),
           "T": ("paint", 0, 14, 3, {}), "L": ("twin", 0, 6, 3, {}), "N": ("crew", 0, 14, 2, {}),
           "R": ("twin", 1, 6, 2, {}), "U": ("twin", 0, 6, 4, {}), "V": ("twin", 0, 10, 5, {}),
           "C": ("crew", 2, 6, 2, {}), "S": ("crew", 3, 6, 2, {}), "K": ("oven", 1, 6, 2, {}),
           "Z": ("crew", 3, 8, 2, {}), "W": ("twin", 2, 6, 3, {})}  # fmt: skip
    more: dict[str, dict[str, Any]] = {
        "P": {"product": "red"}, "Q": {"product": "blue"}, "T": {"product": "red"}, "C": {"cancelled": True},
        "K": {"product": "frame", "quantity": 1.0, "purpose": "Stock"},
        "R": {"release_date": PLAN.clock + DAY + 6 * HOUR},
    }  # fmt: skip
    for job, (resource, day, hour, hours, cells) in one.items():
        start = PLAN.clock + day * DAY + hour * HOUR
        rows["jobs"].append({"job": job, "need_date": PLAN.clock + 9 * DAY} | more.get(job, {}))
        rows["manufacturing_orders"].append({"manufacturing_order": f"M{job}", "job": job})
        rows["operations"].append({"operation": f"O{job}", "manufacturing_order": f"M{job}"})
        rows["activities"].append({"activity": f"A{job}", "operation": f"O{job}", "resource": resource,
                                   "start": start, "end": start + hours * HOUR} | cells)  # fmt: skip
    both = dict(rows["activities"][-1]) | {"resource": "crew"}
    rows["activities"].append(both)
    rows["precedences"] = [{"predecessor": "OL", "successor": "ON", "lag_hours": 4.0}]
    return Dataset(f"rich {seed}", None, PLAN, tables(**rows), ())


def _laid(steps: list[tuple[int, int, str]], hours: dict[Any, float]) -> dict[Any, tuple[int, int]]:
    """Each step behind the one before it and behind what is on its station, inside 6 to 18 on weekdays."""
    free: dict[str, int] = {}
    done: dict[int, int] = {}
    laid = {}
    for j, s, station in steps:
        start = opening(max(free.get(station, PLAN.clock), done.get(j, PLAN.clock)))
        end = worked(start, round(hours[j, s] * HOUR))
        laid[j, s] = start, end
        free[station] = done[j] = end
    return laid


def opening(at: int) -> int:
    """The first working second from ``at`` on; 2026-06-01 is a Monday."""
    while True:
        day, second = divmod(at - PLAN.clock, DAY)
        if day % 7 >= 5 or second >= 18 * HOUR:
            at = PLAN.clock + (day + 1) * DAY + 6 * HOUR
        elif second < 6 * HOUR:
            at = PLAN.clock + day * DAY + 6 * HOUR
        else:
            return at


def worked(at: int, seconds: int) -> int:
    while True:
        close = PLAN.clock + (at - PLAN.clock) // DAY * DAY + 18 * HOUR
        if seconds <= close - at:
            return at + seconds
        seconds -= close - at
        at = opening(close)
