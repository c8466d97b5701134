"""Is a plan of a shop possible? Written from the rules alone: plain Python that knows neither kernels nor search."""

from __future__ import annotations

from collections.abc import Iterator

from tocfin.reschedule.shop import Shop, ShopPlan


def breaches(shop: Shop, plan: ShopPlan) -> Iterator[str]:
    """A sentence for each rule that ``plan`` breaks; none for a plan that can be carried out."""
    machine, start, end = plan.machine.tolist(), plan.start.tolist(), plan.end.tolist()
    n = shop.n_operation
    if not len(machine) == len(start) == len(end) == n:
        yield f"missing: the plan has {len(machine)} operations, the shop {n}"
        return
    for x in range(n):
        choices = range(int(shop.choice_first[x]), int(shop.choice_first[x + 1]))
        lengths = {int(shop.choice_machine[c]): int(shop.choice_length[c]) for c in choices}
        if machine[x] not in lengths:
            yield f"machine: operation {x} cannot run on machine {machine[x]}"
        elif end[x] - start[x] != lengths[machine[x]]:
            yield f"duration: operation {x} takes {lengths[machine[x]]} there, not {end[x] - start[x]}"
        if start[x] < 0:
            yield f"start: operation {x} starts before 0"
    for j in range(shop.job_first.size - 1):
        for x in range(int(shop.job_first[j]) + 1, int(shop.job_first[j + 1])):
            if start[x] < end[x - 1]:
                yield f"sequence: operation {x} starts before operation {x - 1} of its job ends"
    yield from _overlaps(machine, start, end)


def _overlaps(machine: list[int], start: list[int], end: list[int]) -> Iterator[str]:
    by_machine: dict[int, list[int]] = {}
    for x, k in enumerate(machine):
        by_machine.setdefault(k, []).append(x)
    for k, some in by_machine.items():
        some.sort(key=lambda x: (start[x], end[x]))
        busy, by = -1, -1
        for x in some:
            if start[x] < busy and end[x] > start[x]:
                yield f"overlap: operations {by} and {x} overlap on machine {k}"
            if end[x] > busy:
                busy, by = end[x], x
