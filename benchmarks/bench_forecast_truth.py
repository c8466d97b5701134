"""Are forecasts honest where the truth is known? Small plants whose month comes true by one of their own futures.

    python benchmarks/bench_forecast_truth.py [PLANTS] [TRUTHS OF EACH]

Forecasts of monthly throughput as of day 7, 14 or 21 (in turn), one for each plant-period, whose luck is independent of
all others. Fails unless the band P10 to P90 holds 77 to 83 % of 3,000 truths and P(miss) is right within 5 points in
each fifth. Targets are drawn from what the plan promised before the month began.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from tocfin.dataset.page import Page
from tocfin.examples.halfway import month_plant, revealed
from tocfin.forecast.known import known
from tocfin.forecast.project import Asked, projected, valued
from tocfin.forecast.scopes import WHOLE
from tocfin.forecast.scores import Verdict, calibration, judged, score
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


def verdicts(plants: int, truths: int, replications: int = REPLICATIONS) -> Iterator[Verdict]:
    """One forecast of throughput for each plant-period, beside what it came to."""
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
            target = float(np.quantile(promised, luck.uniform()))
            day = DAYS[(plant * truths + number) % len(DAYS)]
            as_of = period.start + day * 86_400
            seen = known(revealed(dataset, truth, as_of, error=CV, seed=plant * truths + number), as_of)
            asked = Asked(period, as_of, rules, replications, plant * truths + number)
            (one,) = projected(seen.dataset, asked, resolved, dataset.tables["targets"])
            values = valued("throughput", one.totals(WHOLE, (period.start, period.end)), rules)
            said = float((values < target).mean())
            yield judged(values, came, series="throughput", period=f"{plant}/{number}", day=day, p_miss=said,
                         missed=came < target)  # fmt: skip


def main() -> int:
    """Print the figures; 1 when one is not reached."""
    plants, truths = (int(word) for word in (*sys.argv[1:], *("150", "20")[len(sys.argv) - 1 :]))
    found = list(verdicts(plants, truths))
    fine = True
    for day in (None, *DAYS):
        some = [one for one in found if day in (None, one.day)]
        whole = score(some)
        words = "all" if day is None else f"as of day {day}"
        low, high = 100 * whole.coverage.low, 100 * whole.coverage.high
        share = 100 * whole.coverage.value
        print(f"{words}: {whole.n:,} periods, {share:.1f} % in the band ({low:.1f} to {high:.1f}), "
              f"CRPS {whole.crps:,.0f}, bias {whole.bias:,.0f}")  # fmt: skip
        fine &= day is not None or 0.77 <= whole.coverage.value <= 0.83
    for fifth in calibration(found):
        said, came = 100 * fifth.said, 100 * fifth.missed.value
        apart = came - said
        about = f"{fifth.missed.n:,} forecasts, said {said:.1f} %, missed {came:.1f} %, {apart:+.1f} points"
        print(f"P(miss) {fifth.low:.1f} to {fifth.high:.1f}: {about}")
        fine &= abs(apart) <= 5
    print("holds" if fine else "NOT REACHED")
    return int(not fine)


if __name__ == "__main__":
    sys.exit(main())
