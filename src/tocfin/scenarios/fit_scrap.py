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
from tocfin.scenarios.fit_shapes import chosen, cv_error

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
    mean, spread = float(share.mean()), float(share.var(ddof=1))
    if spread <= 1e-18:
        error = 0.0 if mean else math.nan  # none of n: how many there will be is not known any better
        return Found("scrap", where, Distribution("constant", (mean,)), (Figure("mean", mean, error, n),), {}, n)
    counting = float(np.mean(bad["step"].to_numpy() ** 2)) / 12.0
    if counting > spread / 12.0:  # a piece weighs more than the spread: there is no rounding to speak of
        counting = 0.0
    shape = chosen(share, (mean, math.sqrt(spread) / mean), n)
    cv, one = math.sqrt(spread - counting) / mean, shape.distribution
    if shape.chosen:
        one = Distribution(one.name, (mean, cv))
    figures = (Figure("mean", mean, math.sqrt(spread / n), n), Figure("cv", cv, cv_error(share, n), n))
    return Found("scrap", where, one, figures, shape.goodness, n)
