"""A quote for a reader: what the order brings, when it can be promised, whom it makes late."""

from __future__ import annotations

from typing import Any

from tocfin.dataset.text import instant
from tocfin.report.amounts import shown, spread
from tocfin.report.forms import Page
from tocfin.report.grid import Grid

NAMES = ("job", "on_time_without", "on_time_with")
EFFECTS = ("throughput", "operating_expense", "investment", "net_profit")
SHOWN = 10


def page(found: Any, currency: str) -> Page:
    """``found`` is what `tocfin.forecast.quote.quoted` returned; CSV lists the jobs that are made late."""
    records = [_hit(hit) for hit in found.hits]
    document = {
        "schema": 1,
        "currency": currency,
        "product": found.order.product,
        "like": found.like,
        "price": found.price,
        "planned": {"start": instant(found.start), "end": instant(found.end)},
        "effect": {name: _estimate(getattr(found.effect, name)) for name in EFFECTS},
        "net_profit_rises": found.better.value,
        "ends_in_horizon": found.inside.value,
        "promise": {f"{share:.2f}": _date(estimate) for share, estimate in found.promise.items()},
        "break_even_price": found.break_even,
        "jobs": records,
        "replications": found.replications,
        "seed": found.seed,
    }
    return Page(lambda: document, lambda: records, NAMES, lambda: _grids(found, currency))


def _hit(hit: Any) -> dict[str, Any]:
    return {"job": hit.job, "on_time_without": hit.without.value, "on_time_with": hit.having.value}


def _estimate(estimate: Any) -> dict[str, float | None]:
    return {part: None if (at := getattr(estimate, part)) != at else at for part in ("value", "low", "high")}


def _date(estimate: Any) -> dict[str, str | None]:
    return {
        part: None if (at := getattr(estimate, part)) != at else instant(round(at)) for part in ("value", "low", "high")
    }


def _grids(found: Any, currency: str) -> list[Grid]:
    rows = [
        ("net profit", spread(found.effect.net_profit)),
        ("of it throughput", spread(found.effect.throughput)),
        ("and operating expense", spread(found.effect.operating_expense)),
        ("chance that net profit rises", str(found.better)),
        ("chance that it ends inside the horizon", str(found.inside)),
        ("price asked", shown(found.price, currency)),
        ("price at which nothing changes", "none" if found.break_even is None else shown(found.break_even, currency)),
        ("planned, with nothing else moved", f"{instant(found.start)} to {instant(found.end)}"),
    ]
    rows += [
        (f"date that is kept with {100 * share:.0f} %", instant(round(estimate.value)))
        for share, estimate in found.promise.items()
    ]
    notes = (
        f"made like {found.like}; with the order minus without it, {found.replications:,} futures, seed {found.seed}",
        f"money in {currency}, over the horizon; ± is the 95 % interval of the mean",
    )
    grids = [Grid(f"An order of {found.order.product}", ("what", "value"), tuple(rows), frozenset({1}), notes)]
    if found.hits:
        hit = tuple((hit.job, str(hit.without), str(hit.having)) for hit in found.hits[:SHOWN])
        more = (f"{len(found.hits) - SHOWN:,} more in --format csv",) if len(found.hits) > SHOWN else ()
        heads = ("job", "on time without it", "on time with it")
        grids.append(Grid("Whom it makes late", heads, hit, frozenset({1, 2}), more))
    return grids
