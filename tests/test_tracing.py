"""A trace ties a KPI to its terms and to the rows that make them."""

import math
from dataclasses import replace

import polars as pl
import pytest

from tocfin.dataset import Dataset
from tocfin.errors import UsageError
from tocfin.examples import example_dataset
from tocfin.kpi import KPIS
from tocfin.measure import measure
from tocfin.tracing import SIDES, trace


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    return example_dataset()


@pytest.mark.parametrize("policy", ["published", "reconciled"])
@pytest.mark.parametrize("name", KPIS)
def test_terms_and_rows_add_up_to_the_kpi(dataset: Dataset, name: str, policy: str) -> None:
    found = trace(dataset, name, policy=policy)
    assert found.figure == measure(dataset, policy=policy).figures[name]
    for side in SIDES:
        rows = [weight.amount for weight in found.weights if weight.side == side]
        count, rest = found.others.get(side, (0, 0.0))
        subtotal = found.subtotal(side)
        assert subtotal is not None
        assert math.isclose(math.fsum([*map(float, rows), rest]), subtotal, rel_tol=1e-9, abs_tol=1e-6)
        assert len(rows) == 10 or count == 0


def test_the_heaviest_rows_come_first(dataset: Dataset) -> None:
    found = trace(dataset, "throughput", rows=25)
    amounts = [abs(weight.amount or 0.0) for weight in found.weights]
    assert amounts == sorted(amounts, reverse=True)
    assert len(amounts) == 25
    jobs = dataset.tables["jobs"]
    first = found.weights[0]
    assert (first.table, jobs.filter(pl.col("row") == first.row)["job"][0]) == ("jobs", first.key)


def test_stock_is_traced_to_the_inventory_row(dataset: Dataset) -> None:
    found = trace(dataset, "raw_material_inventory_cost").weights[0]
    stock = dataset.tables["inventories"].filter(pl.col("row") == found.row).row(0, named=True)
    assert found.table == "inventories"
    assert found.key == f"{stock['warehouse']} / {stock['item']}"


def test_one_plant_is_traced_to_its_own_rows(dataset: Dataset) -> None:
    found = trace(dataset, "operating_expense", plants=["MKE"], rows=1000)
    plants = dict(dataset.tables["resources"]["resource", "plant"].iter_rows())
    assert {plants[weight.key] for weight in found.weights if weight.table == "resources"} == {"MKE"}
    assert found.figure == measure(dataset, plants=["MKE"]).figures["operating_expense"]


def test_rows_that_were_not_supplied_come_first(dataset: Dataset) -> None:
    empty = pl.when(pl.col("plant") == "MKE").then(None).otherwise(pl.col("invested_capital")).alias("invested_capital")
    plants = dataset.tables["plants"].with_columns(empty)
    found = trace(replace(dataset, tables={**dataset.tables, "plants": plants}), "investment")
    assert found.figure.status == "not_supplied"
    assert found.subtotal("numerator") is None
    assert (found.weights[0].key, found.weights[0].amount) == ("MKE", None)
    assert all(weight.amount is not None for weight in found.weights[1:])


def test_an_unknown_kpi_is_told_the_known_ones(dataset: Dataset) -> None:
    with pytest.raises(UsageError, match="net_profit"):
        trace(dataset, "profit")
