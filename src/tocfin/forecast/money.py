"""Prices, rates, need dates and material of one state of the structure, for every state of what they hang on."""

from __future__ import annotations

from functools import cached_property
from typing import Any, NamedTuple, cast

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocfin.dataset import Dataset, Plan
from tocfin.dataset.currencies import job_rates, plant_rates
from tocfin.forecast.mixing import OTHER, On, Pair, key_of
from tocfin.forecast.quantities import Quantities
from tocfin.forecast.timing import Held
from tocfin.model.arrange import frozen
from tocfin.model.build import kept_share
from tocfin.model.groups import grouping
from tocfin.model.material import job_floor, job_material, stock

Columns = dict[str, Any]
Array = NDArray[Any]
#: Kinds of columns, and the drivers that each hangs on.
_MADE_OF = {
    "jobs": frozenset({"price", "volume", "mix", "late penalty", "currency"}),
    "rates": frozenset({"labour rate", "currency"}),
    "material": frozenset({"material price", "material usage", "stock", "volume", "mix", "scrap", "currency"}),
    "stock": frozenset({"material price", "stock"}),
}


class Sides(NamedTuple):
    """A column as both sides have it."""

    a: Array
    b: Array

    def pick(self, driver: str, on: On) -> Array:
        """The column on the side where ``driver`` stands."""
        return self.b if driver in on else self.a


class Worth(NamedTuple):
    """What a unit of money is worth in the reporting currency."""

    job: Array  # (jobs) of a job's own, on the day on which it ends
    work: Array  # (jobs) of its plant's, on that day
    plant: Array  # (plants) for flows
    closing: Array  # (plants) for stocks


