"""The plan ranked first under uncertainty against the plan that is best on paper, on seeded plants and fresh luck.

For each plant candidates are searched by a budget of work, ranked in futures of one seed by the greatest mean, and the
first is compared with the one that is best on paper, replication by replication, in futures of a seed that nothing was
ranked or searched with. The plan that is best on paper had all of its search on paper, and as many moves besides. Fails
unless the mean difference over the plants is positive with its 95 % interval, and the plans differ on 8 plants.

    python benchmarks/bench_proof.py --plants 20
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from odd_plants import odd_plant
from tocfin.reschedule.clock import Clock
from tocfin.reschedule.improve import Candidate, improve
from tocfin.reschedule.propose import Proposal, proposed
from tocfin.reschedule.prove import proved
from tocfin.reschedule.risk import RISKS
from tocfin.reschedule.source import assumed
from tocfin.scenarios.estimates import mean

FRESH = 20_261_127
PLANTS, FEWEST, REPLICATIONS, RANKED, WORK = 20, 8, 4_096, 1_024, 20_000


def best_on_paper(found: Proposal, work: int, threads: int) -> Candidate:
    """The greatest objective on paper of all candidates and of a search that only looks there."""
    only = improve(found.problem, Clock(0, work=work), seed=2, threads=threads)
    sound = [one for one in (*found.found.candidates, *only.candidates) if not one.breaches]
    return max(sound, key=lambda one: one.price.objective)


def one_plant(seed: int, asked: argparse.Namespace) -> dict[str, Any]:
    """What ranking under uncertainty brings on one plant."""
    begun = monotonic()
    source = assumed(odd_plant(seed, asked.jobs))
    work = Clock(0, work=asked.work)
    neutral = {"risk": RISKS["neutral"], "threads": asked.threads}
    found = proposed(source, work, replications=RANKED, **neutral)
    paper = best_on_paper(found, asked.work, asked.threads)
    first = found.best
    pair = [replace(paper, name="paper"), replace(first, name="first")]
    fresh = proved(source, pair, seed=FRESH + seed, replications=asked.replications, **neutral)
    gap = fresh.named("first").values["value"] - fresh.named("paper").values["value"]
    columns = ["row", "resource", "start", "end"]
    return {
        "plant": seed,
        "paper": paper.name,
        "first": first.name,
        "differ": not paper.activities[columns].equals(first.activities[columns]),
        "on_paper": first.price.objective - paper.price.objective,
        "mean": float(gap.mean()),
        "better": float((gap > 0).mean()),
        "seconds": monotonic() - begun,
    }


def main() -> int:
    """Measure, print, judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, value in {"plants": PLANTS, "jobs": 30, "work": WORK, "replications": REPLICATIONS, "threads": 2}.items():
        parser.add_argument(f"--{name}", type=int, default=value)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    rows = []
    print(f"{'plant':>5} {'differ':>7} {'on paper':>10} {'in futures':>11} {'P(better)':>10} {'s':>6}  first")
    for seed in range(asked.plants):
        row = one_plant(seed, asked)
        rows.append(row)
        figures = f"{row['on_paper']:10,.0f} {row['mean']:11,.0f} {100 * row['better']:9.0f}% {row['seconds']:6.1f}"
        print(f"{seed:5} {'yes' if row['differ'] else 'no':>7} {figures}  {row['first']}", flush=True)
    over = mean(np.array([row["mean"] for row in rows]))
    differ = sum(row["differ"] for row in rows)
    print(f"mean difference {over.value:,.0f} ({over.low:,.0f} to {over.high:,.0f}); plans differ on {differ} plants")
    if asked.json:
        asked.json.write_text(json.dumps(rows, indent=1), encoding="utf-8")
    reached = over.low > 0 and differ >= FEWEST * asked.plants / PLANTS
    print("reached" if reached else "NOT reached")
    return not reached


if __name__ == "__main__":
    raise SystemExit(main())
