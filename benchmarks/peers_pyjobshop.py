"""PyJobShop (OR-Tools behind it) on the same instances, at the same threads and seconds; imported when asked for."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from tocfin.reschedule.shop import Shop, ShopPlan


class Weights(NamedTuple):
    """Weighted tardiness of jobs: the objective nearest to money that can be told to it."""

    release: Any  # (jobs)
    need: Any  # (jobs)
    weight: Any  # (jobs) whole numbers


def makespan(shop: Shop, seconds: float, threads: int, seed: int) -> int | None:
    """The makespan that it finds; None where it finds no plan."""
    plan = solved(shop, seconds, threads, seed)
    return None if plan is None else plan.makespan


def solved(shop: Shop, seconds: float, threads: int, seed: int, weights: Weights | None = None) -> ShopPlan | None:
    """Its plan for the makespan, or for weighted tardiness."""
    from pyjobshop import Model, SolveStatus

    model = Model()
    machines = [model.add_machine() for _ in range(shop.n_machine)]
    modes: list[tuple[int, int]] = []
    for j, (low, high) in enumerate(zip(shop.job_first[:-1], shop.job_first[1:], strict=True)):
        told: dict[str, int] = {}
        if weights is not None:
            told = {"release_date": int(weights.release[j]), "due_date": int(weights.need[j])}
            told["weight"] = int(weights.weight[j])
        job, before = model.add_job(**told), None
        for x in range(int(low), int(high)):
            task = model.add_task(job=job)
            for c in range(int(shop.choice_first[x]), int(shop.choice_first[x + 1])):
                model.add_mode(task, machines[int(shop.choice_machine[c])], int(shop.choice_length[c]))
                modes.append((x, c))
            if before is not None:
                model.add_end_before_start(before, task)
            before = task
    if weights is not None:
        model.set_objective(weight_makespan=0, weight_total_tardiness=1)
    result = model.solve(time_limit=seconds, num_workers=threads, display=False, random_seed=seed)
    if result.status not in (SolveStatus.OPTIMAL, SolveStatus.FEASIBLE):
        return None
    tasks = result.best.tasks
    on = np.array([modes[task.mode][1] for task in tasks])
    start = np.array([task.start for task in tasks], np.int64)
    return ShopPlan(shop.choice_machine[on], start, start + shop.choice_length[on])
