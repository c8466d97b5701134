"""Is a planted constraint found? 100 plants, as they are and with overtime that hides it; fails below 95 of each.

``python benchmarks/bench_invest.py [--plants 100]``
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from forecast.planted_constraint import planted, question
from tocfin.forecast.invest import without_heroics, worth_of_hours

LEAST = 0.95


def main() -> None:
    """Count the plants in which the constraint comes first."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--plants", type=int, default=100)
    plants = parser.parse_args().plants
    first = hidden = unhidden = close = 0
    for seed in range(plants):
        dataset, constraint, near = planted(seed)
        first += worth_of_hours(question(dataset, seed), replications=64).lines[0].resource == constraint
        close += near
        dataset, constraint, _ = planted(seed, hidden=True)
        asked = question(dataset, seed)
        hidden += max(worth_of_hours(asked, replications=64).lines, key=lambda one: one.load).resource != constraint
        unhidden += worth_of_hours(without_heroics(asked), replications=64).lines[0].resource == constraint
    print(f"constraint first: {first} of {plants}, a second within 10 % of it in {close}")
    print(f"overtime hides it in {hidden}; without heroics it is first in {unhidden} of {plants}")
    if min(first, unhidden) < LEAST * plants or 2 * close < plants or 2 * hidden < plants:
        sys.exit(1)


if __name__ == "__main__":
    main()
