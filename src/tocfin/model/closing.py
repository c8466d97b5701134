"""What stock is worth later than at the clock: the value that moves in and out of it, by period and plant (R35)."""

from __future__ import annotations

from typing import NamedTuple, cast

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocfin.dataset import Dataset, Plan
from tocfin.dataset.stock import OTHER, balances, lacking
from tocfin.model.build import Model
from tocfin.model.columns import Floats, Horizon, Instants

#: Raw material, work in process and finished goods, each at cost and at truly variable cost.
N_CHANGE = 2 * OTHER


class Flows(NamedTuple):
    """Movements of owned stock from the clock on, and which kinds of stock are known to move in no other way."""

    at: Instants  # (movements) [s]
    plant: NDArray[np.int64]  # (movements) row of the plants
    kind: NDArray[np.int64]  # (movements) of ``STOCK_KIND``
    value: Floats  # (movements, 2) [money] at cost, at truly variable cost
    known: NDArray[np.bool_]  # (kinds) all that moves it is in the data set


def stock_flows(dataset: Dataset, model: Model) -> Flows:
    """Movements of the stock of a data set whose model this is."""
    plan = cast(Plan, dataset.plan)
    missing = lacking(dataset.tables, plan)
    known = np.array([kind not in missing for kind in range(OTHER)])
    if not known.any():
        none = np.zeros(0, np.int64)
        return Flows(none, none, none, np.zeros((0, 2)), known)
    worth = pl.coalesce("truly_variable_cost", "cost").alias("variable")
    plants = pl.DataFrame({"plant": model.keys["plant"], "place": np.arange(model.keys["plant"].len())})
    rows = balances(dataset.tables, plan).filter(pl.col("flow") != "opening", pl.col("kind") < OTHER)
    rows = rows.join(dataset.tables["items"].select("item", "cost", worth), on="item", maintain_order="left")
    rows = rows.join(plants, on="plant", maintain_order="left")
    change = rows["change"].to_numpy()
    value = np.stack([change * rows[name].to_numpy() for name in ("cost", "variable")], axis=1)
    at, plant, kind = (rows[name].to_numpy().astype(np.int64) for name in ("at", "place", "kind"))
    return Flows(at, plant, kind, value, known)


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
    out = np.zeros((n_period, n_plant, OTHER, 2))
    np.add.at(out, (period[counted], flows.plant[counted], flows.kind[counted]), flows.value[counted])
    out[:, :, ~flows.known] = np.nan
    return out.reshape(n_period, n_plant, N_CHANGE)
