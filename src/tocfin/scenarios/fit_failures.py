"""Breakdowns: hours of work between two of them, and how long a repair takes.

Failures are a renewal process over hours of work with exponential times between them, as the simulation draws them:
the mean is the work done over the number of failures, with a relative standard error of 1 / √failures (Meeker and
Escobar, *Statistical Methods for Reliability Data*, 1998, 7.3). Repairs are hours of the resource's calendar.
"""

from __future__ import annotations

import math

import numpy as np
import polars as pl

from tocfin.errors import Finding
from tocfin.scenarios.distributions import Distribution
from tocfin.scenarios.fit_components import Floats
from tocfin.scenarios.fit_found import Figure, Found
from tocfin.scenarios.fit_groups import LUCK, chi_square_tail, coded, levels, selector
from tocfin.scenarios.fit_history import LEAST, History, note
from tocfin.scenarios.fit_shapes import chosen, cv_error, lognormal, mean_cv


def breakdowns(history: History, findings: list[Finding]) -> list[Found]:
    """A rule for every resource, and one for each that fails or is repaired differently, by more than luck."""
    failures = history.failures.join(history.hours.select("resource"), on="resource", how="semi", maintain_order="left")
    if failures.height < LEAST:
        message = (
            f"{failures.height or 'no'} downtime events of resources with finished work: too few to fit breakdowns;"
            f" {LEAST} are needed"
        )
        findings.append(note("too-thin", "events", "hours", message, max(failures.height, 1)))
        return []
    worked = float(history.hours["hours"].sum())
    found = [_rule({}, failures["hours"].to_numpy(), worked)]
    _, names = coded(failures, ("resource",))
    last = levels(failures, np.log(failures["hours"].to_numpy()), (), ("resource",))[-1]
    if last or _differ(history.hours, failures):
        for name in names:
            here = failures.filter(pl.col("resource") == name["resource"])["hours"].to_numpy()
            hours = float(history.hours.filter(pl.col("resource") == name["resource"])["hours"].sum())
            found.append(_rule(selector(name), here, hours))
    return found


def _differ(hours: pl.DataFrame, failures: pl.DataFrame) -> bool:
    """Whether resources fail at different rates (Pearson's χ² of failures against hours of work)."""
    count = failures.group_by("resource").len()
    both = hours.join(count, on="resource", how="left").filter(pl.col("hours") > 0)
    seen = both["len"].fill_null(0).to_numpy().astype(np.float64)
    expected = both["hours"].to_numpy() * seen.sum() / both["hours"].sum()
    kept = expected >= 5.0  # the approximation needs this much of each
    if np.count_nonzero(kept) < 2:
        return False
    statistic = float(((seen - expected)[kept] ** 2 / expected[kept]).sum())
    return chi_square_tail(statistic, int(kept.sum()) - 1) < LUCK


def _rule(where: dict[str, str], repair: Floats, worked: float) -> Found:
    n = repair.size
    between = worked / n
    mu, variance = float(np.log(repair).mean()), float(np.log(repair).var(ddof=1))
    if np.ptp(repair) <= 1e-9 * repair.mean():
        mean, cv, shape = float(repair.mean()), 0.0, None
    else:
        mean, cv = lognormal(mu, variance)
        shape = chosen(repair, (mean, cv), n)
        if shape.distribution.name != "lognormal":
            mean, cv = mean_cv(shape, repair)
    figures = (
        Figure("mtbf", between, between / math.sqrt(n), n),
        Figure("mttr", mean, mean * cv / math.sqrt(n), n),
        Figure("repair cv", cv, cv_error(repair, n), n),
    )
    one = Distribution("constant", (1.0,)) if shape is None else _relative(shape.distribution, mean)
    goodness = {} if shape is None else shape.goodness
    return Found("breakdowns", where, None, figures, goodness, n, {}, {"mtbf": between, "mttr": mean}, one)


def _relative(one: Distribution, mean: float) -> Distribution:
    """The distribution of repairs over their mean."""
    if one.name == "quantiles":
        return Distribution(one.name, (), one.levels, tuple(value / mean for value in one.values))
    return Distribution(one.name, (1.0, one.parameters[1]))
