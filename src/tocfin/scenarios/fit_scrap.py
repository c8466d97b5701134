"""Scrap: the share of an operation that is bad, by groups that differ.

Mean and cv are those of the shares (each operation weighs the same, as in the simulation); counting whole pieces
spreads a share by 1/12 of the square of one piece's share, which is taken out (Sheppard 1898).
"""

from __future__ import annotations

import math

import numpy as np
import polars as pl

from tocfin.errors import Finding
from tocfin.scenarios.distributions import Distribution
from tocfin.scenarios.fit_found import Figure, Found
from tocfin.scenarios.fit_groups import coded, levels, selector
from tocfin.scenarios.fit_history import LEAST, History, note
from tocfin.scenarios.fit_shapes import chosen

WAYS = ("product", "resource")


def scrap(history: History, findings: list[Finding]) -> list[Found]:
    """A rule for all operations, and one for each product or resource that differs by more than luck."""
    bad = history.bad
    if bad.height < LEAST:
        message = (
            f"{bad.height or 'no'} operations with good and scrapped quantities: too few to fit scrap;"
            f" {LEAST} are needed"
        )
        findings.append(note("too-thin", "operations", "scrap_qty", message, max(bad.height, 1)))
        return []
    if (few := int((bad["share"] > 0).sum())) < LEAST:
        message = f"{few:,} of {bad.height:,} operations had scrap, too few to fit its spread; {LEAST} are needed"
        findings.append(note("too-thin", "operations", "scrap_qty", message, max(few, 1)))
        return []
    found = []
    for level in levels(bad, bad["share"].to_numpy(), (), WAYS):
        group, names = coded(bad, level)
        found += [_rule(selector(name), bad.filter(pl.Series(group == g))) for g, name in enumerate(names)]
    return found


def _rule(where: dict[str, str], bad: pl.DataFrame) -> Found:
    share, n = bad["share"].to_numpy(), bad.height
    mean = float(share.mean())
    counting = float(np.mean(bad["step"].to_numpy() ** 2)) / 12.0
    spread = float(share.var(ddof=1))
    if spread <= 1e-18 or mean == 0.0:
        return Found("scrap", where, Distribution("constant", (mean,)), (Figure("mean", mean, 0.0, n),), {}, n)
    cv = math.sqrt(max(spread - counting, 1e-18)) / mean
    shape = chosen(share, (mean, cv), n)
    one = shape.distribution
    if one.name == "gamma":
        one = Distribution("gamma", (mean, cv))
    fourth = float(((share - mean) ** 4).mean()) / spread**2
    figures = (
        Figure("mean", mean, math.sqrt(spread / n), n),
        Figure("cv", cv, cv * math.sqrt(max(fourth - 1.0, 0.0) / (4.0 * n) + cv * cv / n), n),
    )
    return Found("scrap", where, one, figures, shape.goodness, n)
