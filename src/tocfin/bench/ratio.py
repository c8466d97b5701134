"""Has simulating become slower? Its cost in draws (of the same machine, in the same minute) against another commit's.

``python -m tocfin.bench.ratio measure`` prints the ratio of one round; ``decide HEAD BASE`` takes two files of such
lines and exits with 1 where the head is slower. ``.ci/bench`` runs both.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from tocfin.bench.draws import Draws
from tocfin.bench.plant import shop
from tocfin.bench.turns import turns
from tocfin.bench.worlds import world
from tocfin.scenarios.run import simulate

ACTIVITIES, REPLICATIONS, SEED = 20_000, 256, 1
ROUNDS = 7
MOST_SLOWER = 1.25


def measured() -> float:
    """Cost of simulating in draws, both on one thread, one run each after one unseen."""
    plan = world(shop(ACTIVITIES))
    draws = Draws(plan)
    took = turns(
        {
            "simulate": lambda: simulate([plan], SEED, REPLICATIONS, threads=1),
            "draws": lambda: draws(REPLICATIONS, SEED),
        },
        runs=1,
    )
    return took["simulate"].processor / took["draws"].processor


def decided(head: Sequence[float], base: Sequence[float]) -> tuple[bool, str]:
    """Whether the head is acceptable, and the sentence to print; raises ValueError for too few rounds."""
    if min(len(head), len(base)) < ROUNDS:
        raise ValueError(f"{len(head)} and {len(base)} rounds are too few; both need {ROUNDS}")
    ours, theirs = median(head), median(base)
    if not theirs > 0:
        raise ValueError(f"the base's ratio is {theirs:g}; it must be above 0")
    change = ours / theirs
    said = f"simulate/draws: {ours:.2f} against {theirs:.2f} of the base, {100 * (change - 1):+.0f} %"
    return change <= MOST_SLOWER, f"{said} (at most {100 * (MOST_SLOWER - 1):+.0f} %)"


def main(words: Sequence[str]) -> int:
    """What the command line asks for; the exit code."""
    match words:
        case ["measure"]:
            print(f"{measured():.4f}")
            return 0
        case ["decide", head, base]:
            fine, said = decided(*([float(line) for line in Path(name).read_text().split()] for name in (head, base)))
            print(said)
            return 0 if fine else 1
    print("say measure, or decide HEAD BASE", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
