"""How much is made on either side: volume, mix and loss as factors on what is stated for the whole of a job."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocfin.forecast.mixing import OTHER, On, Pair

Factors = NDArray[np.float64]
#: Relative differences up to this are rounding.
NEAR = 1e-9


class Quantities:
    """Quantities of the jobs of two sides, and what follows from them."""

    def __init__(self, pair: Pair) -> None:
        jobs = pair.aligned["jobs"]
        a, b = (jobs[column].to_numpy().astype(np.float64) for column in ("quantity", f"{OTHER}quantity"))
        common = jobs["~common"].to_numpy() & (a > 0) & (b > 0)
        self._a, self._b = np.where(common, a, 1.0), np.where(common, b, 1.0)
        total = self._a[common].sum()
        self.growth = float(self._b[common].sum() / total) if total else 1.0
        self.volume = abs(self.growth - 1) > NEAR
        self.mix = bool((np.abs(self._b - self._a * self.growth) > NEAR * self._b)[common].any())
        self._pair, self._jobs = pair, jobs.select("job").with_row_index("~at")
        operations = pair.aligned["operations"]
        lost = [_lost(operations, prefix) for prefix in ("", OTHER)]
        known = ~np.isnan(lost[0]) & ~np.isnan(lost[1])
        self._lost = [np.where(known, side, 0.0) for side in lost]
        self.scrap = bool((self._lost[0] != self._lost[1]).any())
        self._operations = operations.select("operation", "manufacturing_order").join(
            pair.aligned["manufacturing_orders"].select("manufacturing_order", "job"),
            on="manufacturing_order", how="left", maintain_order="left",
        ).join(self._jobs, on="job", how="left", maintain_order="left").with_row_index("~op")  # fmt: skip

    def explained(self, differing: set[str]) -> set[str]:
        """Drivers among ``differing`` whose columns differ only as the quantities do."""
        gone = set()
        if not (self.volume or self.mix):
            gone.add("volume")
        elif not self.volume:
            gone.add("volume")
            differing.add("mix")
        elif self.mix:
            differing.add("mix")
        if not self.scrap:
            gone.add("scrap")
        if "volume" in differing and (self.volume or self.mix):
            gone |= {name for name in ("price",) if not self._differs("jobs", "revenue", self.of_jobs)}
            gone |= {
                name
                for name in ("material usage",)
                if not self._differs("material_requirements", "required_qty", self.of_operations)
                and not self._pair.rerouted("material_requirements")
            }
        return gone

    def _differs(self, table: str, column: str, of: Callable[[pl.Series], Factor]) -> bool:
        frame = self._pair.aligned[table]
        factor = of(frame["job" if table == "jobs" else "operation"])("a", {"volume", "mix"})
        a, b = (frame[name].to_numpy().astype(np.float64) for name in (column, f"{OTHER}{column}"))
        apart = np.abs(b - a * factor) > NEAR * np.abs(b)
        return bool((apart | (np.isnan(a) != np.isnan(b))).any())

    def of_jobs(self, jobs: pl.Series) -> Factor:
        """Factors of rows of these jobs."""
        at = pl.DataFrame({"job": jobs}).join(self._jobs, on="job", how="left", maintain_order="left")["~at"].to_numpy()
        return lambda side, on: self._scaled(side, on)[at]

    def of_operations(self, operations: pl.Series) -> Factor:
        """Factors of rows of these operations, with the pieces that are lost."""
        rows = pl.DataFrame({"operation": operations})
        found = rows.join(self._operations, on="operation", how="left", maintain_order="left")
        at, op = found["~at"].to_numpy(), found["~op"].to_numpy()

        def factor(side: str, on: On | set[str]) -> Factors:
            mine, wanted = self._lost[side == "b"], self._lost["scrap" in on]
            values: Factors = self._scaled(side, on)[at] * ((1 - mine) / (1 - wanted))[op]
            return values

        return factor

    def _scaled(self, side: str, on: On | set[str]) -> Factors:
        """Quantity with the drivers ``on``, relative to that of a side: (jobs of both sides)."""
        volume, mix = ("volume" in on or not self.volume), ("mix" in on or not self.mix)
        quantity = {
            (False, False): self._a,
            (True, False): self._a * self.growth if self.volume else self._a,
            (False, True): self._b / self.growth if self.mix else self._a,
            (True, True): self._b if self.volume or self.mix else self._a,
        }[volume, mix]
        return quantity / (self._b if side == "b" else self._a)


#: Factors by the side that states the amount and the drivers that stand as in B.
Factor = Callable[[str, "On | set[str]"], Factors]


def _lost(operations: pl.DataFrame, prefix: str) -> Factors:
    """Share of the pieces that an operation lost; NaN where it was not reported."""
    good, scrap = (operations[f"{prefix}{name}"].to_numpy().astype(np.float64) for name in ("good_qty", "scrap_qty"))
    with np.errstate(divide="ignore", invalid="ignore"):
        share: Factors = np.where(good > 0, scrap / (good + scrap), np.nan)
    return share
