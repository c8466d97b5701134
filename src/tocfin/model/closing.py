"""What stock is worth later than at the clock: the value that moves in and out of it, by period and plant (R35).

Material on the floor is the fourth kind: what is issued to a job lies there from the start of its operation until the
job ends (R6); material bought for a job comes when its operation starts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, cast

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocfin.dataset import Dataset, Plan
from tocfin.dataset.movements import timed
from tocfin.dataset.stock import OTHER, balances, lacking
from tocfin.model.build import Model, arranged
from tocfin.model.columns import Bytes, Floats, Horizon, Instants, Ints
from tocfin.model.material import floor_quantities

#: Raw material, work in process, finished goods, then material on the floor.
FLOOR = OTHER
N_KIND = OTHER + 1
#: Each kind at cost and at truly variable cost; then stock, and the floor, of plants whose capital holds them.
N_CHANGE = 2 * (N_KIND + 2)
#: What decides when something moves: a date, a supply, the start of an operation, the end of an order or of a job.
DATE, SUPPLY, OPERATION, ORDER, JOB = range(5)
_BY = {"supply": SUPPLY, "operation": OPERATION, "manufacturing_order": ORDER, "job": JOB}


class Flows(NamedTuple):
    """Movements of owned stock from the clock on, and which kinds of stock are known to move in no other way.

    In another future than the plan they have other times, and stock on consignment is used at other times: its places
    (an item in a plant) have what lay there at the clock, and their movements what they move whoever owns it.
    """

    clock: int  # [s] nothing moves before it
    at: Instants  # (movements) [s] as planned
    plant: Ints  # (movements) row of the plants
    kind: Ints  # (movements) of ``N_KIND``
    change: Floats  # (movements) [unit] of owned stock as planned; 1 on the floor
    worth: Floats  # (movements, 2) [money/unit] at cost, at truly variable cost
    by: Bytes  # (movements) what decides when
    row: Ints  # (movements) which: row of the supplies as they stand, else of the model; -1 for a date
    job: Ints  # (movements) job that it falls away with; -1 for none
    spoils: Ints  # (movements) operation whose bad work takes more; -1 for none
    more: Floats  # (movements) [unit] what it takes more when all of it is bad
    place: Ints  # (movements) consignment it belongs to; -1 for none
    qty: Floats  # (movements) [unit] what moves, whoever owns it
    owned: NDArray[np.bool_]  # (movements)
    consigned: Floats  # (places, 2) [unit] owned and not owned, at the clock
    known: NDArray[np.bool_]  # (kinds) all that moves it is in the data set
    in_capital: NDArray[np.bool_]  # (plants) invested capital holds inventory


def stock_flows(dataset: Dataset, model: Model) -> Flows:
    """Movements of the stock of a data set whose model this is."""
    plan = cast(Plan, dataset.plan)
    missing = lacking(dataset.tables, plan)
    if len(missing) > OTHER:
        return _nothing(model)
    frames = arranged(dataset.tables, plan)
    rows, consigned = _opening(balances(dataset.tables, plan).filter(pl.col("kind") < OTHER))
    stock = _valued(rows.filter(pl.col("flow") != "opening"), frames)
    parts = _numbered(pl.concat([stock, _floor(frames, plan)], how="diagonal_relaxed"), frames, model)
    parts = parts.sort("plants", "kind", maintain_order=True)
    coded = {"plant": "plants", "kind": "kind", "row": "row", "job": "job_row", "spoils": "spoils", "place": "place"}
    columns: dict[str, Any] = {name: parts[name].to_numpy() for name in ("at", "change", "by", "more", "qty", "owned")}
    columns |= {name: parts[column].fill_null(-1).to_numpy().astype(np.int32) for name, column in coded.items()}
    return Flows(
        clock=plan.clock,
        **columns,
        worth=parts.select("cost", "variable").to_numpy().astype(np.float64),
        consigned=consigned,
        known=np.array([*(kind not in missing for kind in range(OTHER)), True]),
        in_capital=model.enterprise.plant_capital_has_stock.astype(np.bool_),
    )


def _nothing(model: Model) -> Flows:
    """No movement, and nothing known of any."""
    none, numbers, amounts = np.zeros(0, np.int64), np.zeros(0, np.int32), np.zeros(0)
    return Flows(
        0, none, numbers, numbers, amounts, np.zeros((0, 2)), numbers.astype(np.uint8), numbers, numbers, numbers,
        amounts, numbers, amounts, numbers.astype(np.bool_), np.zeros((0, 2)), np.zeros(N_KIND, np.bool_),
        model.enterprise.plant_capital_has_stock.astype(np.bool_),
    )  # fmt: skip


def _valued(rows: pl.DataFrame, frames: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Movements with what a unit is worth, and what bad work takes more of it."""
    worth = pl.coalesce("truly_variable_cost", "cost").alias("variable")
    rows = rows.join(frames["items"].select("item", "cost", worth), on="item", maintain_order="left")
    issue = pl.col("by") == "operation"
    needs = frames["material_requirements"].select("row", "required_qty")
    rows = rows.join(needs, on="row", how="left", maintain_order="left")
    return rows.with_columns(
        spoiler=pl.when(issue).then("key"), more=pl.when(issue).then(-pl.col("required_qty")).otherwise(0.0)
    )


