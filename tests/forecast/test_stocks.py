"""Stock at the close of every future: what the scorecard says of that future, written down as a plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

import numpy as np
import polars as pl
import pytest

from tables import frame
from tocfin.catalogue import BY_NAME
from tocfin.dataset import Dataset, Plan
from tocfin.dataset.page import Page
from tocfin.dataset.plan import Progress
from tocfin.dataset.stock import balances
from tocfin.examples.halfway import month_plant, revealed
from tocfin.forecast.buffers import buffer_lines
from tocfin.forecast.closing import Forecast, forecast
from tocfin.forecast.scopes import WHOLE
from tocfin.kpi import CLOSING
from tocfin.measure import measure
from tocfin.model.columns import NEVER
from tocfin.model.progress import at_work, numbered
from tocfin.scenarios.resolve import resolve
from tocfin.scenarios.run import Replay, replay
from tocfin.scenarios.uncertainty import read_uncertainty
from tocfin.scenarios.world import World, prepared

DAY = 86_400
NOISE: Mapping[str, Any] = {
    "duration": [{"all": True, "distribution": "lognormal", "cv": 0.4}],
    "demand": [{"all": True, "cancelled": 0.1}],
    "material": [{"all": True, "distribution": "triangular", "min": 0.0, "mode": 0.0, "max": 96.0}],
}


@lru_cache
def plant() -> Dataset:
    """Jobs that take steel, some of it on consignment; a few are for the shelf, one buys a part."""
    found = month_plant(3, jobs=18)
    clock = cast(Plan, found.plan).clock
    jobs = found.tables["jobs"]
    needs = found.tables["material_requirements"]
    bought = {"operation": "J004-2", "requirement_type": "BuyDirect", "required_qty": 1.0, "total_cost": 700.0}
    rows: dict[str, list[dict[str, Any]]] = {
        "warehouses": [{"warehouse": name, "plant": "P", "owned": name == "W"} for name in ("W", "C")],
        "inventories": [
            {"warehouse": "W", "item": "RM", "on_hand_qty": 150.0},
            {"warehouse": "C", "item": "RM", "on_hand_qty": 90.0},
            {"warehouse": "W", "item": "FG", "on_hand_qty": 12.0},
        ],
        "supplies": [
            {"supply": f"S{k}", "item": "RM", "warehouse": "W", "qty": 160.0, "due": clock + 5 * k * DAY}
            for k in (1, 2, 3)
        ],
        "demands": [{"demand": "D", "item": "FG", "qty": 5.0, "unit_price": 1.0, "due": clock + 9 * DAY}],
    }  # fmt: skip
    tables = {**found.tables, **{name: frame(BY_NAME[name], some) for name, some in rows.items()}}
    shelf = pl.col("job").is_in(["J002", "J009"])
    tables["jobs"] = jobs.with_columns(purpose=pl.when(shelf).then(pl.lit("Stock")).otherwise("purpose"))
    tables["material_requirements"] = pl.concat(
        [needs, frame(BY_NAME["material_requirements"], [bought]).with_columns(row=pl.lit(999, needs.schema["row"]))]
    )
    return replace(found, tables=tables)


@lru_cache
def world() -> World:
    resolved, _ = resolve(read_uncertainty(Page("noise"), {"uncertainty": dict(NOISE)}, Path()), plant())
    return prepared("truth", at_work(plant(), cast(Plan, plant().plan).clock), resolved)


@pytest.fixture(scope="module")
def noise(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("noise") / "noise.toml"
    parts = []
    for quantity, rules in NOISE.items():
        for rule in rules:
            cells = "\n".join(
                f"{name} = {str(cell).lower() if isinstance(cell, bool) else repr(cell)}" for name, cell in rule.items()
            )
            parts.append(f"[[uncertainty.{quantity}]]\n{cells}\n")
    file.write_text("\n".join(parts), "utf-8")
    return file


def came_true(truth: Replay) -> Dataset:
    """The plant whose plan is a future of it: its times, jobs that fall away cancelled."""
    place = numbered(plant().tables, cast(Plan, plant().plan))["activities"]["place"]
    times = pl.DataFrame({"place": place, "start": truth.start, "end": truth.end}).sort("place")
    gone = times["start"] == NEVER
    old = plant().tables["activities"]
    table = old.with_columns(
        start=pl.when(gone).then("start").otherwise(times["start"]),
        end=pl.when(gone).then("end").otherwise(times["end"]),
    )
    away = set(old.filter(gone)["operation"].str.head(4))
    jobs = plant().tables["jobs"].with_columns(cancelled=pl.col("job").is_in(sorted(away)))
    return replace(plant(), tables={**plant().tables, "activities": table, "jobs": jobs})


def lines(found: Forecast) -> dict[str, np.ndarray[Any, Any]]:
    return {line.kpi: line.values for line in found.lines if line.scope == WHOLE}


def test_every_future_closes_with_what_the_scorecard_says_of_it(noise: Path) -> None:
    calm = read_uncertainty(
        Page("noise"), {"uncertainty": {name: NOISE[name] for name in ("duration", "demand")}}, Path()
    )
    resolved, _ = resolve(calm, plant())
    start = prepared("truth", at_work(plant(), cast(Plan, plant().plan).clock), resolved)
    text = noise.read_text("utf-8").split("[[uncertainty.material]]")[0]
    file = noise.with_name("calm.toml")
    file.write_text(text, "utf-8")
    found = lines(forecast(plant(), period="horizon", uncertainty=file, replications=70, seed=5))
    fallen = 0
    for number in range(0, 70, 3):
        truth = replay(start, 5, number)
        card = measure(came_true(truth))
        fallen += int((truth.start == NEVER).any())
        for name in ("raw_material_inventory_cost", "finished_goods_inventory_cost", "inventory_cost", "investment"):
            assert found[name][number] == pytest.approx(card.figures[CLOSING[name]].value, rel=1e-12), (name, number)
    assert fallen > 3
    assert np.ptp(found["raw_material_inventory_cost"]) > 0


def test_a_late_supply_is_in_stock_when_it_comes(noise: Path) -> None:
    """Material that is drawn late moves its supply, here beyond the close in many futures."""
    asked = {"period": "horizon", "replications": 64, "seed": 5}
    clock = cast(Plan, plant().plan).clock
    ends = plant().tables["supplies"].with_columns(due=pl.lit(cast(Plan, plant().plan).horizon_end - 3_600, pl.Int64))
    last = replace(plant(), tables={**plant().tables, "supplies": ends})
    late = lines(forecast(last, uncertainty=noise, **asked))["raw_material_inventory_cost"]
    card = measure(last).figures["closing_raw_material_inventory_cost"].value
    assert clock < ends["due"][0]
    assert card is not None
    assert (late < card).sum() > 16  # some of the supplies miss the close


def test_without_luck_stock_closes_as_the_scorecard_says() -> None:
    found = forecast(plant(), period="horizon", uncertainty=None)
    card = measure(plant())
    for line in found.lines:
        if line.kpi in CLOSING and line.scope == WHOLE:
            value = card.figures[CLOSING[line.kpi]].value
            assert line.reason is None
            assert line.values[0] == pytest.approx(value, rel=1e-12), line.kpi
            assert line.plan == pytest.approx(value, rel=1e-12), line.kpi


def test_what_has_happened_is_known_and_once_the_period_is_over_all_of_it(noise: Path) -> None:
    truth = replay(world(), 5, 1)
    plan = cast(Plan, plant().plan)
    over = plan.horizon_end + 10 * DAY
    card = measure(came_true(truth))
    gone = plant().tables["jobs"].with_columns(cancelled=came_true(truth).tables["jobs"]["cancelled"])
    told = revealed(plant(), truth, over)
    told = replace(told, tables={**told.tables, "jobs": gone})
    found = forecast(told, period="horizon", as_of=over, uncertainty=noise, replications=64)
    for line in found.lines:
        if line.kpi in ("finished_goods_inventory_cost", "inventory_cost") and line.scope == WHOLE:
            assert line.values == pytest.approx(card.figures[CLOSING[line.kpi]].value, rel=1e-12), line.kpi
    half = revealed(plant(), truth, plan.clock + 12 * DAY)
    half = replace(half, tables={**half.tables, "jobs": gone})
    found = forecast(half, period="horizon", as_of=plan.clock + 12 * DAY, uncertainty=noise, replications=64)
    line = next(one for one in found.lines if one.kpi == "inventory_cost")
    assert line.actual is not None
    assert line.values.min() < line.mean.value < line.values.max()


@pytest.mark.parametrize(
    ("table", "kpi", "needs"),
    [
        ("supplies", "raw_material_inventory_cost", "supplies"),
        ("demands", "finished_goods_inventory_cost", "demands"),
        ("demands", "investment", "demands"),
    ],
)
def test_stock_without_its_flows_is_not_projected_and_the_missing_one_is_named(
    table: str, kpi: str, needs: str
) -> None:
    tables = {**plant().tables, table: plant().tables[table].clear()}
    found = forecast(replace(plant(), tables=tables), period="horizon", uncertainty=None)
    line = next(one for one in found.lines if one.kpi == kpi)
    assert np.isnan(line.values).all()
    assert line.reason is not None
    assert needs in line.reason
    assert "not projected" in line.reason


def test_stock_before_the_clock_is_not_projected() -> None:
    as_of = cast(Plan, plant().plan).clock - DAY
    line = next(
        one
        for one in forecast(plant(), period="horizon", as_of=as_of, uncertainty=None).lines
        if one.kpi == "investment"
    )
    assert line.reason is not None
    assert "known at the clock only, and the forecast is made before the clock" in line.reason


def test_a_stock_buffer_is_what_is_there_now_and_the_least_from_now_on() -> None:
    plan = cast(Plan, plant().plan)
    rows = [{"kind": "stock", "scope": "RM", "quantity": 200.0}]
    dataset = replace(plant(), tables={**plant().tables, "buffers": frame(BY_NAME["buffers"], rows)})
    held = balances(plant().tables, plan).filter(pl.col("item") == "RM", pl.col("at") < plan.horizon_end)
    (now,) = buffer_lines(dataset)
    assert (now.remains, now.projected) == (150.0, held["held"].min())
    as_of = plan.clock + 6 * DAY
    told = revealed(dataset, replay(world(), 5, 1), as_of)
    (later,) = buffer_lines(replace(told, plan=replace(plan, progress=Progress(as_of))))
    assert later.remains is not None
    assert later.remains < 150.0 + 160.0
    assert later.projected is not None
    assert later.projected <= later.remains
    nothing = replace(dataset, tables={**dataset.tables, "supplies": dataset.tables["supplies"].clear()})
    (unknown,) = buffer_lines(nothing)
    assert (unknown.remains, unknown.projected) == (150.0, None)
