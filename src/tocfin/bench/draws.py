"""The floor: every duration of a plant drawn by our own kernels, common factors too, and nothing else."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tocfin.kernels.draw import DURATION, GROUP
from tocfin.kernels.noise import draw, factor_normals
from tocfin.scenarios.world import World


class Draws:
    """A block of ``lanes`` replications, drawn again and again into the same memory.

    With ``at_once`` the durations of so many activities share their memory, which then stays in a processor's cache.
    """

    def __init__(self, world: World, lanes: int = GROUP, at_once: int | None = None) -> None:
        self.luck = world.luck
        self.drawn = world.luck.duration
        if at_once is not None:
            self.drawn = self.drawn._replace(target=self.drawn.target % np.int32(at_once))
        self.z = np.empty((self.luck.factor_uid.size, lanes))
        self.value = np.empty((int(self.drawn.target.max()) + 1, lanes))

    def __call__(self, replications: int, seed: int) -> NDArray[np.float64]:
        """Draw ``replications``, whole blocks of them; the factors of the last block."""
        for first in range(0, replications, self.z.shape[1]):
            factor_normals(np.uint64(seed), first, self.luck.factor_uid, self.z)
            draw(self.luck.distributions, self.drawn, np.uint64(seed), first, DURATION, self.z, self.value)
        return self.value
