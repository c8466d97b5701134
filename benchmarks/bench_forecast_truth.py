"""Are forecasts honest where the truth is known? Small plants whose month comes true by one of their own futures.

    python benchmarks/bench_forecast_truth.py [PLANTS] [TRUTHS OF EACH]

Forecasts of monthly throughput as of day 7, 14 or 21 (in turn), one for each plant-period, whose luck is independent of
all others. Fails unless the band P10 to P90 holds 77 to 83 % of 3,000 truths and P(miss) is right within 5 points in
each fifth. Targets are drawn from what the plan promised before the month began, TARGETS of them for each forecast, one
from each part of that distribution: late in a month most targets are safe or lost, and few would tell of the chances in
between. Those of one forecast share its truth, so the standard error of each fifth counts plant-periods, not targets.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from tocfin.dataset.page import Page
from tocfin.examples.halfway import month_plant, revealed
from tocfin.forecast.known import known
from tocfin.forecast.project import Asked, projected, valued
from tocfin.forecast.scopes import WHOLE
from tocfin.forecast.scores import FIFTHS, Verdict, judged, score
from tocfin.forecast.spans import period_called
from tocfin.measure import rules_of
from tocfin.scenarios.resolve import resolve
from tocfin.scenarios.run import replay, simulate
from tocfin.scenarios.uncertainty import read_uncertainty
from tocfin.scenarios.world import prepared

DAYS = (7, 14, 21)
CV = 0.35
#: Work varies by itself, and with the week of the plant.
NOISE = {
    "factor": [{"name": "week", "span": "week", "per": "plant"}],
    "duration": [{"all": True, "distribution": "lognormal", "cv": CV, "factors": {"week": 0.3}}],
}
REPLICATIONS = 384
TARGETS = 8

Chance = tuple[float, bool]


def verdicts(plants: int, truths: int, replications: int = REPLICATIONS) -> Iterator[tuple[Verdict, list[Chance]]]:
    """One forecast of throughput for each plant-period beside what it came to, and P(miss) of its targets."""
    noise = read_uncertainty(Page("noise"), {"uncertainty": NOISE}, Path())
    for plant in range(plants):
        dataset = month_plant(plant)
        assert dataset.plan is not None
        rules, period = rules_of(dataset.plan, None), period_called(dataset, None)
        resolved, _ = resolve(noise, dataset)
        world = prepared("truth", dataset, resolved)
        luck = np.random.Generator(np.random.PCG64([7, plant]))
        promised = valued("throughput", simulate([world], 10_000 + plant, 512).terms[0][:, :, 0].sum(axis=1), rules)
        for number in range(truths):
            truth = replay(world, 20_000 + plant, number)
            came = float(valued("throughput", truth.terms[:, :, 0].sum(axis=1)[:, None], rules)[0])
            targets = np.quantile(promised, (np.arange(TARGETS) + luck.uniform(size=TARGETS)) / TARGETS).tolist()
            day = DAYS[(plant * truths + number) % len(DAYS)]
            as_of = period.start + day * 86_400
            seen = known(revealed(dataset, truth, as_of, error=CV, seed=plant * truths + number), as_of)
            asked = Asked(period, as_of, rules, replications, plant * truths + number)
            (one,) = projected(seen.dataset, asked, resolved, dataset.tables["targets"])
            values = valued("throughput", one.totals(WHOLE, (period.start, period.end)), rules)
            verdict = judged(values, came, series="throughput", period=f"{plant}/{number}", day=day)
            yield verdict, [(float((values < target).mean()), came < target) for target in targets]


def fifths(found: Sequence[Sequence[Chance]]) -> Iterator[tuple[float, int, float, float, float]]:
    """Of each fifth of P(miss): where it begins, how many targets, said, missed, standard error of the difference."""
    for at in range(FIFTHS):
        low, high = at / FIFTHS, (at + 1) / FIFTHS
        inside = [[one for one in some if low <= one[0] < high or (high == 1 and one[0] == 1)] for some in found]
        n = sum(len(some) for some in inside)
        said, missed = (sum(one[k] for some in inside for one in some) / max(n, 1) for k in (0, 1))
        apart = [sum(missed - said for said, missed in some) for some in inside]
        yield low, n, said, missed, sum(one * one for one in apart) ** 0.5 / max(n, 1)


def main() -> int:
    """Print the figures; 1 when one is not reached."""
    plants, truths = (int(word) for word in (*sys.argv[1:], *("150", "20")[len(sys.argv) - 1 :]))
    pairs = list(verdicts(plants, truths))
    found, fine = [verdict for verdict, _ in pairs], True
    for day in (None, *DAYS):
        some = [one for one in found if day in (None, one.day)]
        whole = score(some)
        words = "all" if day is None else f"as of day {day}"
        low, high = 100 * whole.coverage.low, 100 * whole.coverage.high
        share = 100 * whole.coverage.value
        print(f"{words}: {whole.n:,} periods, {share:.1f} % in the band ({low:.1f} to {high:.1f}), "
              f"CRPS {whole.crps:,.0f}, bias {whole.bias:,.0f}")  # fmt: skip
        fine &= day is not None or 0.77 <= whole.coverage.value <= 0.83
    for low, n, said, missed, error in fifths([chances for _, chances in pairs]):
        apart = 100 * (missed - said)
        about = f"{n:,} targets, said {100 * said:.1f} %, missed {100 * missed:.1f} %, {apart:+.1f} points"
        print(f"P(miss) {low:.1f} to {low + 1 / FIFTHS:.1f}: {about} (standard error {100 * error:.1f})")
        fine &= abs(apart) <= 5
    print("holds" if fine else "NOT REACHED")
    return int(not fine)


if __name__ == "__main__":
    sys.exit(main())
