"""How well are structural and temporary changes told apart? 1,000 labelled series, 1,000 of noise, and run lengths.

Run it as ``python benchmarks/lasting.py [--series 1000] [--seed 1]``; fails where macro-F1 is below 0.90, noise is
called structural in more than 5 %, or the drift test tells too late or too often in vain.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "forecast"))

from labelled_series import CLASSES, balanced, steady

from tocfin.forecast.cusum import alarm
from tocfin.forecast.lasting import kind_of


def f1(told: np.ndarray, true: np.ndarray, label: str) -> float:
    hits = np.count_nonzero((told == label) & (true == label))
    return float(2 * hits / max(np.count_nonzero(told == label) + np.count_nonzero(true == label), 1))


def run_length(shift: float, runs: int, longest: int) -> float:
    rng = np.random.Generator(np.random.PCG64(3))
    told = [alarm(rng.standard_normal(longest) + shift) for _ in range(runs)]
    return float(np.mean([longest if one is None else one.at + 1 for one in told]))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--series", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    series = balanced(asked.seed, asked.series)
    kinds = [kind_of(one.values) for one in series]
    true, told = np.array([one.label for one in series]), np.array([kind.label for kind in kinds])
    scores = {label: f1(told, true, label) for label in CLASSES}
    noise = [kind_of(one.values) for one in steady(asked.seed, asked.series)]
    structural = np.mean([kind.label == "structural" for kind in noise])
    shown = np.mean([kind.label == "structural" and kind.clear for kind in noise])
    other = np.mean([kind.label != "steady" and kind.clear for kind in noise])
    clear = np.array([kind.clear for kind in kinds])
    print(", ".join(f"{label} {score:.3f}" for label, score in scores.items()))
    macro = float(np.mean(list(scores.values())))
    four = np.mean([scores[label] for label in CLASSES[:4]])
    right = np.mean((told == true)[clear])
    print(f"macro-F1 {macro:.3f} (of the four that need no counting {four:.3f})")
    print(f"right where clear {right:.3f}; clear in {clear.mean():.0%}")
    print(f"noise called structural {structural:.1%} (clearly {shown:.1%}), clearly anything {other:.1%}")
    lengths = run_length(0.0, 1_000, 6_000), run_length(1.0, 5_000, 200)
    print(f"drift: in control {lengths[0]:.0f} points, one sigma told after {lengths[1]:.1f}")
    return 0 if macro >= 0.90 and structural <= 0.05 and lengths[0] >= 370 and lengths[1] <= 12 else 1


if __name__ == "__main__":
    sys.exit(main())