class Money:
    """Columns of the enterprise (and hours of the schedule) that depend on what is not structure."""

    def __init__(self, pair: Pair, quantities: Quantities, plan: Held, structure: On) -> None:
        self._pair, self._structure, self._plan = pair, structure, plan
        frames, self.groups = plan.frames, grouping(plan.model, "plant")
        self._side = "b" if "assumptions" in structure else "a"
        jobs, operations = frames["jobs"], frames["operations"]
        self._factor = quantities.of_jobs(jobs["job"])
        self._quantities = quantities
        self._jobs = {c: _sides(pair, "jobs", jobs, c) for c in ("revenue", "late_penalty_per_day", "need_date")}
        orders = _sides(pair, "manufacturing_orders", frames["manufacturing_orders"], "need_date")
        row = frames["manufacturing_orders"]["job_row"].to_numpy()
        need = self._jobs["need_date"]
        self._order_need = Sides(_or(orders.a, need.a[row]), _or(orders.b, need.b[row]))
        self._carrying = operations["carrying_cost_per_day"].to_numpy().astype(np.float64)
        self._operation_job = operations["job_row"].to_numpy()
        rates = ("standard_hourly_cost", "overtime_hourly_cost")
        self._rates = {c: _sides(pair, "resources", frames["resources"], c) for c in rates}
        self._planned = _sides(pair, "jobs", jobs, "quantity")
        self._hours = _sides(pair, "activities", frames["activities"], "work_hours")
        self._dated = any(side.tables["exchange_rates"].height for side in (pair.a, pair.b))
        self._worths: dict[tuple[bool, int], Worth] = {}
        self._memo: dict[tuple[str, On, int], Columns] = {}

    def columns(self, on: On, lane: int, end: Array) -> tuple[Columns, Columns]:
        """Columns of the enterprise and of the schedule with the drivers ``on`` as in B.

        ``end`` (activities) is when work ends in this ``lane`` of times: rates have dates.
        """
        lane = lane if self._dated else 0
        worth = self._worth("currency" in on, lane, end)
        found = {name: column for what in _MADE_OF for name, column in self._remembered(what, on, lane, worth).items()}
        hours = self._hours.pick("speed", on)
        return found, {"activity_work_hours": frozen(hours)} if not np.isnan(hours).all() else {}

    def _remembered(self, what: str, on: On, lane: int, worth: Worth) -> Columns:
        """The columns of one kind, made once for each state of what they hang on."""
        key = (what, on & _MADE_OF[what], 0 if what == "stock" else lane)
        if key not in self._memo:
            made = {"jobs": self._of_jobs, "rates": self._of_rates, "material": self._material, "stock": self._stock}
            self._memo[key] = {name: frozen(np.ascontiguousarray(c)) for name, c in made[what](key[1], worth).items()}
        return self._memo[key]

    def _of_jobs(self, on: On, worth: Worth) -> Columns:
        jobs, stated = self._plan.frames["jobs"], self._factor(self._side, on)  # costs of a job are assumptions
        shipping, subcontract = (
            jobs[name].to_numpy().astype(np.float64) * stated * worth.job
            for name in ("shipping_cost", "subcontract_cost")
        )
        priced = self._factor("b" if "price" in on else "a", on)
        return {
            "job_shipping": shipping,
            "job_subcontract": subcontract,
            "job_revenue": self._jobs["revenue"].pick("price", on) * priced * worth.job * self._kept(on),
            "job_penalty": self._jobs["late_penalty_per_day"].pick("late penalty", on) * worth.job,
            "job_need": self._jobs["need_date"].pick("late penalty", on).astype(np.int64),
            "order_need": self._order_need.pick("late penalty", on).astype(np.int64),
            "operation_carrying": self._carrying * (stated * worth.work)[self._operation_job],
        }

    def _of_rates(self, on: On, worth: Worth) -> Columns:
        plants, of_resource = self._plan.frames["plants"], worth.plant[self._plan.model.enterprise.resource_plant]
        return {
            "resource_standard_cost": self._rates["standard_hourly_cost"].pick("labour rate", on) * of_resource,
            "resource_overtime_cost": self._rates["overtime_hourly_cost"].pick("labour rate", on) * of_resource,
            "plant_expense": plants["daily_operating_expense"].to_numpy().astype(np.float64) * worth.plant,
            "plant_capital": plants["invested_capital"].to_numpy().astype(np.float64) * worth.closing,
        }

    def _kept(self, on: On) -> Array:
        """Share of each job that it ends with, of the quantity that the drivers ``on`` make of it."""
        made = self._quantities
        theirs = ("volume" in on or not made.volume) and ("mix" in on or not made.mix)
        return self._shares[theirs]

    @cached_property
    def _shares(self) -> Sides:
        """Of either side's quantity, the share that each job ends with."""
        jobs, columns = self._plan.frames["jobs"], self._planned
        shares = (jobs.with_columns(pl.Series("quantity", one, nan_to_null=True)) for one in columns)
        return Sides(*(kept_share(one) for one in shares))

    def _material(self, on: On, worth: Worth) -> Columns:
        frames = dict(self._plan.frames)
        side = "b" if "material price" in on else "a"
        given = _sides(self._pair, "jobs", frames["jobs"], "material_cost").pick("material price", on)
        replaced = pl.Series("material_cost", given * self._factor(side, on), nan_to_null=True)
        frames["jobs"] = frames["jobs"].with_columns(replaced, pl.Series("rate", worth.job))
        frames["items"] = self._pair.table("items", on | self._structure).sort("item")
        frames["material_requirements"] = self._requirements(on, worth)
        kept = self._kept(on)[:, None]
        return {"job_material": job_material(frames) * kept, "job_floor": job_floor(frames)}

    def _requirements(self, on: On, worth: Worth) -> pl.DataFrame:
        """Requirements with quantities and amounts as the drivers ``on`` make them."""
        rows = self._pair.table("material_requirements", on | self._structure, both=True)
        chain = self._plan.frames["operations"].select("operation", "job_row")
        rows = rows.join(chain, on="operation", how="inner", maintain_order="left")
        factor = self._quantities.of_operations(rows["operation"])
        used, priced = ("b" if name in on else "a" for name in ("material usage", "material price"))
        stated, cost = (rows[f"{s}.{c}"].to_numpy() for s, c in ((used, "required_qty"), (priced, "total_cost")))
        required = stated * factor(used, on)
        bought = rows[f"{priced}.required_qty"].to_numpy()
        share = np.divide(required, bought, out=factor(priced, on), where=bought > 0)
        return rows.with_columns(
            pl.Series("required_qty", required),
            pl.Series("total_cost", cost.astype(np.float64) * share, nan_to_null=True),
            pl.Series("rate", worth.work[rows["job_row"].to_numpy()]),
            pl.Series("closing", worth.closing[self._plan.model.enterprise.job_plant[rows["job_row"].to_numpy()]]),
        )

    def _stock(self, on: On, _: Worth) -> Columns:
        names = ("items", "inventories", "warehouses")
        frames = {name: self._pair.table(name, on | self._structure) for name in names}
        frames["inventories"] = frames["inventories"].sort("warehouse", "item")
        plants = self._plan.frames["plants"].select(
            pl.col("plant").alias("key"), pl.int_range(pl.len(), dtype=pl.Int32).alias("plants")
        )
        return {n: c for n, c in stock(frames, plants).items() if n in ("stock_value", "stock_value_variable")}

    def _worth(self, theirs: bool, lane: int, end: Array) -> Worth:
        """Rates of one side, in its currencies, on the days on which jobs end in a lane."""
        if (theirs, lane) not in self._worths:
            self._worths[theirs, lane] = self._rated(self._pair.b if theirs else self._pair.a, theirs, end)
        return self._worths[theirs, lane]

    def _rated(self, dataset: Dataset, theirs: bool, end: Array) -> Worth:
        frames, plan = self._plan.frames, cast(Plan, dataset.plan)
        tables = {**frames, "exchange_rates": dataset.tables["exchange_rates"]}
        for name in ("plants", "jobs"):
            codes = _sides(self._pair, name, frames[name], "currency")[theirs].tolist()
            tables[name] = frames[name].with_columns(pl.Series("currency", codes, pl.String))
        tables["activities"] = frames["activities"].with_columns(pl.Series("end", end))
        plants, jobs = plant_rates(tables, plan), job_rates(tables, plan)
        columns = (jobs["rate"], jobs["plant_rate"], plants["rate"], plants["closing"])
        return Worth(*(column.fill_null(np.nan).to_numpy() for column in columns))


def _sides(pair: Pair, table: str, rows: pl.DataFrame, column: str) -> Sides:
    """A column of ``rows`` as both sides have it."""
    names = list(key_of(table))
    there = pair.aligned[table].select(*names, pl.col(column).alias("~x"), pl.col(f"{OTHER}{column}").alias("~y"))
    found = rows.select(names).join(there, on=names, how="left", maintain_order="left")
    a, b = (found[name] for name in ("~x", "~y"))
    if a.dtype.is_numeric() and column != "need_date":
        return Sides(*(side.cast(pl.Float64).fill_null(np.nan).to_numpy() for side in (a, b)))
    return Sides(*(np.array(side.to_list(), object) for side in (a, b)))


def _or(own: Array, other: Array) -> Array:
    """Own values, the other's where there is none."""
    return np.array([b if a is None else a for a, b in zip(own.tolist(), other.tolist(), strict=True)], np.int64)
