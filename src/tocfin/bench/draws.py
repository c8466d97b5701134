"""The floor: every duration of a plant drawn by our own kernels, common factors too, and nothing else."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tocfin.kernels.advance import AT_ONCE, draw_some
from tocfin.kernels.compile import lean
from tocfin.kernels.draw import GROUP
from tocfin.kernels.noise import MIXED_AT_ONCE, factor_normals
from tocfin.scenarios.ordinary import lined
from tocfin.scenarios.world import World


@lean
def drawn_away(n: Any, distributions: Any, drawn: Any, seed: Any, first: Any, z: Any, scratch: Any, value: Any) -> None:
    """Durations of ``n`` members, each lot over the one before it."""
    e: Any = np.int64(0)
    for at in range(0, n, value.shape[0]):
        e = draw_some(distributions, drawn, e, at, min(at + value.shape[0], n), seed, first, z, scratch, value)


class Draws:
    """64 replications of the members of a route, drawn again and again into the same memory.

    ``at_once`` of them share it, so that it stays in a processor's cache.
    """

    def __init__(self, world: World, at_once: int = AT_ONCE) -> None:
        plan = world.ordinary
        if plan is None:
            raise ValueError("the floor is that of an ordinary plan")
        self.n, self.drawn, self.luck = plan.route.member_row.size, plan.drawn, world.luck
        self.z = lined((self.luck.factor_uid.size, GROUP), np.float32)
        words = MIXED_AT_ONCE * GROUP
        self.scratch = (lined((words,), np.uint32), lined((words,), np.float32))
        self.value = lined((at_once, GROUP), np.float64)

    def __call__(self, replications: int, seed: int) -> NDArray[np.float64]:
        """Draw ``replications``, whole blocks of them; the last lot of durations."""
        key = np.uint64(seed)
        for first in range(0, replications, GROUP):
            factor_normals(key, first, self.luck.factor_uid, self.z)
            drawn_away(self.n, self.luck.distributions, self.drawn, key, first, self.z, self.scratch, self.value)
        return self.value
