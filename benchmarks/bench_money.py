"""Money at scale: the search against the best rule, CP-SAT with the full objective, and PyJobShop, priced exactly.

    python benchmarks/bench_money.py ../shared/data/instances --only bel04 [--seconds 30] [--peers]
    python benchmarks/bench_money.py --large

Total cost is penalties, carrying, and the throughput that this period and the next lose, by the exact reference of
tests/ for every plan. Fails where the search is not at least 5 % below the best rule, or not below a peer that has
60 s; ``--large`` (100,000 operations) asks for a better plan than the best rule in 120 s and 4 GiB.
"""

from __future__ import annotations

import argparse
import resource
import sys
from pathlib import Path
from time import monotonic
from typing import Any

import numpy as np
from money_plants import CLOCK, DAY, Terms, cost, made_shop, plant, replanned, terms
from peers_pyjobshop import Weights, solved

from tocfin.reschedule.clock import Clock
from tocfin.reschedule.improve import PRESENT, RIGHT_SHIFT, SEARCH, SOONER, SOONER_POTENTIAL, improve
from tocfin.reschedule.problem import build_problem
from tocfin.reschedule.shop import Shop, read

#: Of the best rule's cost the search costs at most this much.
PROMISED = 0.95
PEER_SECONDS = 60.0
GIB = 2**20  # of ru_maxrss [KiB]


def cp_sat(one: Shop, told: Terms, half: int, last: int, seconds: float, seed: int) -> Any:
    """Starts by CP-SAT with the full objective in cents; None where it finds no plan."""
    from ortools.sat.python import cp_model

    model, on = cp_model.CpModel(), [[] for _ in range(one.n_machine)]
    start, total = [], []
    for j in range(told.need.size):
        before: Any = int(told.release[j])
        for x in range(one.job_first[j], one.job_first[j + 1]):
            length = int(one.choice_length[x])
            s = model.new_int_var(int(told.release[j]), last, "")
            model.add(s >= before)
            on[one.choice_machine[x]].append(model.new_fixed_size_interval_var(s, length, ""))
            before = s + length
            start.append(s)
            # carrying [cents]: from the start to the order's end
            total.append((-round(100 * told.carry[j]), s))
        end = model.new_int_var(0, last + 10**6, "")
        late = model.new_int_var(0, last + 10**6, "")
        early = model.new_int_var(0, last + 10**6, "")
        lost = model.new_bool_var("")
        model.add(end == before)
        model.add(late >= end - int(told.need[j]))
        model.add(early >= int(told.need[j]) - end)
        model.add(end < 4 * half).only_enforce_if(lost.negated())
        rate, n = round(100 * told.carry[j]), int(one.job_first[j + 1] - one.job_first[j])
        total += [(n * rate, end), (n * rate, early), (round(100 * told.penalty[j]), late)]
        total.append((round(100 * DAY * told.value[j]), lost))
    for intervals in on:
        model.add_no_overlap(intervals)
    model.minimize(sum(weight * variable for weight, variable in total if weight))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers, solver.parameters.random_seed = 2, seed
    solver.parameters.max_time_in_seconds = seconds
    found = solver.solve(model) in (cp_model.OPTIMAL, cp_model.FEASIBLE)
    return np.array([solver.value(s) for s in start], np.int64) if found else None


def compared(one: Shop, seconds: float, seed: int, peers: bool) -> bool:
    """Print what each plan costs; True where what is promised holds."""
    told = terms(one, seed)
    dataset = plant(one, told)
    begun = monotonic()
    problem = build_problem(dataset)
    found = improve(problem, Clock(seconds, begun=begun), seed=seed, threads=2)
    took = monotonic() - begun
    assert not found.best.breaches
    costs = {name: cost(dataset, found.named(name).activities, told) for name in _shown(found)}
    for name, amount in costs.items():
        print(f"{one.name:8} {name:45} {amount:16,.2f}")
    rule = min(amount for name, amount in costs.items() if name != SEARCH)
    kept = costs[SEARCH] <= PROMISED * rule
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / GIB
    ran = f"{found.steps:,} steps, {took:.1f} s of {seconds:g}, {memory:.2f} GiB"
    print(f"{one.name:8} search / best rule {costs[SEARCH] / rule:.4f}, {ran}")
    if one.n_operation >= 100_000:
        ruled = set(costs) - {SEARCH, PRESENT, SOONER, SOONER_POTENTIAL}
        return bool(ruled) and costs[SEARCH] < rule and took <= 1.1 * seconds and memory <= 4
    if peers:
        plan = dataset.plan
        assert plan is not None
        weights = Weights(told.release, told.need, told.penalty.astype(np.int64))
        half, last = plan.horizon_end - CLOCK, int(3 * (dataset.tables["activities"]["end"].max() - CLOCK))
        other = solved(one, PEER_SECONDS, 2, seed, weights)
        starts = {"PyJobShop": None if other is None else other.start}
        starts["CP-SAT"] = cp_sat(one, told, half, last, PEER_SECONDS, seed)
        for name, start in starts.items():
            amount = (
                float("inf")
                if start is None
                else cost(dataset, replanned(dataset, start, start + one.choice_length), told)
            )
            kept = kept and costs[SEARCH] < amount
            print(f"{one.name:8} {name + f' in {PEER_SECONDS:g} s':45} {amount:16,.2f}")
    return kept


def _shown(found: Any) -> list[str]:
    names = [one.name for one in found.candidates if not one.breaches]
    return [name for name in names if name not in (PRESENT, RIGHT_SHIFT)] + [PRESENT]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--only", action="append", default=[])
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--peers", action="store_true")
    parser.add_argument("--large", action="store_true")
    asked = parser.parse_args()
    tiny = made_shop(3, 2, 2, 1)
    improve(build_problem(plant(tiny, terms(tiny, 1))), Clock(0, work=20))  # compiles the kernels
    if asked.large:
        return 0 if compared(made_shop(2_000, 100, 50, asked.seed), 120.0, asked.seed, False) else 1
    names = asked.only or ["bel00", "bel04"]
    shops = [read(asked.folder / "jsp" / f"{name}.txt") for name in names]
    kept = [compared(one, asked.seconds, asked.seed, asked.peers) for one in shops]
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())
