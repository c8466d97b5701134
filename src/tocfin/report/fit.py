"""A fit for a reader: each rule with its estimates, their standard errors and how well the distribution fits."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from tocfin.report.findings import as_records
from tocfin.report.forms import Page
from tocfin.report.grid import Grid
from tocfin.scenarios.fit import Fit
from tocfin.scenarios.fit_found import Figure, Found
from tocfin.scenarios.fit_shapes import Goodness

NAMES = (
    "quantity", "rows", "distribution", "figure", "estimate", "standard_error", "n", "ks", "anderson_darling",
    "lognormal_ks", "lognormal_anderson_darling", "gamma_ks", "gamma_anderson_darling",
)  # fmt: skip
HEADINGS = ("quantity", "for", "n", "distribution", "estimates ± standard error", "lognormal D, A²", "gamma D, A²")


def page(fit: Fit) -> Page:
    """One record per estimate, one line of the table per rule; the JSON form has the findings too."""
    records = [record for rule in fit.rules for record in _records(rule)]
    factors = [
        {"name": one.factor.name, "per": one.factor.per, "span": one.factor.span, "realisations": one.realisations}
        for one in fit.factors
    ]
    document = {
        "schema": 1, "source": fit.source, "factors": factors, "fits": records, "findings": as_records(fit.findings),
    }  # fmt: skip
    return Page(lambda: document, lambda: records, NAMES, lambda: [_grid(fit)])


def _records(rule: Found) -> list[dict[str, Any]]:
    same = {"quantity": rule.quantity, "rows": _rows(rule.where), "distribution": rule.shape}
    fits: dict[str, float | None] = {}
    for name, prefix in ((rule.shape, ""), ("lognormal", "lognormal_"), ("gamma", "gamma_")):
        found = rule.goodness.get(name)
        fits[f"{prefix}ks"] = None if found is None else found.ks
        fits[f"{prefix}anderson_darling"] = None if found is None else found.ad
    return [
        same | {"figure": one.name, "estimate": one.value, "standard_error": _known(one.error), "n": one.n} | fits
        for one in rule.figures
    ]


def _grid(fit: Fit) -> Grid:
    rows = [
        (
            rule.quantity, _rows(rule.where), f"{rule.n:,}", rule.shape, "; ".join(map(_estimate, rule.figures)),
            _fit(rule.goodness.get("lognormal")), _fit(rule.goodness.get("gamma")),
        )
        for rule in fit.rules
    ]  # fmt: skip
    notes = [
        f"{one.factor.name}: {one.realisations:,} realisations; its estimate is the loading" for one in fit.factors
    ]
    return Grid(f"fit of {fit.source}", HEADINGS, tuple(rows), frozenset({2}), (*notes, *fit.heading[3:]))


def _rows(where: Mapping[str, str]) -> str:
    return ", ".join(f"{column} {value}" for column, value in where.items()) or "all"


def _estimate(one: Figure) -> str:
    return f"{one.name} {one.value:.4g}" + ("" if math.isnan(one.error) else f" ± {one.error:.2g}")


def _fit(one: Goodness | None) -> str:
    return "" if one is None else f"{one.ks:.3f}, {one.ad:.2f}"


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None