def _floor(frames: Mapping[str, pl.DataFrame], plan: Plan) -> pl.DataFrame:
    """What comes to the floor when an operation starts, and leaves it when its job ends."""
    clock = pl.lit(plan.clock, pl.Int64)
    steps = timed(frames, plan.clock).select("operation", "job", "plant", "start", "end", "done")
    jobs = steps.group_by("job").agg(job_end=pl.col("end").max(), ends=pl.col("end").is_not_null().all())
    rows = floor_quantities(frames).join(steps.drop("end"), on="operation", maintain_order="left")
    rows = rows.join(jobs, on="job", maintain_order="left")
    rows = rows.filter(~(pl.col("ends") & (pl.col("job_end") < clock)))
    comes = (~pl.col("done") & pl.col("start").is_not_null()).fill_null(False)
    rows = rows.with_columns(comes=pl.when(comes).then(pl.col("whole") - pl.col("held")).otherwise(0.0))
    rows = rows.with_columns(spoiler=pl.when(comes).then("operation"), kind=pl.lit(FLOOR, pl.Int8), owned=pl.lit(True))
    again = pl.when(comes).then("wanted").otherwise(0.0)
    into = rows.filter(comes).with_columns(
        at=pl.max_horizontal("start", clock), by=pl.lit("operation"), key="operation", change="comes", more=again
    )
    out = rows.filter("ends").with_columns(
        at="job_end", by=pl.lit("job"), key="job", change=-(pl.col("held") + pl.col("comes")), more=-again
    )
    both = pl.concat([into, out])
    columns = ("plant", "at", "by", "key", "job", "kind", "owned", "spoiler", "cost", "variable", "change", "more")
    return both.select(*columns, qty="change")


def _numbered(rows: pl.DataFrame, frames: Mapping[str, pl.DataFrame], model: Model) -> pl.DataFrame:
    """Movements with the rows of the model (of the supplies as they stand) in place of keys."""
    keys = {
        "supply": frames["supplies"]["supply"],
        "operation": frames["operations"]["operation"],
        "manufacturing_order": frames["manufacturing_orders"]["manufacturing_order"],
        "job": frames["jobs"]["job"],
    }
    by = pl.concat(
        [pl.DataFrame({"by": name, "key": key, "row": np.arange(key.len())}) for name, key in keys.items()],
        how="vertical_relaxed",
    )
    plants = pl.DataFrame({"plant": model.keys["plant"], "plants": np.arange(model.keys["plant"].len())})
    jobs = by.filter(pl.col("by") == "job").select(job="key", job_row="row")
    steps = by.filter(pl.col("by") == "operation").select(spoiler="key", spoils="row")
    rows = rows.drop("row", strict=False).join(by, on=["by", "key"], how="left", maintain_order="left")
    for other, name in ((plants, "plant"), (jobs, "job"), (steps, "spoiler")):
        rows = rows.join(other, on=name, how="left", maintain_order="left")
    return rows.with_columns(by=pl.col("by").replace_strict(_BY, default=DATE, return_dtype=pl.UInt8))


def _opening(rows: pl.DataFrame) -> tuple[pl.DataFrame, Floats]:
    """``rows`` with the consignment that each belongs to, and what lay there: (places, 2) owned, not owned."""
    place = rows.filter(~pl.col("owned")).select("item", "plant").unique(maintain_order=True).with_row_index("place")
    rows = rows.join(place, on=["item", "plant"], how="left", maintain_order="left")
    opening = rows.filter(pl.col("flow") == "opening").drop_nulls("place")
    found = np.zeros((place.height, 2))
    np.add.at(
        found, (opening["place"].to_numpy(), (~opening["owned"]).to_numpy().astype(int)), opening["qty"].to_numpy()
    )
    return rows, found


def changes(flows: Flows, horizon: Horizon, n_plant: int) -> Floats:
    """What moves in and out inside the horizon: (periods + 1, plants, N_CHANGE) [money]; the last is *outside*.

    NaN for a kind of stock that cannot be projected.
    """
    n = max(horizon.edges.size, 1)
    period = np.searchsorted(horizon.edges, flows.at, side="right") - 1
    period = np.where((period < 0) | (period >= n - 1), n - 1, period)
    return _summed(flows, flows.at < horizon.end, period, n, n_plant)


def until(flows: Flows, instant: int, horizon: Horizon, n_plant: int) -> Floats:
    """What moves before ``instant``: (plants, N_CHANGE) [money]; NaN before the clock and past the horizon."""
    if not horizon.clock <= instant <= horizon.end:
        return np.full((n_plant, N_CHANGE), np.nan)
    everything = np.zeros(flows.at.size, np.int64)
    found: Floats = _summed(flows, flows.at < instant, everything, 1, n_plant)[0]
    return found


def _summed(flows: Flows, counted: NDArray[np.bool_], period: NDArray[np.int64], n_period: int, n_plant: int) -> Floats:
    out = np.zeros((n_period, n_plant, N_KIND, 2))
    value = flows.change[:, None] * flows.worth
    np.add.at(out, (period[counted], flows.plant[counted], flows.kind[counted]), value[counted])
    return with_capital(flows, out[..., None])[..., 0]


def with_capital(flows: Flows, value: Floats) -> Floats:
    """(…, plants, kinds, 2, lanes) as (…, plants, N_CHANGE, lanes): what capital holds behind it, unknown kinds NaN."""
    value[..., ~flows.known, :, :] = np.nan
    held = np.stack([value[..., :FLOOR, :, :].sum(axis=-3), value[..., FLOOR, :, :]], axis=-3)
    held[..., ~flows.in_capital, :, :, :] = 0.0
    whole = np.concatenate([value, held], axis=-3)
    return whole.reshape(*whole.shape[:-3], N_CHANGE, whole.shape[-1])
