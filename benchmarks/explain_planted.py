"""Are planted causes found? 1,000 pairs of plants with one cause among nine nuisances, 1,000 with two among eight.

Run it as ``python benchmarks/explain_planted.py [--cases 1000]``; fails below 95 % (first place) and 90 % (both among
the first three).
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1] / "tests"), str(Path(__file__).parents[1] / "tests" / "forecast")]

from planted_causes import case  # noqa: E402


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=1_000)
    cases = parser.parse_args().cases
    alone = both = 0
    for seed in range(cases):
        planted, ranked = case(seed, 1)
        alone += ranked[0] in planted
        planted, ranked = case(10_000_000 + seed, 2)
        both += planted <= set(ranked[:3])
        if (seed + 1) % 50 == 0:
            print(f"{seed + 1} of each: {alone} first, {both} among three", file=sys.stderr, flush=True)
    print(f"one cause first: {alone} of {cases} ({alone / cases:.1%}); two causes among three: {both / cases:.1%}")
    return 0 if alone >= 0.95 * cases and both >= 0.90 * cases else 1


if __name__ == "__main__":
    sys.exit(main())
