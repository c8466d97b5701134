"""A simulated run whose writers are killed, as a program: ``killed_futures.py SCENARIO PATH REPLICATIONS KILLS SEED``.

Writers are forked from one process that has read the scenario and compiled the kernels; the last one is let finish.
"""

from __future__ import annotations

import os
import random
import sys
from pathlib import Path

from small_run import killed

from tocfin.scenarios.errand import warm
from tocfin.scenarios.hands import made
from tocfin.scenarios.launch import opened
from tocfin.scenarios.store import create, open_for_append

if __name__ == "__main__":
    scenario, target = sys.argv[1], Path(sys.argv[2])
    replications, kills, chance = int(sys.argv[3]), int(sys.argv[4]), random.Random(int(sys.argv[5]))
    launch = opened([scenario])
    manifest, dims = launch.manifest(3, None), launch.dims(replications, block=64)
    warm(launch)

    def write(path: Path, may: int, told: int) -> None:
        """Create or carry on the run: a commit for every byte of ``may``, each of them said on ``told``."""
        with (open_for_append if path.exists() else create)(path, manifest, dims) as run:
            for block in run.wanting:
                os.read(may, 1)
                run.commit_block(block, made(launch, run, block))
                os.write(told, b".")
            run.finish(f"all {replications:,} replications done")

    pace = 0.1
    for _ in range(kills):
        pace = killed(target, chance, pace, write, most=2)
    write(target, os.open("/dev/zero", os.O_RDONLY), os.open(os.devnull, os.O_WRONLY))
